"""Opt-outs and propagation: who was told of which no, who has acknowledged it, and what is late (CON-06, OPT-04)."""

import re
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.console import lists, rendering
from api.console.desk import HOME, Desk, go
from api.console.drawing import Bar, Bars
from api.console.lists import Filled, Filter
from api.console.page import Page
from consent.propagation import service, store
from consent.propagation.recipients import store as recipients
from consent.propagation.store import NoticeRow, Standing
from core import canonical
from core.database import Reader
from core.errors import InvalidError

HERE: Final = f"{HOME}/propagation"
TABS: Final = (("Who said no", f"{HOME}/opt-outs"), ("Who was told", HERE))
STAGES: Final = {
    "waiting": ("waits to be told", "open"),
    "told": ("told", "on"),
    "acknowledged": ("acknowledged", "good"),
    "given_up": ("given up", "wrong"),
}
_STATES: Final = (*((key, words) for key, (words, _) in STAGES.items()), ("overdue", "overdue"))
_MOST_RECIPIENTS: Final = 500
_MOST_COUNTED: Final = 10_000
_PLACE: Final = re.compile(r"([0-9]{1,15})(?:-(rcv_[0-9a-f]{32}))?")


class Told(NamedTuple):
    """One notice with the name of its recipient."""

    row: NoticeRow
    name: str

    @property
    def acknowledged(self) -> list[str]:
        """Return the scopes that were acknowledged."""
        found: list[str] = canonical.loads(self.row.scopes)
        return found


class _Shown(NamedTuple):
    filled: Filled
    found: list[Told]
    older: str | None
    standing: Standing
    recipients: int


async def names(tx: Reader, tenant: str) -> dict[str, str]:
    """Return the names of a tenant's recipients by their ids, retired ones too."""
    return {row.id: row.name for row in await recipients.after(tx, tenant, "", _MOST_RECIPIENTS)}


async def of_record(tx: Reader, tenant: str, seq: int) -> list[Told]:
    """Return who was told of one choice."""
    found = await store.of_entry(tx, tenant, seq)
    known = await names(tx, tenant) if found else {}
    return [Told(row, known.get(row.recipient, row.recipient)) for row in found]


async def listed(desk: Desk) -> Response:
    """Show what recipients are told, newest choice first, and how much of it is open."""
    shown = await desk.state.db.read(_found, desk)
    return rendering.page(
        desk,
        "telling/propagation.html",
        heading="Opt-outs and propagation",
        lead="Every no goes to each system that acts on it. Here is who was told, and the proof that it stopped.",
        empty_what="Nobody had to be told of a no yet.",
        empty_how=_HOW[bool(shown.recipients)],
        filled=shown.filled,
        found=shown.found,
        count=len(shown.found),
        older=shown.older,
        searched=False,
        tabs=TABS,
        stages=STAGES,
        standing=shown.standing,
        bars=_bars(shown.standing),
    )


_HOW: Final = {
    False: "An administrator registers the systems that have to be told, under Recipients.",
    True: "Withdrawals, objections and opt-outs appear here a moment after they bind the gate.",
}


async def _found(tx: Reader, desk: Desk) -> _Shown:
    known = await names(tx, desk.tenant)
    filters = (
        Filter("state", "State", "select", _STATES),
        Filter("recipient", "Recipient", "select", tuple(known.items())),
        Filter("person", "Person"),
    )
    filled = lists.of_desk(filters, desk)
    values = filled.values
    wanted = store.narrowing(values["state"] or None, values["recipient"] or None, lists.subject_of(values["person"]))
    rows = await store.listed(tx, desk.tenant, wanted, _place(desk), lists.PAGE + 1)
    last = rows[lists.PAGE - 1] if len(rows) > lists.PAGE else None
    older = None if last is None else f"{last.seq}-{last.recipient}"
    found = [Told(row, known.get(row.recipient, row.recipient)) for row in rows[: lists.PAGE]]
    return _Shown(filled, found, older, await store.standing(tx, desk.tenant, _MOST_COUNTED), len(known))


def _place(desk: Desk) -> tuple[int, str]:
    text = desk.query("before", 60)
    if not text:
        return store.NEWEST, ""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise InvalidError.field("?before", "not a place on this list")
    return int(match[1]), match[2] or ""


def _bars(standing: Standing) -> Bars:
    """Return the picture of what is open."""
    sorts: tuple[tuple[str, int, str], ...] = (
        ("Waits to be told", standing.waiting, "plain"),
        ("Told, not acknowledged", standing.told, "plain"),
        ("Given up", standing.given_up, "warn"),
        ("Late: past business day 10", standing.late, "warn"),
        ("Overdue: past business day 15", standing.overdue, "no"),
    )
    return Bars(tuple(Bar(name, many, _words(many), kind) for name, many, kind in sorts))


def _words(many: int) -> str:
    return f"{many:,}" if many < _MOST_COUNTED else f"{_MOST_COUNTED:,} or more"


async def redeliver(desk: Desk) -> Response:
    """Send a notice again that was given up, or told and not acknowledged."""
    await desk.form()
    made: Any = await desk.state.db.transact(
        service.tell_again, desk.state.keyring, desk.principal, desk.params["notice"], desk.now
    )
    return go(f"{HERE}?recipient={made.recipient}&person=sub_{made.subject.hex()}")


PAGES: Final = (
    Page("GET", HERE, "propagation.list", listed),
    Page("POST", f"{HERE}/{{notice}}/redeliver", "propagation.repeat", redeliver),
)
