"""Business hours: zones, holidays, the change of the clocks, call-back slots."""

import pytest

from core.clock import DAY, parse_rfc3339, rfc3339
from handoff.hours import Hours, is_place, is_zone
from handoff.queues import QueueRules, faults, rules_of

OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "17:00"),))
MADRID = Hours("Europe/Madrid", OFFICE, "ES-MD")


def at(text: str) -> int:
    return parse_rfc3339(text)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-11-23T08:00:00Z", True),  # Monday 09:00 in Madrid
        ("2026-11-23T07:59:59Z", False),
        ("2026-11-23T16:00:00Z", False),
        ("2026-11-22T12:00:00Z", False),  # Sunday
        ("2026-12-08T10:00:00Z", False),  # a holiday
        ("2026-07-01T07:00:00Z", True),  # 09:00 in summer
    ],
)
def test_hours_are_wall_clock_time(instant: str, is_open: bool) -> None:
    assert MADRID.is_open(at(instant)) == is_open


def test_the_next_opening_passes_over_weekends_and_holidays() -> None:
    opening = MADRID.next_opening(at("2026-12-04T17:00:00Z"))

    assert opening is not None
    assert rfc3339(opening) == "2026-12-09T08:00:00.000000Z"  # the 7th and the 8th are holidays in Madrid


def test_across_the_change_of_the_clocks_nine_stays_nine() -> None:
    new_york = Hours("America/New_York", OFFICE)
    before, after = new_york.next_opening(at("2026-10-30T22:00:00Z")), new_york.next_opening(at("2026-11-01T22:00:00Z"))

    assert before == after == at("2026-11-02T14:00:00Z")  # Monday after the change: 09:00 is 14:00 UTC, not 13:00


def test_closed_dates_and_a_shift_over_midnight() -> None:
    night = Hours("UTC", {"mon": (("22:00", "24:00"),), "tue": (("00:00", "06:00"),)}, closed=frozenset({"2026-11-30"}))

    assert night.is_open(at("2026-11-23T23:59:59Z"))
    assert night.is_open(at("2026-11-24T00:00:00Z"))
    assert night.next_opening(at("2026-11-24T07:00:00Z")) == at("2026-12-01T00:00:00Z")


def test_slots_lie_within_the_hours_and_not_too_soon() -> None:
    slots = MADRID.slots(at("2026-11-23T15:10:00Z"), 30, 4)

    assert [rfc3339(slot)[:16] for slot in slots] == [
        "2026-11-23T15:30",
        "2026-11-24T08:00",
        "2026-11-24T08:30",
        "2026-11-24T09:00",
    ]


def test_without_hours_it_is_always_open_and_there_are_always_slots() -> None:
    now = at("2026-11-22T03:04:05Z")

    assert Hours().is_open(now)
    assert Hours().next_opening(now) == now
    assert len(Hours().slots(now)) == 6


def test_a_place_that_never_opens_is_told_so_and_ends_nothing() -> None:
    never = Hours("UTC", {"mon": ()})

    assert never.next_opening(at("2026-11-23T08:00:00Z")) is None
    assert [pointer for pointer, _ in faults(QueueRules(hours=never))] == ["/hours/weekly"]


def test_faults_name_their_places() -> None:
    wrong = QueueRules(hours=Hours("Mars/Olympus", {"mon": (("17:00", "09:00"),), "moon": ()}, "XX"))

    assert {pointer for pointer, _ in faults(wrong)} == {
        "/hours/zone",
        "/hours/holidays",
        "/hours/weekly/mon/0",
        "/hours/weekly/moon",
    }
    assert is_zone("Europe/Madrid")
    assert is_place("DE-BY")
    assert not is_place("DE-XX")


def test_a_queue_survives_its_document() -> None:
    rules = QueueRules("loans", hours=MADRID, languages=("es",), chain=("zendesk",), lawful={"transcript": "support"})

    assert rules_of(rules.document()) == rules
    assert rules.desks == ("zendesk", "builtin")
    assert rules.reopen_until(0) == 7 * DAY
