"""Legal clocks: every vector of ``tests/vectors/clock_vectors.json``, and what holds for all of them."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import parse_rfc3339, rfc3339
from disclosures.packs.loading import bundled
from explanations.requests import calendars, clocks
from explanations.requests.clocks import ClockRule, Event, Length, Reading

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/clock_vectors.json").read_text(encoding="utf-8"))["vectors"]
RULES = {name: ClockRule.of(clock.model_dump()) for name, clock in bundled().clocks.items()}
DATED = [rule for rule in RULES.values() if rule.period.unit != "h"]
rules = st.sampled_from(DATED)
days = st.dates(date(2026, 1, 1), date(2030, 12, 31))
some_holidays = st.frozensets(st.dates(date(2026, 1, 1), date(2031, 12, 31)), max_size=40)
REASONS = ("clarification_requested", "complexity", "number", "")


def event(told: dict[str, Any]) -> Event:
    return Event(
        told["type"],
        date.fromisoformat(told["at"]),
        told.get("reason", ""),
        told.get("notice_sent", False),
        told.get("pack"),
    )


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def said(rule: ClockRule, reading: Reading) -> dict[str, Any]:
    """Return a reading in the words of the vectors."""
    due_name = {"acknowledge": "ack_due", "do_not_ask": "do_not_ask_until"}.get(rule.kind or "", "due")
    dates = {
        "start": reading.start,
        "raw_due": reading.raw_due,
        "first_due": reading.first_due,
        due_name: reading.due,
        "overdue_at": reading.overdue_at,
        "alert_on": reading.alert_on,
    }
    found: dict[str, Any] = {name: None if day is None else day.isoformat() for name, day in dates.items()}
    return found | {
        "extension": reading.extension,
        "paused_days": reading.paused_days,
        "accepted": reading.accepted,
        "warnings": list(reading.warnings),
    }


def answer(vector: dict[str, Any]) -> dict[str, Any]:
    """Return what the engine says to a vector."""
    events = [event(told) for told in vector["events"]]
    holidays = {date.fromisoformat(day) for day in vector["holidays"]}
    named = [RULES[name] for name in listed(vector["clock"])]
    if named[0].period.unit == "h":
        due = clocks.due_instant(named[0], parse_rfc3339(vector["received_at"]))
        return {"due": rfc3339(due).replace(".000000", "")}
    started = date.fromisoformat(vector["received_at"])
    packs = listed(vector["pack"])
    readings = {
        pack: clocks.read(rule, started, clocks.of_pack(events, pack), holidays, vector.get("variant"))
        for pack, rule in zip(packs, named, strict=True)
    }
    if len(packs) == 1:
        return said(named[0], readings[packs[0]])
    due_day, decided_by = clocks.shortest(readings)
    assert due_day is not None
    per_pack = {pack: reading.due.isoformat() for pack, reading in readings.items() if reading.due}
    return {"per_pack": per_pack, "due": due_day.isoformat(), "decided_by": decided_by}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_every_vector_passes(vector: dict[str, Any]) -> None:
    made = answer(vector)

    assert {name: made[name] for name in vector["expected"]} == vector["expected"]


def test_every_clock_of_the_packs_has_a_vector() -> None:
    assert len(VECTORS) >= 54
    assert {name for vector in VECTORS for name in listed(vector["clock"])} == set(RULES)


@given(rules, days, some_holidays, st.integers(0, 200), st.sampled_from(REASONS), st.booleans())
def test_an_extension_told_after_the_first_due_date_never_moves_anything(
    rule: ClockRule, start: date, holidays: frozenset[date], late: int, reason: str, sent: bool
) -> None:
    plain = clocks.read(rule, start, (), holidays)
    assert plain.due is not None
    extend = Event("extend", plain.due + timedelta(days=1 + late), reason, sent)

    found = clocks.read(rule, start, [extend], holidays)

    assert found.extension == "rejected"
    assert found.due == plain.due


@given(rules, days, some_holidays, st.integers(0, 30), st.sampled_from(REASONS))
def test_an_extension_never_shortens_and_never_passes_the_greatest_total(
    rule: ClockRule, start: date, holidays: frozenset[date], after: int, reason: str
) -> None:
    plain = clocks.read(rule, start, (), holidays)
    extended = [Event("extend", start + timedelta(days=after), reason, True)]
    found = clocks.read(rule, start, extended, holidays)
    twice = clocks.read(rule, start, extended * 2, holidays)

    assert plain.due is not None
    assert found.due is not None
    assert found.due >= plain.due
    assert twice.due == found.due
    if rule.longest is None:
        assert found.due == plain.due
    else:
        assert found.raw_due is not None
        assert found.raw_due <= clocks.add(start, rule.longest, holidays)


@given(rules, days, some_holidays, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4))
def test_pauses_count_their_days_where_the_clock_knows_them_and_nowhere_else(
    rule: ClockRule, start: date, holidays: frozenset[date], pauses: list[tuple[int, int]]
) -> None:
    events, day, total = [], start, 0
    for wait, lasts in pauses:
        began, ended = day + timedelta(days=wait), day + timedelta(days=wait + lasts)
        events += [Event("pause", began, "clarification_requested"), Event("resume", ended, "clarification_answered")]
        day, total = ended, total + lasts
    plain, found = clocks.read(rule, start, (), holidays), clocks.read(rule, start, events, holidays)

    knows = "clarification_requested" in rule.pauses
    assert found.paused_days == (total if knows else 0)
    assert found.raw_due == plain.raw_due
    assert found.raw_due is not None
    assert found.due is not None
    if not rule.rolls:
        assert found.due == found.raw_due + timedelta(days=found.paused_days)


@given(rules, days, some_holidays)
def test_a_clock_that_rolls_ends_on_a_working_day_and_no_other_moves(
    rule: ClockRule, start: date, holidays: frozenset[date]
) -> None:
    found = clocks.read(rule, start, (), holidays)

    assert found.due is not None
    assert found.raw_due is not None
    assert found.due > start
    if rule.rolls or rule.period.unit == "bd":
        assert clocks.is_working_day(found.due, holidays)
    if not rule.rolls:
        assert found.due == found.raw_due


@given(rules, days, some_holidays, st.integers(1, 60))
def test_who_asks_later_is_never_due_earlier(
    rule: ClockRule, start: date, holidays: frozenset[date], later: int
) -> None:
    first = clocks.read(rule, start, (), holidays).due
    second = clocks.read(rule, start + timedelta(days=later), (), holidays).due

    assert first is not None
    assert second is not None
    assert first <= second


def test_a_pause_that_goes_on_has_no_due_date_yet() -> None:
    paused = [Event("pause", date(2026, 12, 10), "clarification_requested")]
    found = clocks.read(RULES["uk_1m"], date(2026, 12, 1), paused, today=date(2026, 12, 14))

    assert (found.paused, found.due, found.paused_days) == (True, None, 4)


def test_the_uk_clock_stands_while_identity_is_awaited() -> None:
    asked = [Event("identity_requested", date(2026, 12, 1))]
    found = clocks.read(RULES["uk_1m"], date(2026, 12, 1), asked)

    assert (found.start, found.due) == (None, None)


def test_an_extension_for_a_reason_the_law_does_not_know_is_rejected() -> None:
    found = clocks.read(RULES["eu_1m"], date(2027, 1, 31), [Event("extend", date(2027, 2, 1), "holiday season", True)])

    assert found.extension == "rejected"


def test_a_civil_day_ends_in_the_controllers_time_zone() -> None:
    at = parse_rfc3339("2027-01-31T23:30:00Z")

    assert calendars.day_of(at, "Europe/Berlin") == date(2027, 2, 1)
    assert calendars.day_of(at, "America/Los_Angeles") == date(2027, 1, 31)
    assert rfc3339(calendars.end_of(date(2027, 3, 28), "Europe/Berlin")) == "2027-03-28T21:59:59.999999Z"


def test_holidays_are_those_of_the_place_and_none_where_unknown() -> None:
    first = date(2027, 1, 1)
    german, californian = calendars.holidays_at("DE", first), calendars.holidays_at("US-CA", first)

    assert date(2027, 3, 29) in german
    assert date(2027, 1, 18) in californian
    assert date(2027, 1, 18) not in german
    assert calendars.holidays_at("EU", first) == calendars.holidays_at(None, first) == []
    assert calendars.holidays_at("DE-XX", first) == german


def test_what_is_no_length_is_refused() -> None:
    assert clocks.length("10bd") == Length(10, "bd")
    with pytest.raises(ValueError, match="no length"):
        clocks.length("soon")
