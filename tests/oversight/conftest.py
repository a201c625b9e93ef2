"""What tests of the DPO's acts may ask for: the real ledger and a notary."""

import pytest

from consent.notary import Notary
from core.database import Journal
from core.keys import KeyRing
from ledger.journal import LedgerJournal
from tests.consent import choosing


@pytest.fixture
def journal() -> Journal:
    """The real ledger: nothing here may be recorded without it."""
    return LedgerJournal()


@pytest.fixture
def notary(keyring: KeyRing) -> Notary:
    """A notary who knows the AI systems ``bot`` and ``scorer``."""
    return choosing.make_notary(keyring)
