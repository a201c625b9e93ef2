"""Help desks of others: how each is reached, whether it answers, and which queues ask it and when.

Secrets are written here and never shown again: a page names them, nothing more.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api import desks
from api.console import forms, rendering
from api.console.desk import HOME, Desk, go
from api.console.fields import must_be_typed
from api.console.forms import Form
from api.console.handing import sheet
from api.console.page import Page
from core.database import Reader
from core.errors import DomainError, InvalidError
from handoff import registry, rulebook
from handoff.delivery import setups, store
from handoff.delivery.store import DeskRow
from handoff.errors import DeskNotFoundError
from handoff.queues import BUILTIN, QueueRules

_HERE: Final = f"{HOME}/desks"
_FIELDS: Final = ("key", "kind", "url", "options", "secrets")


async def listed(desk: Desk) -> Response:
    """Show every desk, and the chain of each queue."""
    return await _list(desk, forms.filled({"kind": "webhook", "mode-live": "yes", "mode-ticket": "yes"}))


async def _list(desk: Desk, form: Form, status: int = 200) -> Response:
    async def work(tx: Reader) -> tuple[list[DeskRow], list[QueueRules]]:
        return await store.desks(tx, desk.tenant), await rulebook.every(tx, desk.tenant)

    rows, queues = await desk.state.db.read(work)
    found = [desks.shown(desk.state, row) for row in rows]
    facts = {"chains": [(rules.key, rules.name, rules.desks) for rules in queues], "kinds": _kinds()}
    return rendering.page(desk, "handing/desks.html", status, rows=found, form=form, modes=sheet.MODES, **facts)


def _kinds() -> list[tuple[str, str]]:
    return [(kind, kind.replace("-", " ")) for kind in registry.kinds() if kind != BUILTIN]


async def add(desk: Desk) -> Response:
    """Set up a desk."""
    form = await desk.form(*_FIELDS)
    try:
        if not form["key"].strip():
            raise InvalidError.field("/key", "give it a short name, such as tickets")
        await _write(desk, form["key"].strip(), form)
    except DomainError as error:
        return await _list(desk, _again(form, error), 422)
    return go(f"{_HERE}/{form['key'].strip()}")


async def _write(desk: Desk, key: str, form: Mapping[str, str]) -> None:
    if not sheet.is_key(key):
        raise InvalidError.field("/key", "small letters, digits, dots and hyphens")
    await desks.written(desk.state, desk.principal, key, sheet.desk_of(form))


def _again(form: Mapping[str, str], error: DomainError) -> Form:
    """Return the form as it was sent, but for its secrets: they are never shown."""
    told = error if isinstance(error, InvalidError) else InvalidError.field("/url", error.detail or error.title)
    return forms.again({**form, "secrets": ""}, told)


async def one(desk: Desk) -> Response:
    """Show one desk."""
    return await _page(desk, None)


async def _page(desk: Desk, form: Form | None, status: int = 200, answered: Any = None) -> Response:
    async def work(tx: Reader) -> tuple[DeskRow | None, list[QueueRules]]:
        return await store.desk(tx, desk.tenant, desk.params["desk"]), await rulebook.every(tx, desk.tenant)

    row, queues = await desk.state.db.read(work)
    if row is None:
        raise DeskNotFoundError
    shown = desks.shown(desk.state, row)
    filled = {"kind": row.kind, "url": shown["url"], "options": sheet.pairs_in(shown["options"]), "secrets": ""}
    filled |= {f"mode-{mode}": "yes" for mode in shown["modes"]}
    facts = {"asked_by": [(rules.key, rules.name) for rules in queues if row.key in rules.chain], "kinds": _kinds()}
    return rendering.page(
        desk,
        "handing/desk.html",
        status,
        one=shown,
        form=form or forms.filled(filled),
        modes=sheet.MODES,
        answered=answered,
        **facts,
    )


async def change(desk: Desk) -> Response:
    """Change how a desk is reached."""
    form = await desk.form(*_FIELDS[1:])
    try:
        await _write(desk, desk.params["desk"], form)
    except DomainError as error:
        return await _page(desk, _again(form, error), 422)
    return go(f"{_HERE}/{desk.params['desk']}")


async def check(desk: Desk) -> Response:
    """Ask the desk now, and show what it answered."""
    await desk.form()
    return await _page(desk, None, answered=await desks.asked(desk.state, desk.tenant, desk.params["desk"]))


async def remove(desk: Desk) -> Response:
    """Remove a desk whose key was typed; its cases go on with the next of the chain."""
    form = await desk.form("number")
    try:
        must_be_typed(form, desk.params["desk"])
    except InvalidError as error:
        return await _page(desk, forms.again(form, error), 422)
    await desk.state.db.transact(setups.remove, desk.principal, desk.params["desk"], desk.now)
    return go(_HERE)


PAGES: Final = (
    Page("GET", _HERE, "desks.read", listed),
    Page("POST", _HERE, "desks.write", add),
    Page("GET", f"{_HERE}/{{desk}}", "desks.read", one),
    Page("POST", f"{_HERE}/{{desk}}", "desks.write", change),
    Page("POST", f"{_HERE}/{{desk}}/check", "desks.write", check),
    Page("POST", f"{_HERE}/{{desk}}/remove", "desks.write", remove),
)
