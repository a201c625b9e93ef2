"""Every statement on saved views, on who has which page open, and on replies kept at hand."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.console.tables import OpenPage, ReadyReply, SavedView
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
_REPLY = "id, tenant, title, language, text, outcome, queue, made_by, made_at"
_REPLIES = Sql(f"SELECT {_REPLY} FROM ready_reply WHERE tenant = :tenant ORDER BY title, id LIMIT :most")  # noqa: S608 -- our own columns
_READY = Sql(f"SELECT {_REPLY} FROM ready_reply WHERE id = :id AND tenant = :tenant")  # noqa: S608 -- our own columns
_DROP_REPLY = Sql("DELETE FROM ready_reply WHERE id = :id AND tenant = :tenant")


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


def _reply(row: Sequence[Any]) -> ReadyReply:
    return ReadyReply(**dict(zip(_REPLY.split(", "), row, strict=True)))


async def replies(tx: Reader, tenant: str, most: int) -> list[ReadyReply]:
    """Return the replies a tenant's agents keep at hand, by title."""
    return [_reply(row) for row in await tx.rows(_REPLIES, tenant=tenant, most=most)]


async def reply(tx: Reader, tenant: str, reply_id: str) -> ReadyReply | None:
    """Return one reply kept at hand."""
    row = await tx.row(_READY, id=reply_id, tenant=tenant)
    return None if row is None else _reply(row)


def keep_reply(tx: Tx, made: ReadyReply) -> None:
    """Keep a reply at hand."""
    tx.add(made)


async def drop_reply(tx: Tx, tenant: str, reply_id: str) -> None:
    """Delete a reply kept at hand."""
    await tx.execute(_DROP_REPLY, id=reply_id, tenant=tenant)
