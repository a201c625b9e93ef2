"""The verbs of training: record that somebody completed a course, tell whether it counts today, compare cohorts.

A record counts from the day of completion until the end of its last day, in the controller's time zone (AGT-04;
AI Act Art. 4, 26(2); ISO/IEC 42001, 7.2). Records are never changed: a repeated course is a record of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple

from core import ids
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Principal
from explanations.requests.calendars import day_of
from ledger import service as ledger
from ledger.entries import Entry
from oversight.training import store
from oversight.training.errors import OwnTrainingError
from oversight.training.store import TrainingRow

_SOON: Final = timedelta(days=30)
_MOST_PEOPLE: Final = 2000
UNTRAINED: Final = ""  # the cohort of reviewers who had no record when they decided


class Course(NamedTuple):
    """What somebody completed, and the last day on which it counts."""

    person: str
    course: str
    cohort: str
    completed_on: date
    expires_on: date


class CohortFigures(NamedTuple):
    """How the reviews of people trained together ended."""

    cohort: str
    reviews: int
    overturned: int


class Due(NamedTuple):
    """Somebody whose training has to be looked after: the last day that counts, none without any record."""

    person: str
    until: str | None
    standing: Literal["none", "ended", "soon"]


def read_course(values: Mapping[str, str]) -> Course:
    """Read a course from outside. Raises ``InvalidError`` for a day that is none."""
    days = (_day("completed_on", values), _day("expires_on", values))
    return Course(values["person"], values["course"], values["cohort"], *days)


def _day(name: str, values: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(values[name])
    except ValueError as error:
        raise InvalidError.field(f"/{name}", "is no day of the calendar") from error


async def record(tx: Tx, by: Principal, told: Course, zone: str, now: int) -> TrainingRow:
    """Keep a record with its ledger entry. Raises ``OwnTrainingError``, ``InvalidError`` for days that can't be."""
    if told.person == by.id:
        raise OwnTrainingError
    if told.completed_on > day_of(now, zone):
        raise InvalidError.field("/completed_on", "a course is recorded once it is completed")
    if told.expires_on < told.completed_on:
        raise InvalidError.field("/expires_on", "is before the day of completion")
    days = (told.completed_on.isoformat(), told.expires_on.isoformat())
    row = TrainingRow(-1, ids.new("trn", now), by.tenant, *told[:3], *days, by.id, now)
    public = {
        "record": row.id, "person": row.person, "course": row.course, "cohort": row.cohort,
        "completed_on": row.completed_on, "expires_on": row.expires_on, "by": by.id, "by_role": by.role.value,
    }  # fmt: skip
    row = row._replace(seq=ledger.append(tx, Entry("training.recorded", by.tenant, now, public)))
    store.add(tx, row)
    return row


async def standing(tx: Reader, tenant: str, person: str, zone: str, now: int) -> dict[str, Any]:
    """Return what a review says of its reviewer's training: the record that counts today, or when the last ended.

    ``training`` is the record's id, or ``None``; ``training_ended`` is there only if there was one.
    """
    today = day_of(now, zone).isoformat()
    row = await store.last_ending(tx, tenant, person, today)
    if row is None:
        return {"training": None}
    if row.expires_on < today:
        return {"training": None, "training_ended": row.expires_on}
    return {"training": row.id}


def today(zone: str, now: int) -> str:
    """Return the civil day of an instant where the controller is, as records write it."""
    return day_of(now, zone).isoformat()


async def due(tx: Reader, tenant: str, staff: Iterable[str], zone: str, now: int) -> list[Due]:
    """Return whose training ended or ends within 30 days, the earliest first, then who of ``staff`` has no record."""
    today = day_of(now, zone)
    known = await store.endings(tx, tenant, _MOST_PEOPLE)
    ending = [
        Due(person, until, "ended" if until < today.isoformat() else "soon")
        for person, until in known
        if until <= (today + _SOON).isoformat()
    ]
    recorded = {person for person, _ in known}
    return [*ending, *(Due(person, None, "none") for person in sorted(set(staff) - recorded))]


async def cohorts(tx: Reader, tenant: str, since: int, until: int, zone: str) -> list[CohortFigures]:
    """Return how reviews of a period ended, by the cohort of the reviewer's last course before deciding."""
    courses = defaultdict(list)
    for person, day, cohort in await store.of_reviewers(tx, tenant, since, until):
        courses[person].append((day, cohort))
    outcomes = defaultdict(list)
    for reviewer, outcome, at in await store.reviews(tx, tenant, since, until):
        today = day_of(at, zone).isoformat()
        before = [cohort for day, cohort in courses[reviewer] if day <= today]
        outcomes[before[-1] if before else UNTRAINED].append(outcome)
    return [
        CohortFigures(cohort, len(found), sum(one != "upheld" for one in found))
        for cohort, found in sorted(outcomes.items())
    ]
