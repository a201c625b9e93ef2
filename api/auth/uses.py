"""When API keys were last seen: kept in memory on the way in, written once a minute by each process.

Approximate on purpose; it is there to find keys that nobody uses, and costs the hot path one dictionary entry.
"""

import asyncio
import contextlib

from api.auth import service
from api.auth.directory import Directory
from core.database import Database
from core.errors import DomainError
from core.telemetry import logger, told

_log = logger("security")


class Uses:
    """Writes down the uses that one process has seen, as long as it serves."""

    def __init__(self, db: Database, directory: Directory, every: float = 60.0) -> None:
        """Write every ``every`` seconds."""
        self._db = db
        self._directory = directory
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start."""
        self._task = asyncio.create_task(self._run(), name="candor-key-uses")

    async def close(self) -> None:
        """Stop, and write what is still unwritten."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            await self.write()

    async def write(self) -> None:
        """Write what was seen since the last time; what can't be written is let go."""
        uses = self._directory.take_uses()
        if not uses:
            return
        try:
            await self._db.transact(service.note_uses, uses)
        except DomainError as error:
            _log.warning("key-uses-unwritten", count=len(uses), **told(error))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self.write()
