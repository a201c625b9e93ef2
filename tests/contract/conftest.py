"""The whole Candor, on each database; one for all tests of a file, for they leave no rows behind."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from core.keys import KeyRing
from tests.contract.whole import Whole, running

_numbers = itertools.count()


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
    original: str = request.getfixturevalue("postgres_template")
    name = f"contract_{original}_{next(_numbers)}"
    asyncio.run(_tell(server, f"CREATE DATABASE {name} TEMPLATE {original}"))
    head, _, query = server.partition("?")
    yield f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    asyncio.run(_tell(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def _tell(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(statement)
    await connection.close()


@pytest.fixture(scope="module")
async def whole(shared_database_url: str, keyring: KeyRing) -> AsyncIterator[Whole]:
    """A running Candor with one site and a credential of every role."""
    async with running(shared_database_url, keyring) as made:
        yield made
