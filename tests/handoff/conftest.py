"""What tests of the handoff may ask for: the real ledger, and a floor with agents and customers."""

import pytest

from core.clock import FixedClock
from core.database import Database, Journal
from core.keys import KeyRing
from ledger.journal import LedgerJournal
from tests.handoff.floor import Floor


@pytest.fixture
def journal() -> Journal:
    """The real ledger: nothing here may be recorded without it."""
    return LedgerJournal()


@pytest.fixture
async def floor(db: Database, keyring: KeyRing, clock: FixedClock) -> Floor:
    """A service floor without agents; once for each engine."""
    return Floor(db, keyring, clock)
