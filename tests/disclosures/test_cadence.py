"""When a disclosure comes back: sessions of seven hours under each pack, gaps, caps and key steps (DIS-05)."""

from datetime import date

import pytest

from core.clock import DAY
from disclosures import cadence
from disclosures.cadence import MINUTE, Because, Cadence, Seen
from disclosures.packs.applicability import Whereabouts
from disclosures.packs.loading import bundled
from disclosures.resolution import Question, resolve

START = 1_795_000_000_000_000
HOUR = 60 * MINUTE
STEPS = (100, 250)  # minutes after the start at which an agent authorises something


def companion(place: str, *, minor: bool | None) -> Cadence:
    question = Question(
        kind="companion",
        on=date(2027, 1, 1),
        where=Whereabouts(place, sectors=frozenset({"other"})),
        minor=minor,
    )
    found = next(due for due in resolve(bundled(), question).due if due.topic == "ai_interaction")
    return found.cadence


def session(rhythm: Cadence, *, minor: bool | None, minutes: int = 420) -> list[tuple[int, Because]]:
    """Return the minutes of a session in which the customer is told, and why; looks every minute."""
    shown: int | None = None
    told = []
    for minute in range(minutes):
        at = START + minute * MINUTE
        because = cadence.due(rhythm, Seen(START, shown, at - MINUTE), at, minor=minor, key_step=minute in STEPS)
        if because is not None:
            told.append((minute, because))
            shown = at
    return told


def test_in_new_york_a_companion_reminds_at_the_start_and_every_three_hours() -> None:
    assert session(companion("US-NY", minor=False), minor=False) == [
        (0, Because.FIRST),
        (180, Because.ELAPSED),
        (360, Because.ELAPSED),
    ]


def test_in_the_union_a_companion_tells_at_the_start_and_at_key_steps_only() -> None:
    assert session(companion("DE", minor=False), minor=False) == [
        (0, Because.FIRST),
        (100, Because.KEY_STEP),
        (250, Because.KEY_STEP),
    ]


HOURLY, TWO_HOURLY, THREE_HOURLY = [*range(0, 420, 60)], [*range(0, 420, 120)], [*range(0, 420, 180)]
STEPWISE = [0, *STEPS]
# for each pack, by a person who lives where it holds: the minutes for an adult and for a minor; none: no duty to tell
SEVEN_HOURS: dict[str, tuple[list[int], list[int]]] = {
    "au": ([], []),
    "br": ([], []),
    "ca-qc": ([], []),
    "cn": (TWO_HOURLY, TWO_HOURLY),
    "default-strict": ([0, 100, 220, 250, 370], [0, 60, 100, 160, 220, 250, 310, 370]),
    "es": (STEPWISE, STEPWISE),
    "eu": (STEPWISE, STEPWISE),
    "eu-credit": (STEPWISE, STEPWISE),
    "eu-findist": (STEPWISE, STEPWISE),
    "gb": ([], []),
    "in": ([], []),
    "kr": ([0], [0]),
    "us-ca": ([0], THREE_HOURLY),
    "us-co": ([0], [0]),
    "us-companion-west": ([0], HOURLY),
    "us-ct": ([0], HOURLY),
    "us-federal-credit": (THREE_HOURLY, HOURLY),  # the state is not known: every state's
    "us-gpc-states": ([0], THREE_HOURLY),  # lives in California
    "us-me": ([0], [0]),
    "us-mn": ([], []),
    "us-ny": (THREE_HOURLY, THREE_HOURLY),
    "us-ut": ([0], [0]),
}


def test_every_pack_has_its_seven_hours() -> None:
    assert SEVEN_HOURS.keys() == bundled().packs.keys()


@pytest.mark.parametrize("minor", [False, True])
@pytest.mark.parametrize("pack", SEVEN_HOURS)
def test_a_seven_hour_session_is_told_as_each_pack_asks(pack: str, *, minor: bool) -> None:
    applies = bundled().packs[pack].applies
    sectors = frozenset(applies.sectors[:1] or ("other",))
    place = Whereabouts(next(iter(applies.places), None), sectors=sectors, contract=(*applies.contracts, "other")[0])
    found = resolve(bundled(), Question(kind="companion", on=date(2027, 1, 1), where=place, minor=minor))
    rhythms = [due.cadence for due in found.due if due.topic == "ai_interaction"]

    told = [minute for rhythm in rhythms for minute, _ in session(rhythm, minor=minor)]
    assert told == SEVEN_HOURS[pack][minor]


def test_an_unknown_age_counts_as_a_minors() -> None:
    rhythm = companion("US-CA", minor=None)

    assert session(rhythm, minor=None) == session(rhythm, minor=True)


def test_somebody_whose_home_is_unknown_is_told_as_often_as_anyone() -> None:
    question = Question(kind="companion", on=date(2027, 1, 1), minor=True)
    rhythm = next(due for due in resolve(bundled(), question).due if due.topic == "ai_interaction").cadence

    assert [minute for minute, _ in session(rhythm, minor=True)][:3] == [0, 60, 100]


def test_a_new_session_is_told_anew_unless_the_law_caps_it() -> None:
    later = Seen(START + 5 * HOUR, START, START + HOUR)
    at = START + 5 * HOUR

    assert cadence.due(Cadence(every_session=True), later, at, minor=False) is Because.SESSION
    assert cadence.due(Cadence(every_session=True, starts_per_day=1), later, at, minor=False) is None
    assert (
        cadence.due(Cadence(every_session=True, starts_per_day=1), later, START + DAY, minor=False) is Because.SESSION
    )


def test_a_capped_session_is_still_told_when_its_hours_have_passed() -> None:
    rhythm = Cadence(every_session=True, starts_per_day=1, minutes=180)
    seen = Seen(START + 5 * HOUR, START, START + HOUR)

    assert cadence.due(rhythm, seen, START + 7 * HOUR, minor=False) is None
    assert cadence.due(rhythm, seen, START + 8 * HOUR, minor=False) is Because.ELAPSED


def test_after_a_gap_of_seven_days_a_mental_health_bot_tells_again() -> None:
    question = Question(kind="mental_health_bot", on=date(2027, 1, 1), where=Whereabouts("US-UT"), minor=False)
    found = next(due for due in resolve(bundled(), question).due if due.topic == "ai_interaction")
    rhythm = next(one.cadence for one in found.rules if one.rule.id == "ut.mental")
    seen = Seen(START + 6 * DAY, START, START)

    assert cadence.due(rhythm, seen, START + 7 * DAY - 1, minor=False) is None
    assert cadence.due(rhythm, seen, START + 7 * DAY, minor=False) is Because.GAP
    assert cadence.due(rhythm, seen, START + DAY, minor=False, asked=True) is Because.ASKED


def test_the_strictest_of_several_satisfies_them_all() -> None:
    joined = cadence.strictest(
        [
            Cadence(every_session=True, minutes=180, starts_per_day=1),
            Cadence(every_session=True, key_steps=True, minutes_for_minors=60),
            Cadence(gap_days=7, minutes=120),
        ]
    )

    assert joined == Cadence(every_session=True, key_steps=True, minutes=120, minutes_for_minors=60, gap_days=7)
    assert joined.interval(minor=True) == 60
    assert joined.interval(minor=False) == 120
    assert cadence.strictest([]) == Cadence()


def test_a_cap_stands_if_everyone_who_asks_at_starts_has_one() -> None:
    both = [Cadence(every_session=True, starts_per_day=1), Cadence(every_session=True, starts_per_day=2)]

    assert cadence.strictest(both).starts_per_day == 2
    assert cadence.strictest([*both, Cadence(key_steps=True)]).starts_per_day == 2
    assert cadence.strictest([*both, Cadence(every_session=True)]).starts_per_day is None


def test_a_rhythm_without_hours_never_elapses() -> None:
    assert cadence.elapses_at(Cadence(every_session=True), Seen(START, START), minor=True) is None
    assert cadence.elapses_at(Cadence(minutes=60), Seen(START, None), minor=None) == START + HOUR
