"""When a case is due: its frozen laws read by the clocks. Pure.

The laws, their clocks and the holidays of the place are kept with the case as they were when it was opened: a new
version of a pack changes no open case.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from core.clock import LATEST
from explanations.requests import calendars, clocks
from explanations.requests.clocks import ClockRule, Event, Reading
from explanations.requests.facts import Facts


class Law(NamedTuple):
    """A right under which a case runs, frozen: ``digest`` is the SHA-256 of the pack it was read from."""

    pack: str
    digest: str
    right: str
    cite: str
    clock: Mapping[str, Any]
    ack: Mapping[str, Any] | None = None
    verify: str | None = None
    content: tuple[str, ...] = ()
    aggregate: bool = False

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**self._asdict(), "content": list(self.content)}


class Deadline(NamedTuple):
    """When an answer is due, microseconds; ``law`` is the right that decides. ``at`` is the end of time while none is.

    ``first`` is the day up to which an extension may be told.
    """

    at: int
    law: str
    day: date | None
    paused: bool


def _events(facts: Facts) -> list[Event]:
    return [
        Event(told["type"], date.fromisoformat(told["on"]), told["reason"], bool(told.get("notice_sent")))
        for told in facts.clock
    ]


def readings(facts: Facts, today: date | None = None, more: Sequence[Event] = ()) -> dict[str, Reading]:
    """Return what each right's clock says."""
    events = [*_events(facts), *more]
    holidays = frozenset(date.fromisoformat(day) for day in facts.holidays)
    started = date.fromisoformat(facts.started_on)
    return {
        law["right"]: clocks.read(ClockRule.of(law["clock"]), started, events, holidays, today=today)
        for law in facts.laws
        if law["clock"]["len"][-1] != "h"
    }


def of(facts: Facts) -> Deadline:
    """Return the earliest due date of all clocks."""
    found = readings(facts)
    day, right = clocks.shortest(found)
    if day is None or right is None:
        first = str(facts.laws[0]["right"]) if facts.laws else ""
        return Deadline(LATEST, first, None, any(one.paused for one in found.values()))
    return Deadline(calendars.end_of(day, facts.zone), right, day, paused=False)


def extendable(facts: Facts, today: date, reason: str) -> list[str]:
    """Return the rights whose clocks accept an extension that the person is told of today."""
    asked = Event("extend", today, reason, notice_sent=True)
    return sorted(right for right, one in readings(facts, today, [asked]).items() if one.extension == "accepted")


def acknowledgement(facts: Facts) -> date | None:
    """Return by when the receipt has to be acknowledged, if a law says so."""
    holidays = frozenset(date.fromisoformat(day) for day in facts.holidays)
    started = date.fromisoformat(facts.started_on)
    rules = [ClockRule.of(law["ack"]) for law in facts.laws if law.get("ack")]
    days = [day for rule in rules if (day := clocks.read(rule, started, (), holidays).due)]
    return min(days, default=None)


def needed_identity(laws: Sequence[Mapping[str, Any]], effect: str | None, decisions: int) -> str:
    """Return the identity level that right and risk ask for (GDPR Art. 12(6); 11 CCR 7062)."""
    if not decisions:
        return "basic"
    if any(law.get("verify") == "reasonably_high" for law in laws):
        return "high"
    return "substantial" if effect in {"legal", "significant"} else "basic"
