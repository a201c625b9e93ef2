"""What tests of the edge may ask for: the sample application and a client of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import Application
from core.clock import FixedClock
from core.keys import KeyRing
from tests.api import serving
from tests.api.shop import Shop, open_shop


@pytest.fixture
def sample(clock: FixedClock, keyring: KeyRing) -> Application:
    """The sample routes behind the edge, without a database."""
    return serving.sample_app(serving.make_state(clock, keyring))


@pytest.fixture
async def client(sample: Application) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the sample routes, in process."""
    async with serving.calling(sample) as client:
        yield client


@pytest.fixture
async def shop(database_url: str, keyring: KeyRing) -> AsyncIterator[Shop]:
    """A running Candor with two purposes and an AI system; once for each engine."""
    async with open_shop(database_url, keyring) as opened:
        yield opened
