"""Lists in the order of their keys: the page that a cursor asks for (``api/paging.py`` seals the cursors)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request

from api.paging import Page
from api.state import state_of
from core.database import Reader
from core.principal import Principal

T = TypeVar("T")


async def by_key(
    request: Request,
    caller: Principal,
    name: str,
    listed: Callable[[Reader, str, str, int], Awaitable[list[T]]],
    key_of: Callable[[T], str],
    limit: int,
    cursor: str | None,
) -> Page[T]:
    """Return a page of the list ``name``; ``listed`` reads a tenant's items after a key, at most so many.

    Raises ``CursorRefusedError``.
    """
    state = state_of(request)
    filters = {"list": name}
    now: int = request.scope["candor.at"]
    after = "" if cursor is None else str(state.cursors.open(cursor, caller.tenant, filters, now)[0])
    found = await state.db.read(listed, caller.tenant, after, limit + 1)
    return state.cursors.page(found, limit, lambda item: [key_of(item)], caller.tenant, filters, now)
