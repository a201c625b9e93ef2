"""Seal the ledger: a signed checkpoint within a second of every entry, in the database and outside of it (EVI-02).

Runs in each process: sealing what is sealed already does nothing, and each replica keeps its own file of checkpoints.
"""

from pathlib import Path

from core.clock import Clock
from core.database import Database
from core.keys import KeyRing
from ledger import service as ledger
from ledger.sink import CheckpointFile


class Seal:
    """Signs the head when it has grown, then appends new notes to the file that the database can't rewrite."""

    def __init__(self, db: Database, clock: Clock, keyring: KeyRing, origin: str, file: Path | None) -> None:
        """Sign as ``origin``; ``file`` gets every note too."""
        self._db = db
        self._clock = clock
        self._keyring = keyring
        self._origin = origin
        self._file = CheckpointFile(file) if file is not None else None
        self._written: int | None = None

    async def run(self, _: object = None) -> None:
        """Seal once. Raises ``LedgerBrokenError`` if the log does not add to what was sealed before."""
        if await self._db.read(ledger.has_grown):
            await self._db.transact(ledger.seal, self._keyring, self._origin, self._clock.now())
        if self._file is not None:
            await self._write_out(self._file)

    async def _write_out(self, file: CheckpointFile) -> None:
        """Append what the file lacks, also after a crash between the database and the file."""
        if self._written is None:
            self._written = file.last_size()
        while fresh := await self._db.read(ledger.checkpoints, self._written):
            file.append(checkpoint.note for checkpoint in fresh)
            self._written = fresh[-1].size
