"""Bring a database to a revision: ``candor migrate`` and the tests call this, with no alembic.ini."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.ext.asyncio import create_async_engine

_SQLITE = "sqlite:///"


def _configured(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(_configured(connection), revision)


async def _upgrade_postgres(url: str, revision: str) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=_asyncpg_connector(url), poolclass=pool.NullPool
    )
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, revision)
    await engine.dispose()


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
        asyncio.run(_upgrade_postgres(url, revision))


def head() -> str | None:
    """Return the newest revision this release knows."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- alembic costs start-up time

    return ScriptDirectory.from_config(_configured()).get_current_head()
