"""The buttons of a request's page: each takes one step, over the very version that was read.

Two people may have the same request open. Whoever is second is told what the first did and keeps what was written;
nothing is ever put over a change that was not seen.
"""

from collections.abc import Mapping

from starlette.responses import Response

from api import casework, etag
from api.console import rendering, together
from api.console.cases import filing, one, view, wording
from api.console.cases.filing import BOARD, Refused
from api.console.desk import Desk, go
from api.console.page import Endpoint
from api.problems import StaleError
from api.schemas.explanation_requests import StepIn
from core.database import Tx
from core.errors import DomainError
from explanations.correcting import Corrected
from explanations.requests import record, reviews


def act(step: str) -> Endpoint:
    """Return the endpoint of the button that takes a step."""

    async def take(desk: Desk) -> Response:
        form = await desk.form("version")
        return await taken(desk, step, form)

    take.__doc__ = f"Take the step `{step}`."
    return take


async def taken(desk: Desk, step: str, form: Mapping[str, str]) -> Response:
    """Take a step and go on, or show the page again with what was refused."""
    request_id = desk.params["request"]
    try:
        body = filing.body(step, form)
        await desk.state.db.transact(step_over, desk, request_id, form["version"], body)
    except StaleError:
        return await overtaken(desk, step, form)
    except DomainError as error:
        return await refused(desk, Refused(step, form, error))
    return go(f"{BOARD}/{request_id}")


async def step_over(
    tx: Tx, desk: Desk, request_id: str, version: str, body: StepIn, said: Corrected | None = None
) -> None:
    """Take a step over the version that was read. Raises ``StaleError`` and what the rooms raise."""
    case = await record.load(tx, desk.tenant, request_id)
    etag.require(etag.of(version), etag.of(case.row.seq))
    await casework.take(tx, desk.state.desk, desk.principal, request_id, body, desk.now, said)


async def refused(desk: Desk, told: Refused) -> Response:
    """Show the request with what was refused, why, and everything that was written."""
    whole = await desk.state.db.read(view.read, desk, desk.params["request"])
    facts = whole.case.facts
    if told.step in {"decide", "rerun"} and facts.reviewer == desk.principal.id and facts.evidence_at is not None:
        _, found = await desk.state.db.read(reviews.evidence, desk.state.desk, desk.principal, whole.case.row.id)
        return await one.showing_evidence(desk, whole, found, told)
    return await one.shown(desk, whole, told)


async def overtaken(desk: Desk, step: str, form: Mapping[str, str]) -> Response:
    """Tell what somebody else did since the page was opened; what was written can be copied."""
    whole = await desk.state.db.read(view.read, desk, desk.params["request"])
    seen = int(form["version"]) if form["version"].isascii() and form["version"].isdigit() else 0
    facts = {
        "row": whole.case.row,
        "since": [event for event in whole.events if event.seq > seen],
        "written": filing.written(step, form),
        "base": f"{BOARD}/{whole.case.row.id}",
        "w": wording,
        "others_here": await together.here(desk, f"{BOARD}/{whole.case.row.id}"),
    }
    return rendering.page(desk, "cases/overtaken.html", StaleError.status, **facts)


async def open_evidence(desk: Desk) -> Response:
    """Open the evidence; the time is recorded."""
    form = await desk.form("version")
    request_id = desk.params["request"]

    async def work(tx: Tx) -> None:
        case = await record.load(tx, desk.tenant, request_id)
        etag.require(etag.of(form["version"]), etag.of(case.row.seq))
        await reviews.open_evidence(tx, desk.state.desk, desk.principal, request_id, desk.now)

    try:
        await desk.state.db.transact(work)
    except StaleError:
        return await overtaken(desk, "evidence", form)
    except DomainError as error:
        return await refused(desk, Refused("evidence", form, error))
    return go(f"{BOARD}/{request_id}/evidence")
