"""How far a run is, written down while the model is asked."""

import asyncio
import time

from core.database import Database
from explanations.kept import store

_EVERY = 1.0


class Progress:
    """Writes down how far a run is, at most once a second and never two at a time."""

    def __init__(self, db: Database, run: str) -> None:
        self._db = db
        self._run = run
        self._told = 0.0
        self._writing: asyncio.Task[None] | None = None

    async def started(self) -> None:
        await self._db.transact(store.progress, self._run, 0)

    def tell(self, rows: int) -> None:
        now = time.monotonic()
        if now - self._told < _EVERY or (self._writing is not None and not self._writing.done()):
            return
        self._told = now
        self._writing = asyncio.create_task(self._db.transact(store.progress, self._run, rows))

    async def settled(self) -> None:
        """Wait for what is being written."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
