"""Recipients: who is told of each no, with what secret, whether it answers, and the last attempts to reach it.

A secret is shown once, on the page that made it; no page and no log holds it after that.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api import etag, recipients
from api.console import forms, rendering
from api.console.desk import HOME, Desk, go
from api.console.fields import held, lines_of, must_be_typed, revision_of
from api.console.forms import Form
from api.console.page import Page
from api.problems import StaleError
from api.schemas.recipients import RecipientIn
from consent.propagation import store
from consent.propagation.recipients import service
from consent.propagation.recipients import store as kept
from consent.propagation.recipients.service import SCOPES, Sheet
from consent.propagation.recipients.store import RecipientRow
from consent.propagation.store import DeliveryRow
from core.database import Reader, Tx
from core.errors import DomainError, InvalidError

_HERE: Final = f"{HOME}/recipients"
_MOST: Final = 500
_LAST: Final = 20
_OVERLAP: Final = 24
_NEWEST: Final = "e"  # sorts after every id of an attempt
_FIELDS: Final = ("name", "url", "purposes", "systems")
_SCOPES: Final = {
    "inference": "No more answers or decisions with it (inference)",
    "training": "Left out of the next training run (training)",
    "index": "Taken out of search indexes (index)",
}


async def listed(desk: Desk) -> Response:
    """Show every recipient, and the way to a new one."""
    return await _list(desk, forms.filled({**_values(Sheet("", "https://")), "active": "yes"}))


async def _list(desk: Desk, form: Form, status: int = 200) -> Response:
    rows = await desk.state.db.read(kept.after, desk.tenant, "", _MOST)
    found = [recipients.shown(row) for row in rows]
    return rendering.page(desk, "telling/recipients.html", status, rows=found, form=form, scopes=_SCOPES)


def _values(sheet: Sheet) -> dict[str, Any]:
    """Return what stands in the form of a recipient."""
    lists = {"purposes": ", ".join(sheet.purposes), "systems": ", ".join(sheet.systems)}
    ticks = {f"scope-{scope}": "yes" for scope in sheet.scopes}
    return {"name": sheet.name, "url": sheet.url, **lists, **ticks, "active": "yes" if sheet.active else ""}


def _sheet(form: Mapping[str, str]) -> Sheet:
    """Return what a form says of a recipient. Raises ``InvalidError``."""
    scopes = [scope for scope in SCOPES if form.get(f"scope-{scope}") == "yes"]
    if not scopes:
        raise InvalidError.field("/scopes", "say at least one thing that it has to acknowledge")
    told = {"name": form["name"].strip(), "url": form["url"].strip(), "scopes": scopes}
    told |= {name: lines_of(form[name]) for name in ("purposes", "systems")}
    return Sheet(**held(RecipientIn, {**told, "active": form.get("active") == "yes"}).model_dump())


def _again(form: Mapping[str, str], error: DomainError) -> Form:
    at_fault = error if isinstance(error, InvalidError) and error.fields else None
    return forms.again(form, at_fault or InvalidError.field("/url", error.detail or error.title))


async def add(desk: Desk) -> Response:
    """Register a recipient, and show its secret once."""
    form = await desk.form(*_FIELDS)
    try:
        told = await recipients.checked(desk.state, _sheet(form))
    except DomainError as error:
        return await _list(desk, _again(form, error), 422)
    made = (desk.state.keyring, desk.principal, told, desk.now)
    row, secret = await desk.state.db.transact(service.register, *made)
    return await _page(desk, row, secret=secret)  # not a redirect: the secret is in this answer only


async def one(desk: Desk) -> Response:
    """Show one recipient with the last attempts to reach it."""
    return await _page(desk, await desk.state.db.read(service.one, desk.tenant, desk.params["recipient"]))


async def _page(desk: Desk, row: RecipientRow, form: Form | None = None, status: int = 200, **facts: Any) -> Response:
    async def work(tx: Reader) -> list[DeliveryRow]:
        return await store.deliveries(tx, desk.tenant, row.id, _NEWEST, _LAST)

    known: dict[str, Any] = {"secret": None, "sent": None, **facts}
    values = {**_values(service.sheet_of(row)), "revision": row.revision}
    return rendering.page(
        desk,
        "telling/recipient.html",
        status,
        one=recipients.shown(row),
        row=row,
        form=form or forms.filled(values),
        attempts=await desk.state.db.read(work),
        scopes=_SCOPES,
        overlap=_OVERLAP,
        **known,
    )


async def change(desk: Desk) -> Response:
    """Say something else of a recipient, over the very revision that was read."""
    form, who = await desk.form(*_FIELDS, "revision"), desk.params["recipient"]
    try:
        tag, given = etag.of(revision_of(form)), _sheet(form)._asdict()
        await recipients.changed(desk.state, desk.principal, who, tag, given, desk.now)
    except StaleError as error:
        return await _refused(desk, form, InvalidError.field("/", error.title))
    except DomainError as error:
        return await _refused(desk, form, error)
    return go(f"{_HERE}/{who}")


async def _refused(desk: Desk, form: Mapping[str, str], error: DomainError) -> Response:
    row = await desk.state.db.read(service.one, desk.tenant, desk.params["recipient"])
    return await _page(desk, row, _again(form, error), 422)


async def rotate(desk: Desk) -> Response:
    """Make a new secret and show it once; both sign for a day."""
    await desk.form()
    made = (desk.state.keyring, desk.principal, desk.params["recipient"], _OVERLAP, desk.now)
    row, secret = await desk.state.db.transact(service.rotate, *made)
    return await _page(desk, row, secret=secret)


async def test(desk: Desk) -> Response:
    """Send a test message now, and show what came of it."""
    await desk.form()
    sent = await recipients.tested(desk.state, desk.principal, desk.params["recipient"])
    row = await desk.state.db.read(service.one, desk.tenant, desk.params["recipient"])
    return await _page(desk, row, sent=sent)


async def retire(desk: Desk) -> Response:
    """Tell a recipient nothing more; its name has to be typed."""
    form = await desk.form("number")

    async def work(tx: Tx) -> None:
        row = await service.live(tx, desk.tenant, desk.params["recipient"])
        must_be_typed(form, row.name)
        await service.retire(tx, desk.principal, row, desk.now)

    try:
        await desk.state.db.transact(work)
    except InvalidError as error:
        row = await desk.state.db.read(service.one, desk.tenant, desk.params["recipient"])
        values = {**_values(service.sheet_of(row)), "revision": row.revision, "number": form["number"]}
        return await _page(desk, row, forms.again(values, error), 422)
    return go(_HERE)


PAGES: Final = (
    Page("GET", _HERE, "recipients.read", listed),
    Page("POST", _HERE, "recipients.write", add),
    Page("GET", f"{_HERE}/{{recipient}}", "recipients.read", one),
    Page("POST", f"{_HERE}/{{recipient}}", "recipients.write", change),
    Page("POST", f"{_HERE}/{{recipient}}/secret", "recipients.write", rotate),
    Page("POST", f"{_HERE}/{{recipient}}/test", "recipients.write", test),
    Page("POST", f"{_HERE}/{{recipient}}/retire", "recipients.write", retire),
)
