"""What must hold for a process to get requests: its lease on the records, and a ledger that is being sealed."""

from core.clock import MICROS, Clock
from core.database import Database, Reader
from core.database.coherence import Coherence
from ledger import service as ledger

SEAL_PATIENCE = 10 * MICROS


class LeaseProbe:
    """Whether this process may answer from memory: it has seen every commit and was not cut off."""

    name = "lease"

    def __init__(self, coherence: Coherence) -> None:
        """Ask ``coherence``."""
        self._coherence = coherence

    async def check(self) -> bool:
        """Tell whether the lease is live."""
        return self._coherence.current()


class SealProbe:
    """Whether new entries get their checkpoint: a ledger that stops being sealed is no evidence (EVI-02)."""

    name = "ledger"

    def __init__(self, db: Database, clock: Clock) -> None:
        """Look into ``db``; patience is counted by ``clock``."""
        self._db = db
        self._clock = clock
        self._sealed = -1
        self._moved_at = 0

    async def check(self) -> bool:
        """Tell whether every entry is sealed, or the sealed part has grown within the last ten seconds."""
        sealed, size = await self._db.read(_sizes)
        now = self._clock.now()
        if sealed >= size or sealed != self._sealed:
            self._sealed, self._moved_at = sealed, now
        return now - self._moved_at <= SEAL_PATIENCE


async def _sizes(tx: Reader) -> tuple[int, int]:
    last = await ledger.latest_checkpoint(tx)
    return (last.size if last else 0), await ledger.size(tx)
