"""Only what has run its course and is not held is deleted, exactly, and a certificate proves it (EVI-03)."""

import pytest

from core import canonical
from core.clock import DAY, FixedClock, parse_rfc3339
from core.database import Database, Sql, Tx
from core.errors import InvalidError
from core.keys import KeyRing
from explanations import service as decisions
from jobs.retain import Retain
from ledger import service as ledger
from oversight.errors import SecondPersonNeededError
from oversight.retention import certifying, deleting, schedules, store
from oversight.retention.errors import RetentionTooShortError
from oversight.retention.minimums import Where
from oversight.retention.schedules import Wish
from tests.oversight.retaining import DPO, IRELAND, PACKS, SECOND, TENANT, Company

pytestmark = pytest.mark.anyio


@pytest.fixture
def company(db: Database, keyring: KeyRing, clock: FixedClock) -> Company:
    """A company that has recorded nothing yet."""
    return Company(db, keyring, clock)


async def test_without_a_schedule_nothing_is_deleted(company: Company) -> None:
    kept = await company.decide("a", "b")
    company.days(40_000)
    assert await company.retain.everything() == []
    assert await company.left() == set(kept)


async def test_only_what_has_run_its_course_goes_and_at_that_very_instant(company: Company) -> None:
    [old] = await company.decide("old")
    company.clock.advance(1)
    [young] = await company.decide("young")
    company.clock.advance(-1)
    await company.keep("decision", "P90D")
    company.days(90)
    company.clock.advance(-1)
    assert await company.retain.everything() == []
    company.clock.advance(1)
    [made] = await company.retain.everything()

    assert (made.deleted, made.first, made.last, made.verified_at) == (1, old, old, company.clock.now())
    assert await company.left() == {young}
    view = await company.db.read(decisions.view, company.keyring, TENANT, old)
    assert (view.personal, view.row.outcome) == (None, "declined")
    assert await company.verified() == []


async def test_months_are_counted_by_the_calendar(company: Company) -> None:
    company.clock.at = parse_rfc3339("2026-11-28T18:00:00Z")
    [evening] = await company.decide("evening of the 28th")
    company.clock.at = parse_rfc3339("2026-11-30T12:00:00Z")
    [noon] = await company.decide("noon of the 30th")
    await company.keep("decision", "P3M")
    company.clock.at = parse_rfc3339("2027-02-28T12:00:00Z")
    [made] = await company.retain.everything()
    assert (made.deleted, made.first, await company.left()) == (1, noon, {evening})
    assert made.cut_off == parse_rfc3339("2026-11-30T12:00:00Z")


async def test_the_certificate_is_in_the_ledger_and_what_remains_proves_what_was_deleted(company: Company) -> None:
    await company.decide(*(f"r{number}" for number in range(120)))
    await company.keep("decision", "P90D")
    company.days(91)
    [made] = await company.retain.everything()
    assert made.deleted == 120
    assert made.seq is not None
    entry = await company.db.read(ledger.entry, TENANT, made.seq)
    said = canonical.loads(entry.body)["public"]
    assert said == {**certifying.document(made), "left": 0}
    steps = await company.db.fetch(Sql("SELECT DISTINCT seq FROM deleted_record ORDER BY seq"))
    assert len(steps) == 3  # small steps: writers are never held up for long
    assert await company.verified() == []
    await company.db.transact(_forge, Sql("UPDATE deleted_record SET remains = '{}' WHERE record = :id"), made.last)
    assert [finding.table for finding in await company.verified()] == ["deleted_record"]


async def _forge(tx: Tx, statement: Sql, record: str | None) -> None:
    await tx.execute(statement, id=record)


async def test_what_somebody_else_emptied_is_found(company: Company) -> None:
    [one] = await company.decide("a")
    statement = Sql("UPDATE decision SET sealed = :nothing WHERE id = :id")

    async def empty(tx: Tx) -> None:
        await tx.execute(statement, nothing=b"", id=one)

    await company.db.transact(empty)
    assert [(found.table, found.key) for found in await company.verified()] == [("decision", one)]


async def test_held_records_stay_until_the_hold_is_released(company: Company) -> None:
    [mine] = await company.decide("mine")
    [theirs, one] = await company.decide("theirs", "one", subject="customer-2")
    await company.keep("decision", "P90D")
    person, record = await company.hold("subject"), await company.hold("record", "decision", one)
    company.days(91)
    [made] = await company.retain.everything()
    assert await company.left() == {mine, one}
    assert canonical.loads(made.held) == {person.id: 1, record.id: 1}
    assert await company.retain.everything() == []  # nothing new to certify

    await company.release(person)
    [made] = await company.retain.everything()
    assert (made.first, made.last, await company.left()) == (mine, mine, {one})
    await company.release(record)
    assert [run.first for run in await company.retain.everything()] == [one]
    assert theirs not in await company.left()
    assert await company.verified() == []


async def test_a_hold_on_a_sort_keeps_all_of_it(company: Company) -> None:
    kept = await company.decide("a", "b")
    await company.keep("decision", "P90D")
    hold = await company.hold("type", "decision")
    company.days(91)
    [made] = await company.retain.everything()
    assert (made.deleted, canonical.loads(made.held)) == (0, {hold.id: 2})
    assert await company.left() == set(kept)


async def test_a_hold_that_comes_while_a_run_is_under_way_is_kept_to(company: Company) -> None:
    await company.decide(*(f"r{number}" for number in range(60)), subject="customer-2")
    company.clock.advance(1000)  # ids are in order by the millisecond
    [mine] = await company.decide("mine")
    await company.keep("decision", "P90D")
    company.days(91)
    run = await company.db.transact(deleting.begin, PACKS, TENANT, "decision", company.clock.now())
    assert run is not None
    assert await company.db.transact(deleting.step, TENANT, run.id, company.clock.now())
    hold = await company.hold("subject")
    [made] = await company.retain.everything()
    assert (made.id, made.deleted, canonical.loads(made.held)) == (run.id, 60, {hold.id: 1})
    assert await company.left() == {mine}


async def test_a_killed_run_goes_on_where_it_stood(company: Company) -> None:
    await company.decide(*(f"r{number}" for number in range(120)))
    await company.keep("decision", "P90D")
    company.days(91)
    run = await company.db.transact(deleting.begin, PACKS, TENANT, "decision", company.clock.now())
    assert run is not None
    await company.db.transact(deleting.step, TENANT, run.id, company.clock.now())
    company.days(1)
    [made] = await Retain(company.db, company.clock, PACKS).everything()
    assert (made.id, made.deleted, made.as_of) == (run.id, 120, company.clock.now() - DAY)
    assert await company.left() == set()
    assert await company.verified() == []


async def test_a_changed_schedule_ends_a_run_and_the_next_keeps_to_the_new_one(company: Company) -> None:
    await company.decide(*(f"r{number}" for number in range(60)))
    await company.keep("decision", "P90D")
    company.days(91)
    run = await company.db.transact(deleting.begin, PACKS, TENANT, "decision", company.clock.now())
    assert run is not None
    await company.db.transact(deleting.step, TENANT, run.id, company.clock.now())
    await company.keep("decision", None)
    [made] = await company.retain.everything()
    assert (made.deleted, len(await company.left())) == (50, 10)
    assert await company.retain.everything() == []


async def test_a_schedule_shorter_than_the_law_is_refused_with_the_rule_and_its_source(company: Company) -> None:
    wish = Wish("P12M", "short", Where(("US-CO",), ("other",)))
    at = parse_rfc3339("2027-02-01T00:00:00Z")
    with pytest.raises(RetentionTooShortError) as refused:
        await company.db.transact(schedules.propose, DPO, PACKS, "decision", wish, at)
    [fault] = refused.value.fields
    assert fault.pointer == "/period"
    assert "us-co.retention" in fault.detail
    assert "CRS 6-1-1702(4)" in fault.detail
    await company.db.transact(schedules.propose, DPO, PACKS, "decision", wish._replace(period="P3Y"), at)


async def test_a_rule_that_came_into_force_since_is_kept_to(company: Company) -> None:
    kept = await company.decide("a")
    await company.keep("decision", "P90D", Where(("US-CO",), ("other",)))
    company.days(100)  # since 2027-01-01 Colorado asks for three years
    assert await company.retain.everything() == []
    assert await company.left() == set(kept)
    company.days(3 * 366)
    [made] = await company.retain.everything()
    assert canonical.loads(made.periods) == ["P90D", "P3Y"]


async def test_advice_is_set_aside_by_name_and_a_binding_rule_is_not(company: Company) -> None:
    california = Where(("US-CA",), ("other",))
    wish = Wish("P12M", "we answer within weeks", california)
    now = company.clock.now()
    with pytest.raises(RetentionTooShortError):
        await company.db.transact(schedules.propose, DPO, PACKS, "explanation-request", wish, now)
    aside = wish._replace(set_aside=("us-ca.retention",))
    await company.db.transact(schedules.propose, DPO, PACKS, "explanation-request", aside, now)
    binding = Wish("P30D", "short", Where(("IN",)), ("in.retention",))
    with pytest.raises(InvalidError):
        await company.db.transact(schedules.propose, DPO, PACKS, "decision", binding, now)


async def test_keeping_shorter_takes_two_people_and_keeping_longer_one(company: Company) -> None:
    now = company.clock.now()
    wish = Wish("P2Y", "we need it", IRELAND)
    first = await company.db.transact(schedules.propose, DPO, PACKS, "decision", wish, now)
    assert first.approved_at is None
    assert await company.db.read(store.schedule_in_force, TENANT, "decision") is None
    with pytest.raises(SecondPersonNeededError):
        await company.db.transact(schedules.approve, DPO, PACKS, "decision", now)
    await company.db.transact(schedules.approve, SECOND, PACKS, "decision", now)
    longer = await company.db.transact(schedules.propose, DPO, PACKS, "decision", wish._replace(period="P3Y"), now)
    assert (longer.version, longer.approved_by) == (2, DPO.id)
    shorter = await company.db.transact(schedules.propose, DPO, PACKS, "decision", wish, now)
    assert shorter.approved_at is None
    in_force = await company.db.read(store.schedule_in_force, TENANT, "decision")
    assert in_force is not None
    assert in_force.version == 2
