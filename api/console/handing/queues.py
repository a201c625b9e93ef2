"""Queues: who serves them, their hours and holidays, what was promised, and which desk is asked first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from api.console import forms, rendering, undo
from api.console.desk import HOME, Desk, go
from api.console.fields import revision_of
from api.console.forms import Form
from api.console.handing import sheet
from api.console.page import Page
from core.database import Reader
from core.errors import FieldError, InvalidError
from handoff import routing, rulebook, store
from handoff.errors import QueueChangedError
from handoff.hours import DAYS
from handoff.queues import DEFAULT_QUEUE, QueueRules, rules_of

_HERE: Final = f"{HOME}/queues"
_DAYS: Final = dict(
    zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
_SLOTS: Final = 6
_TAKEN: Final = InvalidError.field("/key", "this short name is taken")


@dataclass(frozen=True)
class Member:
    """A person who may serve a queue, and how he said he is."""

    alias: str
    here: bool
    presence: str
    skills: str
    languages: str
    load: int
    capacity: int


async def listed(desk: Desk) -> Response:
    """Show every queue: open or not, how many wait, who is here."""

    async def work(tx: Reader) -> list[tuple[Any, ...]]:
        waiting = [row.queue for row in await store.waiting(tx, desk.tenant, 500)]
        found = []
        for rules in await rulebook.every(tx, desk.tenant):
            here, wait = await routing.outlook(tx, desk.tenant, rules.key, rules.target_seconds, desk.now)
            found.append((rules, rules.hours.is_open(desk.now), waiting.count(rules.key), here, wait))
        return found

    return rendering.page(desk, "handing/queues.html", rows=await desk.state.db.read(work), form=forms.filled({}))


async def one(desk: Desk) -> Response:
    """Show one queue, with its next opening and call-back slots as they follow from its hours."""
    return await _page(desk, None)


async def _page(desk: Desk, form: Form | None, status: int = 200) -> Response:
    async def work(tx: Reader) -> tuple[QueueRules, list[Member]]:
        rules = await rulebook.one(tx, desk.tenant, desk.params["queue"])
        return rules, await _members(tx, desk, rules)

    rules, members = await desk.state.db.read(work)
    hours = rules.hours
    facts = {
        "is_open": hours.is_open(desk.now),
        "next_opening": hours.next_opening(desk.now),
        "slots": hours.slots(desk.now, rules.slot_minutes, _SLOTS),
        "week": [(day, words, hours.weekly.get(day, ())) for day, words in _DAYS.items()],
    }
    shown = form or forms.filled(sheet.queue_fields(rules))
    return rendering.page(
        desk, "handing/queue.html", status, rules=rules, members=members, form=shown, days=_DAYS, **facts
    )


async def _members(tx: Reader, desk: Desk, rules: QueueRules) -> list[Member]:
    loads = await store.loads(tx, desk.tenant)
    return [
        Member(
            one.alias,
            routing.is_here(one, desk.now),
            one.presence,
            ", ".join(json.loads(one.skills)),
            ", ".join(json.loads(one.languages)),
            loads.get(one.id, 0),
            one.capacity,
        )
        for one in await store.agents(tx, desk.tenant)
        if not json.loads(one.queues) or rules.key in json.loads(one.queues)
    ]


async def change(desk: Desk) -> Response:
    """Write a queue's rules over the version that was read; for ten seconds it can be taken back.

    A queue that never opens is refused.
    """
    form = await desk.form("revision", *sheet.QUEUE_FIELDS)
    before = await desk.state.db.read(rulebook.one, desk.tenant, desk.params["queue"])
    try:
        made = await _write(desk, before.key, form, revision_of(form))
    except InvalidError as error:
        return await _page(desk, forms.again(form, error), 422)
    here = f"{_HERE}/{before.key}"
    fields = {name: str(value) for name, value in sheet.queue_fields(before).items()}
    way_back = {**fields, "revision": str(made.version)}
    return undo.offer(desk, go(here), undo.Undo(f"Changed the queue {made.name}.", here, way_back))


async def _write(desk: Desk, key: str, form: Mapping[str, str], over: int) -> QueueRules:
    """Write what a form says. Raises ``InvalidError`` with pointers into the form; ``QueueChangedError``."""
    rules = rules_of({**sheet.queue_of(form).model_dump(), "key": key})
    try:
        return await desk.state.db.transact(rulebook.write, desk.principal, rules, desk.now, over)
    except InvalidError as error:
        fields = tuple(FieldError(sheet.of_form(one.pointer), one.detail) for one in error.fields)
        raise InvalidError(fields=fields) from error


async def new(desk: Desk) -> Response:
    """Show the form of a queue that is not there yet: as shipped, without a name."""
    return _form(desk, forms.filled({**sheet.queue_fields(QueueRules()), "key": "", "name": ""}))


def _form(desk: Desk, form: Form, status: int = 200) -> Response:
    return rendering.page(desk, "handing/queue_new.html", status, form=form, days=_DAYS)


async def create(desk: Desk) -> Response:
    """Open a queue under a short name that no other has."""
    form = await desk.form("key", *sheet.QUEUE_FIELDS)
    key = form["key"].strip()
    try:
        if not sheet.is_key(key):
            raise InvalidError.field("/key", "small letters, digits, dots and hyphens")
        if key == DEFAULT_QUEUE:
            raise _TAKEN
        await _write(desk, key, form, 0)
    except InvalidError as error:
        return _form(desk, forms.again(form, error), 422)
    except QueueChangedError:
        return _form(desk, forms.again(form, _TAKEN), 422)
    return go(f"{_HERE}/{key}")


PAGES: Final = (
    Page("GET", _HERE, "handoffs.figures", listed),
    Page("GET", f"{HOME}/new-queue", "queues.write", new),
    Page("POST", f"{HOME}/new-queue", "queues.write", create),
    Page("GET", f"{_HERE}/{{queue}}", "handoffs.figures", one),
    Page("POST", f"{_HERE}/{{queue}}", "queues.write", change),
)
