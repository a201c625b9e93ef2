"""Reason tables in the records: complete, approved by a second person, immutable; on both databases."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.clock import FixedClock
from core.database import Database, Reader, Sql
from core.principal import Principal, Role
from explanations.reasons import service
from explanations.reasons.documents import ReasonTable, contradictions
from explanations.reasons.errors import (
    InvalidReasonTableError,
    NothingDraftedError,
    ReasonTableChangedError,
    ReasonTableNotFoundError,
    ReasonTableRetiredError,
    SecondPersonNeededError,
)
from explanations.reasons.generic import is_generic
from tests.explanations.deciding import TENANT
from tests.explanations.reasons.tabling import APPROVER, WRITER, table, table_values

pytestmark = pytest.mark.anyio
GENERIC = [
    "Score too low",
    "Your credit score was insufficient.",
    "Internal policy",
    "Does not meet our internal standards",
    "You did not meet our criteria.",
    "Failed to achieve a qualifying score",
    "Overall risk assessment",
    "The algorithm declined your application.",
    "Automated decision",
    "The model's result was negative.",
    "Various reasons",
    "Insufficient score under our lending guidelines.",
    "Risk profile too high.",
    "Ihre Bonität ist nicht ausreichend.",
    "Interne Richtlinien",
    "Die Punktzahl war zu niedrig.",
    "Score insuffisant",
    "La demande ne répond pas à nos critères.",
    "Puntuación demasiado baja",
    "Punteggio insufficiente",
    "Voldoet niet aan onze criteria.",
    "Zbyt niska ocena",
    "Não cumpre os critérios.",
    "درجة منخفضة جدا",
]
SPECIFIC = [
    "The loan runs for longer than most.",
    "You began your present job recently.",
    "Your checking account is often overdrawn.",
    "Payments on an earlier loan were late.",
    "Die Laufzeit ist lang.",
    "Trop de demandes de crédit récentes",
    "Poco tiempo en el empleo actual",
    "Zbyt krótki czas pracy",
]


@pytest.mark.parametrize("text", GENERIC)
def test_a_reason_that_gives_none_is_refused(text: str) -> None:
    values = table_values()
    values["reasons"][0]["texts"]["en"]["adverse"] = text

    assert is_generic(text)
    assert "/reasons/0/texts/en/adverse" in [fault.pointer for fault in contradictions(ReasonTable(**values))]


@pytest.mark.parametrize("text", SPECIFIC)
def test_a_reason_that_names_what_was_looked_at_is_not_generic(text: str) -> None:
    assert not is_generic(text)


def test_the_example_contradicts_nothing() -> None:
    assert contradictions(table()) == ()


def _broken(name: str) -> dict[str, Any]:
    values = table_values()
    if name == "forgotten input":
        values["inputs"].append("postcode")
    if name == "input in two reasons":
        values["reasons"][0]["features"].append("amount")
    if name == "unknown input":
        values["reasons"][0]["features"].append("shoe_size")
    if name == "code twice":
        values["reasons"][0]["code"] = "AMOUNT_HIGH"
    if name == "says it is no input but it is":
        values["not_inputs"]["age"] = {"en": "your age"}
    if name == "words for a stranger":
        values["words"]["shoe_size"] = {"unit": {"en": "EU"}}
    return values


@pytest.mark.parametrize(
    "name",
    [
        "forgotten input",
        "input in two reasons",
        "unknown input",
        "code twice",
        "says it is no input but it is",
        "words for a stranger",
    ],
)
def test_every_input_stands_in_exactly_one_place(name: str) -> None:
    assert contradictions(ReasonTable.model_validate(_broken(name)))


@pytest.mark.parametrize("text", ["<b>long</b>", "see [here](x)", "a\u202eb", "a`b", "line\nbreak", "{slot}"])
def test_approved_words_hold_no_markup(text: str) -> None:
    values = table_values()
    values["reasons"][0]["texts"]["en"]["adverse"] = text

    with pytest.raises(ValidationError):
        ReasonTable.model_validate(values)


@given(st.sets(st.sampled_from(["duration", "amount", "checking", "savings", "employed", "age"]), min_size=1))
def test_leaving_inputs_out_is_always_noticed(dropped: set[str]) -> None:
    values = table_values()
    for one in values["reasons"]:
        one["features"] = [name for name in one["features"] if name not in dropped]
    values["reasons"] = [one for one in values["reasons"] if one["features"]]
    if values["reasons"]:
        assert contradictions(ReasonTable.model_validate(values))


async def test_a_second_person_approves_and_the_version_stands(db: Database, clock: FixedClock) -> None:
    await db.transact(service.create, WRITER, table(), clock.now())
    with pytest.raises(SecondPersonNeededError):
        await db.transact(service.approve, WRITER, "credit-eu", clock.now())
    assert await db.read(service.in_force, TENANT, "scorer") is None

    view = await db.transact(service.approve, APPROVER, "credit-eu", clock.now())

    found = await db.read(service.in_force, TENANT, "scorer")
    assert found is not None
    assert (found.table, found.version, found.ref) == (table(), 1, "credit-eu@1")
    assert view.approved is not None
    assert (view.approved.approved_by, json.loads(view.approved.drafted_by)) == (APPROVER.id, [WRITER.id])


async def test_whoever_touched_the_draft_is_no_second_person(db: Database, clock: FixedClock) -> None:
    third = Principal(TENANT, "key_third", Role.DPO)
    await db.transact(service.create, WRITER, table(), clock.now())
    await db.transact(service.draft, APPROVER, table(most=3), clock.now())

    for one in (WRITER, APPROVER):
        with pytest.raises(SecondPersonNeededError):
            await db.transact(service.approve, one, "credit-eu", clock.now())
    await db.transact(service.approve, third, "credit-eu", clock.now())
    with pytest.raises(NothingDraftedError):
        await db.transact(service.approve, third, "credit-eu", clock.now())


async def test_an_approved_version_is_never_changed_by_the_next(db: Database, clock: FixedClock) -> None:
    await db.transact(service.create, WRITER, table(), clock.now())
    await db.transact(service.approve, APPROVER, "credit-eu", clock.now())
    await db.transact(service.draft, WRITER, table(most=2), clock.now())
    before = await db.read(service.versions, TENANT, "credit-eu")
    await db.transact(service.approve, APPROVER, "credit-eu", clock.now())
    after = await db.read(service.versions, TENANT, "credit-eu")

    assert [row.version for row in after] == [2, 1]
    assert after[1].document == before[0].document
    found = await db.read(service.in_force, TENANT, "scorer")
    assert found is not None
    assert (found.version, found.table.most) == (2, 2)


async def test_the_ledger_says_who_wrote_and_who_approved(db: Database, clock: FixedClock) -> None:
    await db.transact(service.create, WRITER, table(), clock.now())
    await db.transact(service.approve, APPROVER, "credit-eu", clock.now())

    async def bodies(tx: Reader) -> list[dict[str, Any]]:
        rows = await tx.rows(Sql("SELECT body FROM ledger_entry ORDER BY seq"))
        return [json.loads(row[0]) for row in rows]

    drafted, approved = await db.read(bodies)
    assert (drafted["kind"], drafted["public"]["by"]) == ("reason-table.drafted", WRITER.id)
    assert (approved["kind"], approved["public"]["by"]) == ("reason-table.approved", APPROVER.id)
    assert approved["public"]["drafted_by"] == [WRITER.id]


async def test_a_stale_change_an_incomplete_table_and_another_system_are_refused(
    db: Database, clock: FixedClock
) -> None:
    await db.transact(service.create, WRITER, table(), clock.now())

    with pytest.raises(ReasonTableChangedError):
        await db.transact(service.draft, WRITER, table(), clock.now(), 7)
    with pytest.raises(InvalidReasonTableError):
        await db.transact(service.draft, WRITER, table(inputs=["duration"]), clock.now())
    with pytest.raises(InvalidReasonTableError):
        await db.transact(service.draft, WRITER, table(system="other"), clock.now())
    with pytest.raises(ReasonTableNotFoundError):
        await db.transact(service.draft, WRITER, table(key="nope"), clock.now())


async def test_the_most_special_place_wins_and_a_retired_table_never(db: Database, clock: FixedClock) -> None:
    for key, places in (("world", ["*"]), ("us", ["US"]), ("us-ca", ["US-CA"]), ("eu", ["EU"])):
        await db.transact(service.create, WRITER, table(key=key, jurisdictions=places), clock.now())
        await db.transact(service.approve, APPROVER, key, clock.now())

    async def chosen(place: str | None) -> str | None:
        found = await db.read(service.in_force, TENANT, "scorer", place)
        return None if found is None else found.table.key

    assert [await chosen(place) for place in ("US-CA", "US-NY", "DE", None)] == ["us-ca", "us", "world", "world"]
    await db.transact(service.retire, WRITER, "world", clock.now())
    assert await chosen("DE") is None
    with pytest.raises(ReasonTableRetiredError):
        await db.transact(service.draft, WRITER, table(key="world"), clock.now())
