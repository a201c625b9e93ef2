"""Reference groups, to read: whom people are compared with, why, and what each version said (Reg B 1002.9(b)(2))."""

from typing import Final

from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk
from api.console.page import Page
from core.database import Reader
from explanations.deployed import service, store
from explanations.deployed.store import GroupRow
from explanations.errors import ReferenceGroupNotFoundError

_MOST: Final = 500
_HERE: Final = f"{HOME}/reference-groups"


async def listed(desk: Desk) -> Response:
    """Show every group in its newest version."""
    found = await desk.state.db.read(store.groups_after, desk.tenant, "", _MOST)
    rows = [(row, service.reference_document(row)) for row in found]
    return rendering.page(desk, "explaining/groups.html", rows=rows)


async def one(desk: Desk) -> Response:
    """Show one group: who is in it, how people are told of it, why, and its earlier versions. Rows are never shown."""

    async def work(tx: Reader) -> list[GroupRow]:
        return await store.versions_of_group(tx, desk.tenant, desk.params["group"])

    found = await desk.state.db.read(work)
    if not found:
        raise ReferenceGroupNotFoundError
    versions = [(row, service.reference_document(row)) for row in found]
    return rendering.page(desk, "explaining/group.html", versions=versions)


PAGES: Final = (
    Page("GET", _HERE, "models.read", listed),
    Page("GET", f"{_HERE}/{{group}}", "models.read", one),
)
