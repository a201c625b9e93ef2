"""Claims: what the company says its AI can do, by what that is shown, until when, and which notices say it."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from starlette.responses import Response

from api.console import fields, forms, rendering
from api.console.catalogue import changes
from api.console.desk import HOME, Desk, go
from api.console.fields import json_of, must_be_typed, revision_of
from api.console.forms import Form
from api.console.page import Page
from core.database import Reader, Tx
from core.errors import FieldError, InvalidError
from disclosures.claims import service
from disclosures.claims.documents import ClaimDocument, Evidence
from disclosures.claims.service import ClaimView
from disclosures.notices import quoting, standing
from disclosures.resolution import legal_day

_HERE: Final = f"{HOME}/claims"
_MOST: Final = 500
_KINDS: Final = get_args(Evidence.model_fields["kind"].annotation)


async def listed(desk: Desk) -> Response:
    """Show every claim, those first that may not be said."""
    return await _list(desk, forms.filled({}))


async def _list(desk: Desk, form: Form, status: int = 200) -> Response:
    today = legal_day(desk.now)

    async def work(tx: Reader) -> list[tuple[ClaimView, str, list[str]]]:
        published = [document for _, document in await standing.in_force(tx, desk.tenant)]
        found = await service.listed(tx, desk.tenant, "", _MOST)
        return [(view, quoting.standing(view, today), quoting.quoting(view, published)) for view in found]

    rows = sorted(await desk.state.db.read(work), key=lambda row: (row[1] in {"shown", "retired"}, row[0].row.key))
    return rendering.page(desk, "disclosures/claims.html", status, rows=rows, form=form)


async def create(desk: Desk) -> Response:
    """Enter a claim in one language; evidence is brought on its page."""
    form = await desk.form("key", "language", "statement", "owner")
    values = {
        "key": form["key"].strip(),
        "statements": {form["language"].strip(): [form["statement"].strip()]},
        "owner": form["owner"].strip(),
    }
    try:
        document = service.read_document(values)
    except InvalidError as error:
        return await _list(desk, forms.again({**form, "statements": ""}, error), 422)

    async def work(tx: Tx) -> None:
        await service.make(tx, desk.principal, document, desk.now)

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{document.key}")


async def one(desk: Desk) -> Response:
    """Show one claim: how it stands, its wordings, its evidence, where it is said, what was claimed before."""
    return await _page(desk, forms.filled({}))


async def _page(desk: Desk, form: Form, status: int = 200) -> Response:
    async def work(tx: Reader) -> dict[str, Any]:
        published = [document for _, document in await standing.in_force(tx, desk.tenant)]
        history = await service.versions(tx, desk.tenant, desk.params["key"])
        return {"history": history, "said_in": quoting.quoting(history[0], published)}

    facts = await desk.state.db.read(work)
    history: list[ClaimView] = facts["history"]
    befores = [*history, None][1:]
    versions = [
        (view, [] if before is None else changes(before.document.as_json(), view.document.as_json()))
        for view, before in zip(history, befores, strict=True)
    ]
    return rendering.page(
        desk,
        "disclosures/claim.html",
        status,
        view=history[0],
        said_in=facts["said_in"],
        versions=versions,
        today=legal_day(desk.now),
        stands=quoting.standing(history[0], legal_day(desk.now)),
        kinds=_KINDS,
        form=form,
        editable=fields.editable(history[0].document.as_json()),
    )


async def bring(desk: Desk) -> Response:
    """Bring evidence, on top of what there is."""
    form = await desk.form("kind", "reference", "valid_until", "revision")
    document = (await desk.state.db.read(service.view, desk.tenant, desk.params["key"])).document
    brought = {name: form[name].strip() for name in ("kind", "reference", "valid_until")}
    values = {**document.as_json(), "evidence": [*document.as_json()["evidence"], brought]}
    try:
        changed = service.read_document(values)
    except InvalidError as error:
        told = InvalidError(fields=tuple(FieldError(_last(one.pointer), one.detail) for one in error.fields))
        return await _page(desk, forms.again(form, told), 422)
    return await _change(desk, changed, form)


def _last(pointer: str) -> str:
    return f"/{pointer.rpartition('/')[2]}"


async def change(desk: Desk) -> Response:
    """Keep a whole document, over the very revision that was read."""
    form = await desk.form("document", "revision")
    document = service.read_document(json_of(form["document"]))
    if document.key != desk.params["key"]:
        raise InvalidError.field("/key", "a claim keeps its key")
    return await _change(desk, document, form)


async def _change(desk: Desk, document: ClaimDocument, form: Mapping[str, str]) -> Response:
    async def work(tx: Tx) -> None:
        await service.change(tx, desk.principal, document, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{document.key}")


async def retire(desk: Desk) -> Response:
    """Take a claim back: no notice may say it any more."""
    form, key = await desk.form("revision", "number"), desk.params["key"]
    must_be_typed(form, key)

    async def work(tx: Tx) -> None:
        await service.retire(tx, desk.principal, key, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


PAGES: Final = (
    Page("GET", _HERE, "claims.read", listed),
    Page("POST", _HERE, "claims.write", create),
    Page("GET", f"{_HERE}/{{key}}", "claims.read", one),
    Page("POST", f"{_HERE}/{{key}}/evidence", "claims.write", bring),
    Page("POST", f"{_HERE}/{{key}}/change", "claims.write", change),
    Page("POST", f"{_HERE}/{{key}}/retire", "claims.write", retire),
)
