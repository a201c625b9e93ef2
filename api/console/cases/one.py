"""One request: its page, who else is on it, the preview, the evidence and the documents of a contested decision."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api import casework
from api.auth import sessions
from api.console import rendering, together
from api.console.cases import filing, inputs, view, wording
from api.console.cases.filing import Refused
from api.console.cases.view import Whole
from api.console.desk import Desk, go
from api.pages import answering
from core.database import Reader, Tx
from explanations.requests import answers, record, reviews
from explanations.requests.errors import RequestNotFoundError, StepRefusedError
from oversight import looks


async def one(desk: Desk) -> Response:
    """Show one request; opening it is put on record."""
    if desk.partial:
        return await _watched(desk)
    whole = await desk.state.db.read(view.read, desk, desk.params["request"])
    await desk.state.db.transact(_look, desk, whole.case.row.subject, whole.case.row.seq)
    return await shown(desk, whole)


async def _look(tx: Tx, desk: Desk, subject: bytes, seq: int) -> None:
    """Record who reads the request; its reason holds for what the page leads to, the person and the decision."""
    why = "rights-request"
    await looks.look(tx, desk.state.keyring, desk.principal, subject, "explanation request", why, desk.now, seq)
    await sessions.give_reason(tx, desk.signed_in, subject, why, desk.now)


async def shown(desk: Desk, whole: Whole, refused: Refused | None = None, **more: Any) -> Response:
    """Return the page of a request, with what was refused if anything was."""
    request_id = whole.case.row.id
    facts = {
        **view.standing(whole, desk),
        "whole": whole,
        "w": wording,
        "base": f"{filing.BOARD}/{request_id}",
        "forms": filing.forms(desk, whole, refused),
        "refused": refused,
        "others_here": await together.here(desk, f"{filing.BOARD}/{request_id}"),
        "changed": False,
        "version": whole.case.row.seq,
        "editing": None,
        **more,
    }
    return rendering.page(desk, "cases/one.html", 200 if refused is None else refused.status, **facts)


async def _watched(desk: Desk) -> Response:
    """Tell who else has the request open, and whether it has changed since the page was made."""
    request_id = desk.params["request"]
    case = await desk.state.db.read(record.load, desk.tenant, request_id)
    found = await together.here(desk, f"{filing.BOARD}/{request_id}")
    asked = desk.query("version", 20)
    changed = asked.isascii() and asked.isdigit() and int(asked) != case.row.seq
    base = f"{filing.BOARD}/{request_id}"
    return rendering.fragment(
        desk, "cases/watch.html", others_here=found, changed=changed, base=base, version=asked or case.row.seq
    )


async def preview(desk: Desk) -> Response:
    """Show the draft as the person will get it: the very page, in her language."""

    async def work(tx: Reader) -> Mapping[str, Any] | None:
        case = await record.load(tx, desk.tenant, desk.params["request"])
        if view.is_hidden(case, desk.principal.id):
            return None
        found = await answers.current(tx, desk.state.desk, case)
        return None if found is None else {**found, "number": case.row.number}

    document = await desk.state.db.read(work)
    if document is None:
        raise RequestNotFoundError
    return answering.preview(document, desk.state.settings.controller.name)


async def evidence(desk: Desk) -> Response:
    """Show the evidence that the reviewer has opened; whoever has not is led to where it is opened."""

    async def work(tx: Reader) -> tuple[Whole, reviews.Evidence]:
        request_id = desk.params["request"]
        _, found = await reviews.evidence(tx, desk.state.desk, desk.principal, request_id)
        return await view.read(tx, desk, request_id), found

    try:
        whole, found = await desk.state.db.read(work)
    except StepRefusedError:
        return go(f"{filing.BOARD}/{desk.params['request']}")
    return await showing_evidence(desk, whole, found)


async def showing_evidence(
    desk: Desk, whole: Whole, found: reviews.Evidence, refused: Refused | None = None
) -> Response:
    """Return the page of the evidence, with what was refused if anything was."""
    facts = {
        **view.standing(whole, desk),
        "whole": whole,
        "evidence": found,
        "shown": inputs.shown,
        "again": next((event for event in whole.events if event.name == "rerun"), None),
        "w": wording,
        "base": f"{filing.BOARD}/{whole.case.row.id}",
        "forms": filing.forms(desk, whole, refused),
        "refused": refused,
        "others_here": await together.here(desk, f"{filing.BOARD}/{whole.case.row.id}"),
        "changed": False,
        "version": whole.case.row.seq,
    }
    return rendering.page(desk, "cases/evidence.html", 200 if refused is None else refused.status, **facts)


async def document(desk: Desk) -> Response:
    """Hand out a document that the person sent, as a file to save and never to show."""
    case = await desk.state.db.read(record.load, desk.tenant, desk.params["request"])
    paper = await desk.state.db.read(casework.document, desk.state.desk, case, desk.params["paper"])
    return casework.as_file(paper)
