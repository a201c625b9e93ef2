"""Where the models that decide are served: connected, tried with a sample decision, changed, taken out of use (ADP-01).

Credentials are written here and never shown again: a page names them, nothing more.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from starlette.responses import Response

from api.console import fields, forms, rendering
from api.console.desk import HOME, Desk, go
from api.console.explaining import sheet, wording
from api.console.fields import must_be_typed, revision_of
from api.console.forms import Form
from api.console.page import Page
from api.model_addresses import reachable
from core.database import Reader, Tx
from core.errors import InvalidError
from disclosures import service as register
from explanations import registry
from explanations.deployed import service, store
from explanations.deployed.documents import EndpointDocument
from explanations.deployed.service import EndpointView
from explanations.errors import EndpointChangedError
from explanations.narratives.rendering import as_html
from explanations.parts import Direction, Space
from explanations.rehearsal import Rehearsal

_MOST: Final = 500
_ANSWERING: Final = frozenset({"reasons", "changes", "limits"})
_HERE: Final = f"{HOME}/models"
_FIRST: Final = {"kind": "http-json", "space": "probability", "direction": "higher_is_adverse", "rows_per_call": "2000"}


async def listed(desk: Desk) -> Response:
    """Show every model that is connected, and how each has answered lately."""
    found = await desk.state.db.read(service.listed, desk.state.keyring, desk.tenant, "", _MOST)
    rows = [(view, desk.state.explainer.condition(view.document.url)) for view in found]
    shown = sorted(rows, key=lambda row: row[0].row.retired)
    return rendering.page(desk, "explaining/models.html", rows=shown, words=wording.CONDITIONS)


async def begin(desk: Desk) -> Response:
    """Show the form that connects a model."""
    return await _connect(desk, forms.filled({**_FIRST, "system": desk.query("system")}))


async def _connect(desk: Desk, form: Form, status: int = 200) -> Response:
    async def work(tx: Reader) -> tuple[Any, Any]:
        return await register.listed(tx, desk.tenant, "", _MOST), await store.groups_after(tx, desk.tenant, "", _MOST)

    systems, groups = await desk.state.db.read(work)
    return rendering.page(
        desk,
        "explaining/connect.html",
        status,
        form=form,
        systems=[(one.system.key, one.document.name) for one in systems if one.system.retired_at is None],
        kinds=[kind for kind in registry.kinds() if kind != "pushed"],
        spaces=get_args(Space),
        directions=get_args(Direction),
        pairs=_pairs,
        groups=[(row.key, service.reference_document(row).words) for row in groups],
    )


def _pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ")) for value in values]


async def connect(desk: Desk) -> Response:
    """Connect a model; it is tried on its own page next."""
    form = await desk.form("system", "model", "kind", "url", "features", "credentials")
    try:
        told = sheet.endpoint_of(form)
        await reachable(desk.state, told.document, told.credentials)

        async def work(tx: Tx) -> EndpointView:
            credentials = told.credentials or {}
            return await service.register(tx, desk.state.keyring, desk.principal, told.document, credentials, desk.now)

        view = await desk.state.db.transact(work)
    except InvalidError as error:
        kept = {**form, "credentials": ""}  # a secret is never sent back
        return await _connect(desk, forms.again(kept, sheet.of_fields(error)), 422)
    return go(f"{_HERE}/{view.row.id}")


async def one(desk: Desk) -> Response:
    """Show one model's endpoint, and the way to try it."""
    return await _one(desk, forms.filled({}))


async def _one(desk: Desk, form: Form, made: Rehearsal | None = None, status: int = 200) -> Response:
    view = await _view(desk)
    document = view.document
    return rendering.page(
        desk,
        "explaining/model.html",
        status,
        view=view,
        document=document,
        condition=desk.state.explainer.condition(document.url),
        editable=fields.editable(document.model_dump(mode="json")),
        form=form,
        made=made,
        said=None if made is None else _said(document, made),
        words=wording,
    )


def _said(document: EndpointDocument, made: Rehearsal) -> dict[str, Any]:
    """Return what a rehearsal showed, in the order in which a reader asks."""
    explained = None if made.explained is None else made.explained.explanation
    narrative = None if made.narrated is None else made.narrated.explanation.narrative
    if narrative is not None:
        kept = tuple(one for one in narrative.sections if one.key in _ANSWERING)
        narrative = narrative.model_copy(update={"sections": kept})
    return {
        "explanation": explained,
        "steps": () if made.explained is None else made.explained.steps,
        "text": None if narrative is None else as_html(narrative, 4),
        "no_group": document.reference_group is None,
    }


async def _view(desk: Desk) -> EndpointView:
    return await desk.state.db.read(service.view, desk.state.keyring, desk.tenant, desk.params["endpoint"])


async def rehearse(desk: Desk) -> Response:
    """Ask the model about a made-up decision and show how it would be explained; nothing is recorded."""
    form = await desk.form("threshold")
    view = await _view(desk)
    try:
        row = sheet.row_of(form, (feature.name for feature in view.document.features))
        threshold = sheet.number_of("threshold", form["threshold"])
    except InvalidError as error:
        return await _one(desk, forms.again(form, error), status=422)
    made = await desk.state.explainer.rehearse(desk.tenant, view.row.id, row, threshold)
    return await _one(desk, forms.filled(form), made)


async def change(desk: Desk) -> Response:
    """Say something else of an endpoint, over the very revision that was read."""
    form = await desk.form("document", "revision")
    told = sheet.checked({"document": fields.json_of(form["document"])})
    await reachable(desk.state, told.document, None)
    return await _changed(desk, form, told.document, None)


async def renew(desk: Desk) -> Response:
    """Replace an endpoint's credentials; what was there before is wiped."""
    form = await desk.form("credentials", "revision")
    view = await _view(desk)
    told = sheet.checked(
        {"document": view.document.model_dump(), "credentials": sheet.credentials_of(form["credentials"])}
    )
    await reachable(desk.state, told.document, told.credentials)
    return await _changed(desk, form, told.document, told.credentials or {})


async def _changed(
    desk: Desk, form: Mapping[str, str], document: EndpointDocument, credentials: Mapping[str, str] | None
) -> Response:
    endpoint = desk.params["endpoint"]

    async def work(tx: Tx) -> None:
        await _unchanged(tx, desk, form)
        await service.change(tx, desk.state.keyring, desk.principal, endpoint, document, credentials, desk.now)

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{endpoint}")


async def _unchanged(tx: Reader, desk: Desk, form: Mapping[str, str]) -> None:
    """Refuse a form that was made from an older revision. Raises ``EndpointChangedError``."""
    view = await service.view(tx, desk.state.keyring, desk.tenant, desk.params["endpoint"])
    if view.row.revision != revision_of(form):
        raise EndpointChangedError


async def retire(desk: Desk) -> Response:
    """Take an endpoint out of use; explanations that rest on it stay, its credentials are wiped."""
    form = await desk.form("revision", "number")
    view = await _view(desk)
    must_be_typed(form, view.document.model)

    async def work(tx: Tx) -> None:
        await _unchanged(tx, desk, form)
        await service.retire(tx, desk.principal, view.row.id, desk.now)

    await desk.state.db.transact(work)
    return go(_HERE)


PAGES: Final = (
    Page("GET", _HERE, "models.read", listed),
    Page("POST", _HERE, "models.write", connect),
    Page("GET", f"{_HERE}/new", "models.write", begin),
    Page("GET", f"{_HERE}/{{endpoint}}", "models.read", one),
    Page("POST", f"{_HERE}/{{endpoint}}/sample", "models.write", rehearse),
    Page("POST", f"{_HERE}/{{endpoint}}/change", "models.write", change),
    Page("POST", f"{_HERE}/{{endpoint}}/credentials", "models.write", renew),
    Page("POST", f"{_HERE}/{{endpoint}}/retire", "models.write", retire),
)
