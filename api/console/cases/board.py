"""The board of explanation requests: what is owed, the most urgent first; every filter stands in the address."""

import re
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.console import lists, rendering, views
from api.console.cases import wording
from api.console.desk import HOME, Desk
from api.console.lists import Filled, Filter
from core.clock import DAY
from core.database import Reader
from core.errors import InvalidError
from explanations.requests import board
from explanations.requests.board import Line, Owed

BOARD: Final = f"{HOME}/requests"
_PLACE = re.compile(r"([0-9]{1,19})\.(exr_[0-9a-f]{32})")
_WEEK = 7 * DAY
_SOON = 3 * DAY
# views that every agent needs, so that nobody has to save them
STANDING: Final = (
    ("All open", ""),
    ("Mine", "who=me"),
    ("Nobody's", "who=nobody"),
    ("Late", "due=late"),
    ("Due in 3 days", "due=soon"),
    ("Waits for approval", "state=in_review"),
    ("Waits for the person", "state=awaiting_clarification"),
    ("Contested", "state=contested"),
)


class Slice(NamedTuple):
    """A part of the board; ``onward`` is the place to go on from."""

    lines: list[Line]
    onward: str | None


def _filters(laws: list[str]) -> tuple[Filter, ...]:
    return (
        Filter("state", "State", "select", tuple(wording.STATES.items())),
        Filter("who", "Held by", "select", (("me", "me"), ("nobody", "nobody"))),
        Filter("due", "Due", "select", (("late", "late"), ("soon", "within 3 days"), ("week", "within a week"))),
        Filter("law", "Law", "select", tuple((law, law) for law in laws)),
        Filter("all", "Answered too", "select", (("yes", "yes"),)),
    )


def _wanted(desk: Desk, filled: Filled) -> board.Filter:
    values = filled.values
    answered = {"released", "refused", "upheld", "overturned", "partly_overturned", "closed"}
    due = values["due"]
    return board.Filter(
        state=values["state"] or None,
        law=values["law"] or None,
        assignee=desk.principal.id if values["who"] == "me" else None,
        overdue=due == "late",
        open_only=values["all"] != "yes" and values["state"] not in answered,
        nobodys=values["who"] == "nobody",
        due_before={"soon": desk.now + _SOON, "week": desk.now + _WEEK}.get(due),
    )


def _place(desk: Desk) -> tuple[int, str] | None:
    text = desk.query("before", 60)
    if not text:
        return None
    match = _PLACE.fullmatch(text)
    if match is None:
        raise InvalidError.field("?before", "not a place on this list")
    return int(match[1]), match[2]


async def page(tx: Reader, desk: Desk, wanted: board.Filter, after: tuple[int, str] | None, most: int) -> Slice:
    """Return lines of the board by due date, after a place."""
    found = await board.page(tx, desk.tenant, wanted, after, most + 1, desk.now)
    last = found[most - 1] if len(found) > most else None
    return Slice(found[:most], None if last is None else f"{last.due_at}.{last.id}")


async def listed(desk: Desk) -> Response:
    """Show the board."""

    async def work(tx: Reader) -> tuple[Filled, Slice, Owed]:
        counted = await board.owed(tx, desk.tenant, desk.now)
        filled = lists.of_desk(_filters(await board.laws(tx, desk.tenant)), desk)
        return filled, await page(tx, desk, _wanted(desk, filled), _place(desk), lists.PAGE), counted

    filled, found, counted = await desk.state.db.read(work)
    return rendering.page(
        desk,
        "cases/board.html",
        heading="Explanation requests",
        lead="People asked why a decision about them came out as it did. The law sets the day by which they hear.",
        empty_what="Nobody waits for an explanation.",
        empty_how="Requests come from the widget, the hosted form /t/{site}/{language}/explain, by e-mail or the API.",
        filled=filled,
        lines=[(line, clock_of(line, desk.now)) for line in found.lines],
        count=len(found.lines),
        older=found.onward,
        searched=False,
        onward="Later",
        newest="Most urgent",
        standing=STANDING,
        counted=counted,
        views=await views.of_page(desk),
        **words(),
    )


def words() -> dict[str, Any]:
    """Return the words that templates about requests use."""
    return {"w": wording}


def clock_of(line: Line, now: int) -> wording.Clock:
    """Return the clock of a line of the board."""
    return wording.clock(line.received_at, line.due_at, now, owed=line.owed, on_time=line.on_time)


async def count(desk: Desk, given: dict[str, str]) -> tuple[int, bool]:
    """Return how many requests a saved view has, up to a thousand."""

    async def work(tx: Reader) -> Slice:
        filled = lists.read(_filters(await board.laws(tx, desk.tenant)), given)
        return await page(tx, desk, _wanted(desk, filled), None, 1000)

    found = await desk.state.db.read(work)
    return len(found.lines), found.onward is None


views.COUNTERS[BOARD] = ("requests.list", count)
