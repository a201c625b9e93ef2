"""What vendors changed in their AI, and each review it opened: are people still told what is so? (DIS-13).

A review shows what the vendor said beside the notice as it stood then, and what has changed in the notice since. It
ends with an answer and its reason; both stand in the ledger.
"""

from typing import Any, Final, get_args

from starlette.responses import Response

from api.console import fields, forms, rendering, together
from api.console.desk import HOME, Desk, go
from api.console.disclosures import sheet
from api.console.forms import Form
from api.console.page import Page
from core.database import Reader, Tx
from core.errors import InvalidError
from disclosures import service as systems
from disclosures.notices import service as notices
from disclosures.notices.standing import document_of
from disclosures.reviews import service, store
from disclosures.reviews.documents import Answer, Changed, VendorUpdate
from disclosures.reviews.tables import DisclosureReview

_HERE: Final = f"{HOME}/vendor-changes"
_MOST: Final = 500
_PAGE: Final = 50
_CHANGED: Final = get_args(Changed)
_WRITTEN: Final = ("vendor", "changes_on", "text", "reference")
STANDINGS: Final[tuple[tuple[str, store.Standing], ...]] = (("Open", "open"), ("Closed", "closed"), ("All", "all"))


async def listed(desk: Desk) -> Response:
    """Show the reviews that wait, or others, and the form for what a vendor said."""
    return await _list(desk, forms.filled({"system": desk.query("system")}))


async def _list(desk: Desk, form: Form, status: int = 200) -> Response:
    known: dict[str, store.Standing] = {key: key for _, key in STANDINGS}
    standing: store.Standing = known.get(desk.query("standing"), "open")
    after = desk.query("after", 36)

    async def work(tx: Reader) -> dict[str, Any]:
        found = await store.reviews(tx, desk.tenant, standing, after, _PAGE + 1)
        rows = [(row, await service.cause(tx, row)) for row in found[:_PAGE]]
        register = await systems.listed(tx, desk.tenant, "", _MOST)
        live = [(one.system.key, one.document.name) for one in register if one.system.retired_at is None]
        return {"rows": rows, "after": found[_PAGE - 1].id if len(found) > _PAGE else None, "systems": live}

    facts = await desk.state.db.read(work)
    tabs = [(words, _address(key)) for words, key in STANDINGS]
    return rendering.page(
        desk,
        "disclosures/vendor_changes.html",
        status,
        **facts,
        form=form,
        standing=standing,
        tabs=tabs,
        current=_address(standing),
        changed=_CHANGED,
    )


def _address(standing: store.Standing) -> str:
    return _HERE if standing == "open" else f"{_HERE}?standing={standing}"


async def record(desk: Desk) -> Response:
    """Record what a vendor says it changes; a review is opened for each notice that tells of the system."""
    form = await desk.form("system", *_WRITTEN)
    told = {name: form[name].strip() for name in _WRITTEN}
    ticked = [one for one in _CHANGED if form.get(f"changed-{one}") == "yes"]
    try:
        update = fields.held(VendorUpdate, {**told, "changed": ticked})
    except InvalidError as error:
        return await _list(desk, forms.again({**form, "changed": ""}, error), 422)

    async def work(tx: Tx) -> None:
        await service.record(tx, desk.principal, form["system"], update, desk.now)

    await desk.state.db.transact(work)
    return go(_HERE)


async def one(desk: Desk) -> Response:
    """Show one review: what the vendor said, what people were told then, what changed since, and its answer."""
    return await _page(desk, forms.filled({}))


async def _page(desk: Desk, form: Form, status: int = 200) -> Response:
    facts = await desk.state.db.read(_read, desk)
    return rendering.page(desk, "disclosures/vendor_change.html", status, **facts, form=form)


async def _read(tx: Reader, desk: Desk) -> dict[str, Any]:
    row = await service.view(tx, desk.tenant, desk.params["review"])
    facts = {"row": row, "update": await service.cause(tx, row), "names": await together.colleagues(tx, desk)}
    return {**facts, **await _notice(tx, row)}


async def _notice(tx: Reader, row: DisclosureReview) -> dict[str, Any]:
    """Return the notice as it stood when the review was opened, its version now, and what differs between them."""
    if row.notice is None or row.version is None:
        return {"then": None, "now": None, "differs": []}
    then = document_of((await notices.version(tx, row.tenant, row.notice, row.version)).document)
    published = (await notices.view(tx, row.tenant, row.notice)).published
    after = then if published is None else document_of(published.document)
    return {"then": then, "now": published and published.version, "differs": sheet.compared(then, after)}


async def close(desk: Desk) -> Response:
    """Say whether people have to be told anew, and why."""
    form = await desk.form("reason")
    told = {"outcome": form.get("outcome", ""), "reason": form["reason"].strip()}
    try:
        answer = fields.held(Answer, told)

        async def work(tx: Tx) -> None:
            await service.close(tx, desk.principal, desk.params["review"], answer, desk.now)

        await desk.state.db.transact(work)
    except InvalidError as error:
        return await _page(desk, forms.again(told, error), 422)
    return go(f"{_HERE}/{desk.params['review']}")


PAGES: Final = (
    Page("GET", _HERE, "disclosure-reviews.read", listed),
    Page("POST", _HERE, "disclosure-reviews.open", record),
    Page("GET", f"{_HERE}/{{review}}", "disclosure-reviews.read", one),
    Page("POST", f"{_HERE}/{{review}}/close", "disclosure-reviews.close", close),
)
