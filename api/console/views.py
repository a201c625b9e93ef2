"""Saved views: a filter with a name, for oneself or for everybody who may open the list, with its count."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.responses import Response

from api.console import rendering, store, undo
from api.console.desk import HOME, Desk, go
from api.console.tables import SavedView
from core import ids
from core.errors import InvalidError, NotFoundError

_NAME = re.compile(r"[^\x00-\x1f]{1,60}")
_LONGEST_QUERY: Final = 1500
Counter = Callable[[Desk, dict[str, str]], Awaitable[tuple[int, bool]]]
# who can count a list, by its address; filled by the plan
COUNTERS: dict[str, tuple[str, Counter]] = {}


class ViewNotFoundError(NotFoundError):
    """There is no such view within reach."""

    code = "view-not-found"
    title = "There is no such saved view."


async def of_page(desk: Desk) -> list[SavedView]:
    """Return the saved views of the list that is shown."""
    return await desk.state.db.read(store.views, desk.tenant, desk.path, desk.principal.id)


async def save(desk: Desk) -> Response:
    """Keep the filter of a list under a name."""
    form = await desk.form("page", "query", "name")
    page, query = form["page"], form["query"]
    known = COUNTERS.get(page)
    if known is None or not desk.may(known[0]) or len(query) > _LONGEST_QUERY or "#" in query:
        raise InvalidError.field("/page", "not a list whose view can be kept")
    if _NAME.fullmatch(form["name"].strip()) is None:
        raise InvalidError.field("/name", "give it a name of 1 to 60 characters")
    made = SavedView(
        id=ids.new("vew", desk.now),
        tenant=desk.tenant,
        owner=desk.principal.id,
        page=page,
        name=form["name"].strip(),
        query=query,
        shared=form.get("shared") == "yes",
        created_at=desk.now,
    )

    async def work(tx: Any) -> None:
        store.add_view(tx, made)

    await desk.state.db.transact(work)
    return go(f"{page}?{query}" if query else page)


async def delete(desk: Desk) -> Response:
    """Delete one of one's own views."""
    form = await desk.form("page")
    gone = await desk.state.db.read(store.view, desk.tenant, desk.params["view"], desk.principal.id)
    if gone is None or not await desk.state.db.transact(store.delete_view, desk.tenant, gone.id, desk.principal.id):
        raise ViewNotFoundError
    fields = {"page": gone.page, "query": gone.query, "name": gone.name, "shared": "yes" if gone.shared else "no"}
    way_back = undo.Undo(f"Deleted the view {gone.name}.", f"{HOME}/views", fields)
    return undo.offer(desk, go(form["page"] if form["page"] in COUNTERS else HOME), way_back)


async def count(desk: Desk) -> Response:
    """Return how many rows a saved view has, for the number beside its name."""
    view = await desk.state.db.read(store.view, desk.tenant, desk.params["view"], desk.principal.id)
    if view is None or view.page not in COUNTERS or not desk.may(COUNTERS[view.page][0]):
        raise ViewNotFoundError
    number, whole = await COUNTERS[view.page][1](desk, dict(parse_qsl(view.query)))
    return rendering.fragment(desk, "count.html", count=number, whole=whole)
