"""Bring a database to a revision: ``candor migrate`` and the tests call this, with no alembic.ini."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

_SQLITE = "sqlite:///"
_REVISION = re.compile(r"(\d{4})_\w+\.py")
_CURRENT = "SELECT version_num FROM alembic_version"


def _configured(connection: "Connection | None" = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 -- 7 MB and 60 ms that a start at the newest revision saves

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: "Connection", revision: str) -> None:
    from alembic import command  # noqa: PLC0415 -- see above

    command.upgrade(_configured(connection), revision)


def _asyncpg_connector(url: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- asyncpg is untyped
    import asyncpg  # noqa: PLC0415 -- only where PostgreSQL is used

    async def connect(**_: object):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- asyncpg is untyped
        return await asyncpg.connect(url)

    return connect


def upgrade(url: str, revision: str = "head") -> None:
    """Apply every step up to ``revision``; does nothing where the database is already there."""
    if current(url) == (head() if revision == "head" else revision):
        return
    if url.startswith(_SQLITE):
        from sqlalchemy import create_engine, pool  # noqa: PLC0415 -- only where there is something to do

        _path(url).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, poolclass=pool.NullPool)
        with engine.begin() as connection:
            _upgrade(connection, revision)
        engine.dispose()
    else:
        asyncio.run(_on_postgres(url, lambda connection: _upgrade(connection, revision)))


def head() -> str:
    """Return the newest revision this release knows: steps are numbered by their files' names."""
    names = (path.name for path in (Path(__file__).parent / "versions").iterdir())
    return max(found.group(1) for found in map(_REVISION.fullmatch, names) if found is not None)


def current(url: str) -> str | None:
    """Return the revision a database is at; ``None`` if it has no schema of ours. Asks the driver, not Alembic."""
    if not url.startswith(_SQLITE):
        return asyncio.run(_current_postgres(url))
    if not _path(url).exists():
        return None
    with closing(sqlite3.connect(_path(url))) as connection:
        ours = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        found = connection.execute(_CURRENT).fetchone() if ours else None
    return str(found[0]) if found else None


def _path(url: str) -> Path:
    return Path(url.removeprefix(_SQLITE))


async def _current_postgres(url: str) -> str | None:
    import asyncpg  # noqa: PLC0415 -- only where PostgreSQL is used

    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetchval(_CURRENT)
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return str(found) if found is not None else None


async def _on_postgres(url: str, act: "Callable[[Connection], Any]") -> Any:
    from sqlalchemy import pool  # noqa: PLC0415 -- only where there is something to do
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 -- the same

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=_asyncpg_connector(url), poolclass=pool.NullPool
    )
    async with engine.begin() as connection:
        found = await connection.run_sync(act)
    await engine.dispose()
    return found
