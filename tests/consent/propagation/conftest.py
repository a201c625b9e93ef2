"""What tests of propagation may ask for: a recipient that listens, and a house in which people can say no."""

from collections.abc import AsyncIterator

import pytest

from consent.notary import Notary
from core.clock import FixedClock
from core.database import Database
from tests.consent.keeping import opt_out_document, publish, purpose_document
from tests.consent.propagation.listening import House, Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A recipient that listens."""
    made = Receiver()
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def house(db: Database, notary: Notary, clock: FixedClock, receiver: Receiver) -> AsyncIterator[House]:
    """A house with the purposes ``train`` (opt-in) and ``profile`` (opt-out)."""
    await publish(db, clock, purpose_document())
    await publish(db, clock, opt_out_document())
    made = House(db, notary, clock, receiver)
    yield made
    await made.client.close()
