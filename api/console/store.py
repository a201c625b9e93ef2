"""Every statement on saved views, and on who has which page open."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.console.tables import OpenPage, SavedView
from core.database import Insert, Reader, Sql, Tx

_COLUMNS = "id, tenant, owner, page, name, query, shared, created_at"
_OF_PAGE = Sql(
    f"SELECT {_COLUMNS} FROM saved_view WHERE tenant = :tenant AND page = :page AND (shared OR owner = :owner)"  # noqa: S608 -- our own columns
    " ORDER BY id LIMIT 50"
)
_ONE = Sql(f"SELECT {_COLUMNS} FROM saved_view WHERE id = :id AND tenant = :tenant")  # noqa: S608 -- our own columns
_DELETE = Sql("DELETE FROM saved_view WHERE id = :id AND tenant = :tenant AND owner = :owner")
_NOTE_OPEN = Insert(OpenPage, key=("tenant", "page", "person"), replace=True)
_FORGET_OPEN = Sql("DELETE FROM open_page WHERE tenant = :tenant AND seen_at < :since")
_OPEN = Sql(
    "SELECT person, name, seen_at FROM open_page WHERE tenant = :tenant AND page = :page AND seen_at >= :since"
    " ORDER BY seen_at DESC, person LIMIT 20"
)


class Seen(NamedTuple):
    """Somebody who has a page open, and when that was heard last."""

    person: str
    name: str
    seen_at: int


def _view(row: Sequence[Any]) -> SavedView:
    view = SavedView(**dict(zip(_COLUMNS.split(", "), row, strict=True)))
    view.shared = bool(view.shared)
    return view


async def views(tx: Reader, tenant: str, page: str, owner: str) -> list[SavedView]:
    """Return the saved views of a page: one's own, and what others share."""
    return [_view(row) for row in await tx.rows(_OF_PAGE, tenant=tenant, page=page, owner=owner)]


async def view(tx: Reader, tenant: str, view_id: str, owner: str) -> SavedView | None:
    """Return a saved view within reach."""
    row = await tx.row(_ONE, id=view_id, tenant=tenant)
    found = None if row is None else _view(row)
    return found if found is not None and (found.shared or found.owner == owner) else None


def add_view(tx: Tx, made: SavedView) -> None:
    """Keep a view."""
    tx.add(made)


async def delete_view(tx: Tx, tenant: str, view_id: str, owner: str) -> bool:
    """Delete one's own view; tell whether it was there."""
    return await tx.execute(_DELETE, id=view_id, tenant=tenant, owner=owner) == 1


def note_open_page(tx: Tx, row: OpenPage) -> None:
    """Note that somebody has a page open."""
    tx.insert(_NOTE_OPEN, (row.tenant, row.page, row.person, row.name, row.seen_at))


async def open_pages(tx: Reader, tenant: str, page: str, since: int) -> list[Seen]:
    """Return who has a page open and was heard of since an instant."""
    return [Seen(*row) for row in await tx.rows(_OPEN, tenant=tenant, page=page, since=since)]


async def forget_open_pages(tx: Tx, tenant: str, since: int) -> None:
    """Forget who was not heard of since an instant."""
    await tx.execute(_FORGET_OPEN, tenant=tenant, since=since)
