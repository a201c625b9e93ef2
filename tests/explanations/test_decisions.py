"""Decisions in the records: complete, sealed, once each, with their ledger entry; on both databases."""

import asyncio
import json
from typing import Any

import pytest

from core import subjects
from core.clock import DAY, FixedClock
from core.database import Database, Reader, Sql, Tx
from core.http import HttpClient
from core.keys import KeyRing
from explanations import service
from explanations.adapters.pushed import Pushed
from explanations.asking import Asker
from explanations.cases import Policy, case_of
from explanations.decisions import Sheet
from explanations.engine import Engine
from explanations.errors import DecisionDiffersError, DecisionNotFoundError, InvalidDecisionError, NotExplainableError
from explanations.port import Endpoint
from ledger import service as ledger
from ledger.entries import commitment
from tests.explanations.deciding import TENANT, person, record, sheet

pytestmark = pytest.mark.anyio


async def count(db: Database) -> int:
    async def work(tx: Reader) -> int:
        row = await tx.row(Sql("SELECT count(*) FROM decision"))
        assert row is not None
        return int(row[0])

    return await db.read(work)


async def test_a_decision_comes_back_as_it_was_told(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    told = sheet(keyring, adverse=False)
    [kept] = await record(db, keyring, clock, told)

    view = await db.read(service.view, keyring, TENANT, kept.id)

    assert kept.fresh
    assert view.personal == told.personal
    assert (view.row.model, view.row.model_version, view.row.outcome) == ("credit", "2026-10-3", "declined")
    assert view.row.adverse is False
    assert view.row.occurred_at == clock.now()
    assert json.loads(view.row.permission)["decision"] == "allow"


async def test_its_ledger_entry_says_the_same_and_commits_to_the_rest(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    told = sheet(keyring)
    [kept] = await record(db, keyring, clock, told)

    view = await db.read(service.view, keyring, TENANT, kept.id)
    entry = await db.read(ledger.entry, TENANT, kept.seq)
    dek = await db.read(subjects.data_key, keyring, TENANT, told.subject.pseudonym)
    body = json.loads(entry.body)

    assert entry.kind == "decision.recorded"
    assert body["public"] == json.loads(json.dumps(service.public_of(view.row)))
    assert dek is not None
    assert body["commitment"] == commitment(dek, entry.id, told.personal)
    assert "car" not in entry.body
    assert "0.62" not in entry.body


async def test_nothing_personal_lies_open_in_the_row(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    await record(db, keyring, clock, sheet(keyring))

    async def work(tx: Reader) -> str:
        return repr(await tx.rows(Sql("SELECT * FROM decision")))

    found = await db.read(work)
    assert not any(word in found for word in ("customer-1", "car (new)", "0.62", "policy 7", "above threshold"))


async def test_the_same_again_gives_the_first_and_records_nothing(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    [first] = await record(db, keyring, clock, sheet(keyring))
    clock.advance(DAY)
    [again] = await record(db, keyring, clock, sheet(keyring))
    [twice, thrice] = await record(db, keyring, clock, sheet(keyring, "app-2"), sheet(keyring, "app-2"))

    assert again == first._replace(fresh=False)
    assert (twice.id, twice.fresh, thrice.fresh) == (thrice.id, True, False)
    assert await count(db) == 2


@pytest.mark.parametrize("changes", [{"outcome": "approved"}, {"subject": "customer-2"}, {"personal": {}}])
async def test_another_decision_under_a_known_id_is_refused_and_names_the_place(
    db: Database, keyring: KeyRing, clock: FixedClock, changes: dict[str, Any]
) -> None:
    await record(db, keyring, clock, sheet(keyring))
    if "personal" in changes:
        changes = {"personal": {**sheet(keyring).personal, "output": 0.63}}

    with pytest.raises(DecisionDiffersError) as refused:
        await record(db, keyring, clock, sheet(keyring, "app-2"), sheet(keyring, **changes))

    assert [field.pointer for field in refused.value.fields] == ["/decisions/1/id"]
    assert await count(db) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"model_version": " "}, "/decisions/0/model/version"),
        ({"human_role": None}, "/decisions/0/human"),
        ({"occurred_at": 1 << 60}, "/decisions/0/occurred_at"),
    ],
)
async def test_an_incomplete_decision_is_refused(
    db: Database, keyring: KeyRing, clock: FixedClock, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidDecisionError) as refused:
        await record(db, keyring, clock, sheet(keyring, **changes))

    assert [field.pointer for field in refused.value.fields] == [pointer]
    assert await count(db) == 0


def test_high_stakes_need_a_rationale_and_everything_needs_inputs(keyring: KeyRing) -> None:
    def wanting(told: Sheet) -> list[str]:
        with pytest.raises(InvalidDecisionError) as refused:
            service.check([told], 0)
        return [field.pointer for field in refused.value.fields]

    assert wanting(sheet(keyring, personal={"inputs": {"a": 1}})) == ["/rationale"]
    assert wanting(sheet(keyring, personal={}, effect="limited")) == ["/inputs"]
    service.check([sheet(keyring, personal={"inputs_reference": "lake:7"}, effect="limited", human_role=None)], 0)


async def test_erasure_leaves_the_decision_without_its_content(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    [kept] = await record(db, keyring, clock, sheet(keyring))

    async def erase(tx: Tx) -> None:
        await subjects.erase(tx, TENANT, person(keyring).pseudonym, kept.seq + 1, clock.now())

    await db.transact(erase)
    view = await db.read(service.view, keyring, TENANT, kept.id)
    assert view.personal is None
    await record(db, keyring, clock, sheet(keyring, "app-2"))  # the person came back: a new key
    assert (await db.read(service.view, keyring, TENANT, kept.id)).personal is None


async def test_another_tenants_decision_is_not_found(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    [kept] = await record(db, keyring, clock, sheet(keyring))

    with pytest.raises(DecisionNotFoundError):
        await db.read(service.view, keyring, "ten_other", kept.id)


async def test_many_producers_at_once_record_each_decision_once(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    def portion(number: int) -> list[Sheet]:
        return [sheet(keyring, f"app-{number % 10}-{n}", f"customer-{n}") for n in range(20)]

    kept = await asyncio.gather(*(record(db, keyring, clock, *portion(number)) for number in range(30)))

    assert await count(db) == 200
    assert len({one.id for part in kept for one in part}) == 200
    assert sum(one.fresh for part in kept for one in part) == 200


async def test_a_recorded_decision_is_explained_from_what_was_pushed_with_it(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    spot = Endpoint("pushed", "http://none", ("duration_in_month", "amount"), class_name="bad", space="probability")
    pushed = {
        "shap_values": {"duration_in_month": 0.2, "amount": 0.12},
        "base_value": 0.3,
        "output": 0.62,
        "class_name": "bad",
    }
    told = {**sheet(keyring).personal, "inputs": {"duration_in_month": 48, "amount": 9}, "explanation": pushed}
    [kept] = await record(db, keyring, clock, sheet(keyring, personal=told))
    case = case_of(await db.read(service.view, keyring, TENANT, kept.id), spot)

    client = HttpClient()
    made = await Engine(Asker(client), clock).explain(case, spot, Pushed(spot), None, Policy())
    await client.close()

    assert made.reliable
    assert made.explanation.decision_id == kept.id
    assert made.explanation.outcome.threshold == 0.5
    assert {one.feature: one.value for one in made.explanation.attributions} == pushed["shap_values"]
    assert made.explanation.quality.additivity_error == pytest.approx(0, abs=1e-9)


async def test_without_inputs_in_the_records_there_is_no_case(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    spot = Endpoint("pushed", "http://none", ("a",))
    [kept] = await record(db, keyring, clock, sheet(keyring, effect="limited", personal={"inputs_reference": "lake:7"}))

    with pytest.raises(NotExplainableError):
        case_of(await db.read(service.view, keyring, TENANT, kept.id), spot)
