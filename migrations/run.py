"""Bring a database to a revision: ``candor migrate`` and the tests call this, with no alembic.ini."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.ext.asyncio import create_async_engine

_SQLITE = "sqlite:///"
T = TypeVar("T")


def _configured(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(_configured(connection), revision)


def _asyncpg_connector(url: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- asyncpg is untyped
    import asyncpg  # noqa: PLC0415 -- only where PostgreSQL is used

    async def connect(**_: object):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- asyncpg is untyped
        return await asyncpg.connect(url)

    return connect


def upgrade(url: str, revision: str = "head") -> None:
    """Apply every step up to ``revision``; does nothing where the database is already there."""
    if url.startswith(_SQLITE):
        Path(url.removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, poolclass=pool.NullPool)
        with engine.begin() as connection:
            _upgrade(connection, revision)
        engine.dispose()
    else:
        asyncio.run(_on_postgres(url, lambda connection: _upgrade(connection, revision)))


def head() -> str | None:
    """Return the newest revision this release knows."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- alembic costs start-up time

    return ScriptDirectory.from_config(_configured()).get_current_head()


def current(url: str) -> str | None:
    """Return the revision a database is at; ``None`` if it has no schema of ours."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 -- alembic costs start-up time

    def look(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    if url.startswith(_SQLITE):
        engine = create_engine(url, poolclass=pool.NullPool)
        with engine.connect() as connection:
            found = look(connection)
        engine.dispose()
        return found
    return asyncio.run(_on_postgres(url, look))


async def _on_postgres(url: str, act: Callable[[Connection], T]) -> T:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=_asyncpg_connector(url), poolclass=pool.NullPool
    )
    async with engine.begin() as connection:
        found = await connection.run_sync(act)
    await engine.dispose()
    return found
