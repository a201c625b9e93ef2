"""The register of touchpoints: where customers meet AI, who answers for it, what it lacks, and who is told of it."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, get_args

from starlette.responses import Response

from api.console import fields, rendering
from api.console.catalogue import Change, changes
from api.console.desk import HOME, Desk, go
from api.console.fields import json_of, revision_of
from api.console.page import Page
from core import canonical
from core.database import Reader, Tx
from core.errors import FieldError, InvalidError
from disclosures import service as systems
from disclosures.notices import standing
from disclosures.packs import service as packs
from disclosures.touchpoints import service
from disclosures.touchpoints.documents import LEADS, State
from disclosures.touchpoints.service import TouchpointView
from disclosures.touchpoints.store import VersionRow

_HERE: Final = f"{HOME}/touchpoints"
_PAGE: Final = 50


class Line(NamedTuple):
    """A touchpoint with what it lacks before customers may meet it, and the notices that are shown there."""

    view: TouchpointView
    lacks: tuple[FieldError, ...]
    notices: tuple[str, ...]


async def listed(desk: Desk) -> Response:
    """Show a page of the register by key."""
    after = desk.query("after", 64)

    async def work(tx: Reader) -> list[Line]:
        found = await service.listed(tx, desk.tenant, after, _PAGE + 1)
        return [await _line(tx, desk.tenant, view) for view in found]

    lines = await desk.state.db.read(work)
    further = lines[_PAGE - 1].view.touchpoint.key if len(lines) > _PAGE else None
    return rendering.page(desk, "disclosures/register.html", lines=lines[:_PAGE], further=further)


async def _line(tx: Reader, tenant: str, view: TouchpointView) -> Line:
    lacks = await service.lacking(tx, tenant, view.document, "live", standing.ready)
    published = await standing.in_force(tx, tenant)
    shown = [row.key for row, document in published if view.touchpoint.key in document.touchpoints]
    return Line(view, lacks, tuple(shown))


async def one(desk: Desk) -> Response:
    """Show one touchpoint: what the register says, said before, and what it lacks."""
    key = desk.params["key"]

    async def work(tx: Reader) -> dict[str, Any]:
        line = await _line(tx, desk.tenant, await service.view(tx, desk.tenant, key))
        system = await systems.view(tx, desk.tenant, line.view.document.system)
        newest = [one.version for one in system.document.versions[-1:]]
        return {
            "line": line,
            "system": system,
            "models": list(line.view.document.model_versions) or newest,
            "versions": _compared(await service.versions(tx, desk.tenant, key)),
        }

    facts = await desk.state.db.read(work)
    view = facts["line"].view
    return rendering.page(
        desk,
        "disclosures/touchpoint.html",
        **facts,
        view=view,
        document=view.document,
        leads=sorted(LEADS[view.touchpoint.state]),
        editable=fields.editable(view.document.as_json()),
    )


def _compared(found: Sequence[VersionRow]) -> list[tuple[VersionRow, list[Change]]]:
    documents = [canonical.loads(row.document) for row in found]
    befores = [*documents, {}][1:]
    return [
        (row, changes(before, document) if before else [])
        for row, document, before in zip(found, documents, befores, strict=True)
    ]


async def change(desk: Desk) -> Response:
    """Say something else of a touchpoint, over the very revision that was read."""
    form, key = await desk.form("document", "revision"), desk.params["key"]
    document = service.read_document(json_of(form["document"]))
    if document.key != key:
        raise InvalidError.field("/key", "a touchpoint keeps its key")
    packs.check_words(desk.state.packs, list(document.facts), None, None)

    async def work(tx: Tx) -> None:
        await service.change(tx, desk.principal, document, desk.now, revision_of(form), standing.ready)

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


async def move(desk: Desk) -> Response:
    """Put a touchpoint into another state; what customers meet has to be complete."""
    form, key = await desk.form("state", "revision"), desk.params["key"]
    state: State | None = next((one for one in get_args(State) if one == form["state"]), None)
    if state is None:
        raise InvalidError.field("/state", "not one of the states")

    async def work(tx: Tx) -> None:
        await service.move(tx, desk.principal, key, state, desk.now, revision_of(form), standing.ready)

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


PAGES: Final = (
    Page("GET", _HERE, "touchpoints.read", listed),
    Page("GET", f"{_HERE}/{{key}}", "touchpoints.read", one),
    Page("POST", f"{_HERE}/{{key}}/change", "touchpoints.write", change),
    Page("POST", f"{_HERE}/{{key}}/state", "touchpoints.write", move),
)
