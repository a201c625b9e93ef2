"""Legal clocks: when an answer is due, from a rule pack's clock, the day it started and what happened since. Pure.

The day of the start event is day 0. ``mo``: the same day number n months later, or that month's last day. ``bd``: the
n-th day that is neither Saturday, Sunday nor a holiday. Only clocks that say so roll to the next working day (Reg
1182/71 Art. 3), once, at the end. An extension replaces the period by the clock's greatest total, counted from the
start (GDPR Art. 12(3)), and counts only if it was told with its reasons on or before the first due date. A pause adds
its days where the clock knows its reason (UK GDPR Art. 12A). Elapsed hours need no calendar.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple

from core.clock import MICROS

Unit = Literal["h", "d", "bd", "mo", "y"]
_LENGTH = re.compile(r"([1-9][0-9]{0,3})(h|d|bd|mo|y)")
_VARIANT = re.compile(r"(?P<length>[1-9][0-9]{0,3}(?:d|bd|mo))(?:, if asked within (?P<within>[0-9]{1,3})d)?")
_FROM_LATEST: Final = "latest("  # the clock starts with identity and fee, not before (UK GDPR Art. 12A)
_OPT_OUT: Final = "optout_received"
_DAY = timedelta(days=1)
Holidays = Collection[date]


class Length(NamedTuple):
    """A number of units."""

    number: int
    unit: str


def length(text: str) -> Length:
    """Read ``72h``, ``45d``, ``10bd``, ``1mo`` or ``3y``. Raises ``ValueError``."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no length such as 72h, 45d, 10bd, 1mo or 3y")
    return Length(int(found[1]), found[2])


@dataclass(frozen=True)
class ClockRule:
    """One clock of a rule pack, as data."""

    id: str
    period: Length
    starts: str
    kind: str | None = None
    rolls: bool = False
    longest: Length | None = None  # with the extension, counted from the start; none: can't be extended
    reasons: tuple[str, ...] = ()  # for which it may be extended; empty: any
    pauses: frozenset[str] = frozenset()
    alert: Length | None = None
    variants: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "ClockRule":
        """Read a clock as rule packs write it. Raises ``ValueError``, ``KeyError``."""
        extension = facts.get("ext") or {}
        total, alert = extension.get("max_total"), facts.get("alert_at")
        return cls(
            facts["id"],
            length(facts["len"]),
            facts["starts"],
            facts.get("kind"),
            facts.get("roll") == "next_working_day",
            None if total is None else length(total),
            tuple(extension.get("reasons") or ()),
            frozenset(facts.get("pause") or ()),
            None if alert is None else length(alert),
            dict(facts.get("variants") or {}),
        )


class Event(NamedTuple):
    """Something that happened to a clock on a civil day; ``pack`` limits it to one pack's clock."""

    type: str
    on: date
    reason: str = ""
    notice_sent: bool = False
    pack: str | None = None


@dataclass(frozen=True)
class Reading:
    """What a clock says. ``due`` is nothing while it has not started or stands still without an end."""

    start: date | None
    raw_due: date | None
    first_due: date | None
    due: date | None
    extension: Literal["accepted", "rejected"] | None = None
    paused_days: int = 0
    paused: bool = False
    alert_on: date | None = None
    accepted: bool = True
    warnings: tuple[str, ...] = ()

    @property
    def overdue_at(self) -> date | None:
        """Return the first day on which the answer is late."""
        return None if self.due is None else self.due + _DAY


def is_working_day(day: date, holidays: Holidays) -> bool:
    """Tell whether a day is neither Saturday, Sunday nor a holiday."""
    return day.weekday() < 5 and day not in holidays


def add(start: date, period: Length, holidays: Holidays) -> date:
    """Return the last day of a period that starts on a day. Raises ``ValueError`` for hours."""
    if period.unit == "d":
        return start + timedelta(days=period.number)
    if period.unit == "bd":
        return _working_days(start, period.number, holidays)
    if period.unit == "h":
        raise ValueError("elapsed hours are counted from an instant")
    months = period.number * (12 if period.unit == "y" else 1)
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _working_days(day: date, count: int, holidays: Holidays) -> date:
    while count:
        day += _DAY
        count -= is_working_day(day, holidays)
    return day


def rolled(day: date, holidays: Holidays) -> date:
    """Return the day itself, or the next working day."""
    while not is_working_day(day, holidays):
        day += _DAY
    return day


def due_instant(rule: ClockRule, started_at: int) -> int:
    """Return when a clock of elapsed hours ends; instants in microseconds. Raises ``ValueError`` for other clocks."""
    if rule.period.unit != "h":
        raise ValueError("only hours are counted from an instant")
    return started_at + rule.period.number * 3600 * MICROS


def read(
    rule: ClockRule,
    started: date,
    events: Sequence[Event] = (),
    holidays: Holidays = frozenset(),
    variant: str | None = None,
    today: date | None = None,
) -> Reading:
    """Read a clock that started on a day; a pause that goes on counts until ``today``."""
    period, accepted = rule.period, True
    if variant is not None:
        period, accepted = _variant(rule, variant, started, events)
    warnings = _warnings(rule, events)
    start = _start(rule, started, events)
    if start is None or not accepted:
        return Reading(start, None, None, None, accepted=accepted, warnings=warnings)
    pauses = _pauses(rule, start, events, today)
    extend = next((event for event in events if event.type == "extend"), None)
    paused_before = _days(pauses if extend is None else _until(pauses, extend.on))
    first_due = _end(rule, add(start, period, holidays), paused_before, holidays)
    extension: Literal["accepted", "rejected"] | None = None
    raw = add(start, period, holidays)
    if extend is not None:
        extension = "accepted" if _may_extend(rule, extend, first_due) else "rejected"
        if extension == "accepted" and rule.longest is not None:
            raw = add(start, rule.longest, holidays)
    open_end = bool(pauses) and pauses[-1][1] is None
    total = _days(pauses)
    due = None if open_end else _end(rule, raw, total, holidays)
    alert = None if rule.alert is None else add(start, rule.alert, holidays)
    return Reading(start, raw, first_due, due, extension, total, open_end, alert, accepted, warnings)


def _end(rule: ClockRule, raw: date, paused: int, holidays: Holidays) -> date:
    day = raw + timedelta(days=paused)
    return rolled(day, holidays) if rule.rolls else day


def _start(rule: ClockRule, started: date, events: Iterable[Event]) -> date | None:
    if not rule.starts.startswith(_FROM_LATEST):
        return started
    asked = verified = False
    for event in events:
        if event.type in {"identity_verified", "fee_paid"}:
            started = max(started, event.on)
            verified = verified or event.type == "identity_verified"
        asked = asked or event.type == "identity_requested"
    return None if asked and not verified else started


def _variant(rule: ClockRule, name: str, started: date, events: Iterable[Event]) -> tuple[Length, bool]:
    found = _VARIANT.fullmatch(rule.variants[name])
    if found is None:
        raise ValueError(f"the variant {name} of {rule.id} can't be read")
    told = [event.on for event in events if event.type == "adverse_notice_sent"]
    within = found["within"]
    late = within is not None and bool(told) and (started - max(told)).days > int(within)
    return length(found["length"]), not late


def _warnings(rule: ClockRule, events: Iterable[Event]) -> tuple[str, ...]:
    if not any(event.type == "identity_requested" for event in events):
        return ()
    if rule.starts == _OPT_OUT:
        return ("verification_not_allowed",)
    return () if rule.starts.startswith(_FROM_LATEST) else ("identity_pending_clock_runs",)


Pause = tuple[date, date | None, date]  # from, to (nothing: goes on), counted until


def _pauses(rule: ClockRule, start: date, events: Iterable[Event], today: date | None) -> list[Pause]:
    """Return the pauses the clock knows, none before its start, none within another."""
    found: list[Pause] = []
    began: date | None = None
    for event in events:
        if event.type == "pause" and began is None and event.reason in rule.pauses:
            began = event.on
        elif event.type == "resume" and began is not None:
            found.append((max(began, start), max(event.on, began, start), max(event.on, began, start)))
            began = None
    if began is not None:
        began = max(began, start)
        found.append((began, None, max(began, today or began)))
    return found


def _until(pauses: Iterable[Pause], day: date) -> list[Pause]:
    return [(begin, end, min(until, day)) for begin, end, until in pauses if begin <= day]


def _days(pauses: Iterable[Pause]) -> int:
    return sum((until - begin).days for begin, _, until in pauses)


def _may_extend(rule: ClockRule, event: Event, first_due: date) -> bool:
    if rule.longest is None or not event.notice_sent or event.on > first_due:
        return False
    return not rule.reasons or event.reason in rule.reasons


class Shortest(NamedTuple):
    """The earliest of several packs' due dates, and which pack's it is."""

    due: date | None
    decided_by: str | None


def shortest(readings: Mapping[str, Reading]) -> Shortest:
    """Return the due date that binds: the earliest; a clock without a date binds nobody."""
    dated = sorted((reading.due, pack) for pack, reading in readings.items() if reading.due is not None)
    return Shortest(*dated[0]) if dated else Shortest(None, None)


def of_pack(events: Iterable[Event], pack: str) -> list[Event]:
    """Return the events that concern a pack's clock."""
    return [event for event in events if event.pack in {None, pack}]
