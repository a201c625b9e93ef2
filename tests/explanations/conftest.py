"""What tests of explanations may ask for: the real ledger."""

import pytest

from core.database import Journal
from ledger.journal import LedgerJournal


@pytest.fixture
def journal() -> Journal:
    """The real ledger: nothing here may be recorded without it."""
    return LedgerJournal()
