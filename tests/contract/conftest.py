"""The whole Candor, on each database; one for all tests of a file, for they leave no rows behind."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.keys import KeyRing
from tests.contract.whole import Whole, running
from tests.databases import Databases, url_of


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Keep one loop for all tests of a file."""
    return "asyncio"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a migrated, empty database of each engine."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("contract") / "candor.db"
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgres_server")
    databases: Databases = request.getfixturevalue("postgres_databases")
    name = databases.lend()
    yield url_of(server, name)
    databases.take_back(name)


@pytest.fixture(scope="module")
async def whole(shared_database_url: str, keyring: KeyRing) -> AsyncIterator[Whole]:
    """A running Candor with one site and a credential of every role."""
    async with running(shared_database_url, keyring) as made:
        yield made
