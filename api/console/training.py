"""Training of staff: whose ends, what everybody was trained in, and the way to record a course (AGT-04; AI Act Art. 4).

Reviewing may ask for it (AI Act Art. 26(2)). Nobody records his own; a record never changes.
"""

from typing import Any, Final

from starlette.responses import Response

from api import access
from api.auth import store as auth
from api.console import fields, forms, lists, rendering, together
from api.console.desk import HOME, Desk, go
from api.console.forms import Form
from api.console.lists import Filled, Filter
from api.console.page import Page
from api.schemas.training import TrainingIn
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Role
from oversight.training import service, store

PAGE: Final = f"{HOME}/training"
_FIELDS: Final = ("person", "course", "cohort", "completed_on", "expires_on")
_FILTERS: Final = (Filter("person", "Whose (their id)"),)


async def listed(desk: Desk) -> Response:
    """Show whose training has to be looked after, every record, and the form for another."""
    return await _shown(desk, forms.filled({"person": desk.query("for")}), 200)


async def _shown(desk: Desk, form: Form, status: int) -> Response:
    filled = lists.of_desk(_FILTERS, desk)
    facts = await desk.state.db.read(_read, desk, filled)
    return rendering.page(
        desk,
        "training.html",
        status,
        heading="Training of staff",
        lead="Who judges what an AI decided has to be trained for it.",
        empty_what="No training is on record yet.",
        empty_how="Record the first course above: who completed it, with whom, and until when it counts.",
        filled=filled,
        form=form,
        required=desk.state.desk.terms.training,
        searched=False,
        **facts,
    )


async def _read(tx: Reader, desk: Desk, filled: Filled) -> dict[str, Any]:
    before = lists.place(desk)
    found = await store.listed(
        tx, desk.tenant, filled.values["person"] or None, store.NEWEST if before is None else before, lists.PAGE + 1
    )
    rows, zone = found[: lists.PAGE], desk.state.desk.terms.zone
    return {
        "rows": rows,
        "count": len(rows),
        "older": rows[-1].seq if len(found) > lists.PAGE else None,
        "due": await service.due(tx, desk.tenant, await _reviewers(tx, desk), zone, desk.now),
        "today": service.today(zone, desk.now),
        "names": await together.colleagues(tx, desk),
    }


async def _reviewers(tx: Reader, desk: Desk) -> list[str]:
    """Return who of those signed in may review."""
    found = await auth.sessions(tx, desk.tenant, desk.now)
    reviewing = access.PERMISSIONS["requests.review"].roles
    return [one.person for one in found if Role(one.role) in reviewing]


async def record(desk: Desk) -> Response:
    """Record a course that a colleague completed."""
    form = await desk.form(*_FIELDS)
    try:
        told = service.read_course(fields.held(TrainingIn, {name: form[name].strip() for name in _FIELDS}).model_dump())
        await desk.state.db.transact(_record, desk, told)
    except InvalidError as error:
        return await _shown(desk, forms.again(form, error), 422)
    return go(PAGE)


async def _record(tx: Tx, desk: Desk, told: service.Course) -> None:
    await service.record(tx, desk.principal, told, desk.state.desk.terms.zone, desk.now)


PAGES: Final = (
    Page("GET", PAGE, "training.read", listed),
    Page("POST", PAGE, "training.write", record),
)
