"""Statements of the edge: kept answers, and whether the database answers at all."""

from typing import NamedTuple

from api.tables import KeptAnswer
from core.database import Insert, Loader, Reader, Sql, Tx

_ONE = Sql("SELECT 1")
_FIGURES = Sql(
    "SELECT sqlite_version(), (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()),"
    " (SELECT version_num FROM alembic_version)",
    postgresql="SELECT current_setting('server_version'), pg_database_size(current_database()),"
    " (SELECT version_num FROM alembic_version)",
)
_KEPT = Sql("SELECT id, fingerprint, sealed, expires_at FROM kept_answer WHERE id = :id")
_KEPT_ALL = Sql("", postgresql="SELECT id, fingerprint, sealed, expires_at FROM kept_answer WHERE id = ANY(:ids)")
_PURGE = Sql(
    "DELETE FROM kept_answer WHERE id IN "
    "(SELECT id FROM kept_answer WHERE expires_at <= :now ORDER BY expires_at LIMIT :most)"
)
_KEEP = Insert(KeptAnswer, key=("id",), replace=True)


class Figures(NamedTuple):
    """What a database says of itself: its release, its bytes, the migration it is at."""

    version: str
    size: int
    revision: str


class Kept(NamedTuple):
    """What is kept of an answered request."""

    fingerprint: bytes
    sealed: bytes
    expires_at: int


async def answers(tx: Reader) -> bool:
    """Tell whether the database answers."""
    return await tx.row(_ONE) is not None


async def figures(tx: Reader) -> Figures:
    """Return what the database says of itself."""
    row = await tx.row(_FIGURES)
    return Figures("unknown", 0, "none") if row is None else Figures(str(row[0]), int(row[1]), str(row[2]))


async def _found(tx: Reader, ids: list[bytes]) -> dict[bytes, Kept | None]:
    if tx.dialect == "postgresql":
        rows = list(await tx.rows(_KEPT_ALL, ids=ids))
    else:
        rows = [row for key in ids for row in await tx.rows(_KEPT, id=key)]
    return {row[0]: Kept(row[1], row[2], row[3]) for row in rows}


KEPT: Loader[bytes, Kept | None] = Loader(_found, None)


async def kept(tx: Tx, key: bytes, now: int) -> Kept | None:
    """Return what is kept for the request ``key`` and has not expired at ``now``."""
    found = await tx.load(KEPT, key)
    return found if found is not None and found.expires_at > now else None


def keep(tx: Tx, key: bytes, row: Kept) -> None:
    """Keep the answer of a request, in place of an expired one that was not purged yet."""
    tx.insert(_KEEP, (key, *row))
    tx.remember(KEPT, key, row)


async def purge(tx: Tx, now: int, most: int) -> int:
    """Delete at most ``most`` expired answers and return how many there were."""
    return await tx.execute(_PURGE, now=now, most=most)
