"""Legal holds: what is not to be deleted, for which matter, by whom, and until when."""

from typing import Final

from starlette.responses import Response

from api.console import forms, lists, rendering
from api.console.desk import HOME, Desk, go
from api.console.forms import Form
from api.console.retaining.schedules import TABS
from core.database import Tx
from core.errors import InvalidError
from oversight.retention import holds, store
from oversight.retention.holds import GROUNDS, SCOPES, Reach
from oversight.retention.sorts import SORTS

PAGE: Final = f"{HOME}/holds"
_FIELDS: Final = ("scope", "subject", "record_type", "record", "ground", "reference")
_KINDS: Final = (("", "choose"), *((sort.key, sort.name) for sort in SORTS.values()))


async def listed(desk: Desk) -> Response:
    """Show the holds that stand, or all, and the form to place one."""
    return await _page(desk, forms.filled({**dict.fromkeys(_FIELDS, ""), "subject": desk.query("person")}))


async def _page(desk: Desk, form: Form, status: int = 200) -> Response:
    every, after = desk.query("all") == "yes", desk.query("after")
    found = await desk.state.db.read(store.holds, desk.tenant, after, lists.PAGE + 1, standing=not every)
    return rendering.page(
        desk,
        "retaining/holds.html",
        status,
        rows=found[: lists.PAGE],
        next=found[lists.PAGE - 1].id if len(found) > lists.PAGE else None,
        every=every,
        form=form,
        scopes=tuple(SCOPES.items()),
        grounds=tuple(GROUNDS.items()),
        ground_words=GROUNDS,
        sorts=SORTS,
        kinds=_KINDS,
        tabs=TABS,
    )


def _person(text: str) -> bytes | None:
    try:
        return lists.subject_of(text)
    except InvalidError as error:
        raise InvalidError.field("/subject", error.fields[0].detail) from error


async def place(desk: Desk) -> Response:
    """Hold a person's records, one record, or all of a sort."""
    form = {name: value.strip() for name, value in (await desk.form(*_FIELDS)).items()}

    async def work(tx: Tx) -> None:
        subject = _person(form["subject"]) if form["scope"] == "subject" else None
        reach = Reach(form["scope"], form["record_type"] or None, form["record"] or None, subject)
        if form["scope"] not in SCOPES:
            raise InvalidError.field("/scope", "choose what to hold")
        await holds.place(tx, desk.state.keyring, desk.principal, reach, form["ground"], form["reference"], desk.now)

    try:
        await desk.state.db.transact(work)
    except InvalidError as error:
        return await _page(desk, forms.again({name: form[name] for name in _FIELDS}, error), 422)
    return go(PAGE)


async def release(desk: Desk) -> Response:
    """Let held records go their way again, with a reason."""
    form = await desk.form("because")

    async def work(tx: Tx) -> None:
        await holds.release(tx, desk.state.keyring, desk.principal, desk.params["hold"], form["because"], desk.now)

    await desk.state.db.transact(work)
    return go(PAGE)
