"""Readiness: a process without its lease, or whose ledger is no longer sealed, gets no requests."""

import pytest

from api.probes import SEAL_PATIENCE, LeaseProbe, SealProbe
from core import ids
from core.clock import FixedClock
from core.database import Database, Journal, Tx
from core.database.coherence import Apply
from core.keys import KeyRing
from ledger import service as ledger
from ledger.entries import Entry
from ledger.journal import LedgerJournal

pytestmark = pytest.mark.anyio


@pytest.fixture
def journal() -> Journal:
    """The real ledger."""
    return LedgerJournal()


class Lease:
    """A lease that is held or not."""

    def __init__(self) -> None:
        self.held = True

    def listen(self, apply: Apply) -> None:
        """Tell nothing."""

    def current(self) -> bool:
        return self.held

    async def settle(self) -> None:
        """Do nothing."""

    async def open(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""


async def test_the_lease_is_asked_each_time() -> None:
    lease = Lease()

    assert await LeaseProbe(lease).check()
    lease.held = False
    assert not await LeaseProbe(lease).check()


async def append(tx: Tx, at: int) -> None:
    ledger.append(tx, Entry(kind="site.created", tenant="t", subject=None, public={"id": ids.new("site", at)}, at=at))


async def test_a_ledger_that_is_not_sealed_for_ten_seconds_is_not_ready(
    db: Database, clock: FixedClock, keyring: KeyRing
) -> None:
    probe = SealProbe(db, clock)
    assert await probe.check()
    await db.transact(append, clock.now())

    assert await probe.check()
    clock.advance(SEAL_PATIENCE)
    assert await probe.check()
    clock.advance(1)
    assert not await probe.check()

    await db.transact(ledger.seal, keyring, "example.com/log", clock.now())
    assert await probe.check()
