"""At most four reasons, grouped before they are ranked; what may not be said stops or blocks, and nothing moves up."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import subjects
from core.clock import FixedClock
from core.database import Database, Reader, Sql, Tx
from core.keys import KeyRing
from core.principal import Principal, Role
from explanations.errors import ExplanationNotFoundError
from explanations.kept import guard
from explanations.parts import Influence, Source
from explanations.reasons.ranking import UNMAPPED, ranked
from tests.explanations.deciding import TENANT, person
from tests.explanations.reasons.explaining import PUSHES, explained
from tests.explanations.reasons.tabling import approved, table_values

FAVOURABLE = {"label": "approved", "adverse": False, "threshold": 0.5}


def test_inputs_of_one_reason_are_summed_before_they_are_ranked() -> None:
    found = ranked(explained(), approved())

    assert [one.code for one in found.codes] == ["DUR_LONG", "AMOUNT_HIGH", "ACCOUNTS", "JOB_SHORT"]
    assert found.codes[2].group == ("checking", "savings")
    assert found.codes[2].contribution == pytest.approx(0.07)
    assert found.codes[2].text_id == "credit-eu@3#ACCOUNTS"
    assert [one.order_certain for one in found.codes] == [True] * 4
    assert (found.stopped, found.blocks, found.flags) == ((), (), ())
    assert found.covered == pytest.approx(1)


def test_values_the_engine_gave_for_a_whole_group_are_understood() -> None:
    found = ranked(explained({"DUR_LONG": 0.2, "ACCOUNTS": 0.3}), approved())

    assert [one.code for one in found.codes] == ["ACCOUNTS", "DUR_LONG"]


def test_what_speaks_for_the_person_is_no_reason_against() -> None:
    found = ranked(explained({"duration": -0.2, "amount": 0.1, "savings": -0.05, "checking": 0.01}), approved())

    assert [one.code for one in found.codes] == ["AMOUNT_HIGH"]


def test_a_favourable_outcome_is_explained_by_what_spoke_for_it() -> None:
    found = ranked(explained({"duration": -0.2, "amount": 0.1}, outcome=FAVOURABLE), approved())

    assert [(one.code, one.contribution) for one in found.codes] == [("DUR_LONG", -0.2)]


@pytest.mark.parametrize("stderr", [None, 0.05])
def test_an_order_that_chance_could_turn_round_is_not_called_certain(stderr: float | None) -> None:
    found = ranked(explained(stderr=stderr), approved())

    assert not any(one.order_certain for one in found.codes)
    assert "order_uncertain" in found.flags


def test_two_that_weigh_about_the_same_are_uncertain_and_the_first_is_not() -> None:
    found = ranked(explained({"duration": 0.3, "amount": 0.1, "employed": 0.1}), approved())

    assert [one.order_certain for one in found.codes] == [True, False, False]


def test_a_protected_reason_stops_everything_and_none_moves_up() -> None:
    found = ranked(explained({**PUSHES, "age": 0.15}), approved())

    assert found.stopped == ("AGE",)
    assert found.codes == ()
    assert "prohibited_in_topk" in found.flags
    assert "prohibited-basis" in found.blocks


def test_a_proxy_is_treated_like_what_it_stands_for() -> None:
    values = table_values()
    values["reasons"][3]["proxy_for"] = "family status"

    assert ranked(explained(), approved(reasons=values["reasons"])).stopped == ("JOB_SHORT",)


def test_a_protected_input_below_the_first_four_does_not_stop() -> None:
    found = ranked(explained({**PUSHES, "age": 0.001}), approved())

    assert found.stopped == ()


def test_the_engines_own_mark_is_enough_to_stop() -> None:
    values = table_values()
    values["reasons"][4]["sensitivity"] = "normal"

    assert ranked(explained({**PUSHES, "age": 0.15}), approved(reasons=values["reasons"])).stopped == ("AGE",)


def test_a_secret_is_withheld_with_its_ground_and_keeps_its_place() -> None:
    values = table_values()
    withheld = [{"features": ["amount"], "ground": "security"}]
    reasons = [one for one in values["reasons"] if one["code"] != "AMOUNT_HIGH"]

    found = ranked(explained(), approved(reasons=reasons, withheld=withheld))

    assert [one.rank for one in found.codes] == [1, 3, 4]
    assert [one.ground for one in found.withheld] == ["security"]
    assert "withheld_parts" in found.flags


def test_an_input_without_a_reason_blocks_the_release() -> None:
    found = ranked(explained({**PUSHES, "postcode": 0.15}), approved())

    assert UNMAPPED in [one.code for one in found.codes]
    assert found.blocks == ("unmapped-feature",)
    assert "reasons_unmapped" in found.flags


def test_without_an_approved_table_nothing_may_be_sent() -> None:
    assert ranked(explained(), None).blocks == ("no-approved-reasons",)


def test_reasons_that_carry_too_little_are_flagged() -> None:
    pushes = {"duration": 0.1, "amount": 0.09, "checking": 0.04, "savings": 0.04, "employed": 0.07}

    assert "reasons_incomplete" in ranked(explained(pushes), approved(most=1)).flags
    assert "reasons_incomplete" not in ranked(explained(pushes), approved()).flags


def test_without_a_direction_nothing_is_ranked() -> None:
    found = ranked(explained(target={"output": "p_bad"}), approved())

    assert (found.codes, found.blocks) == ((), ("direction-unknown",))


_PUSHES = st.dictionaries(
    st.sampled_from([*PUSHES, "postcode"]), st.floats(-1, 1, allow_nan=False, allow_subnormal=False), min_size=1
)


@settings(max_examples=150, deadline=None)
@given(_PUSHES, st.integers(1, 4))
def test_reasons_are_few_in_order_and_never_from_the_other_side(pushes: dict[str, float], most: int) -> None:
    found = ranked(explained(pushes), approved(most=most))

    assert len(found.codes) <= most
    weights = [one.contribution for one in found.codes]
    assert weights == sorted(weights, reverse=True)
    assert all(weight > 0 for weight in weights)
    assert math.fsum(one.share for one in found.codes) <= 1 + 1e-9
    assert not (found.stopped and found.codes)
    assert not any("age" in one.group for one in found.codes)


@pytest.mark.anyio
async def test_a_stopped_letter_stands_in_the_ledger(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    who = person(keyring)
    explanation = explained({**PUSHES, "age": 0.15}, subject_id=who.public_id)
    found = ranked(explanation, approved())

    async def work(tx: Tx) -> int | None:
        dek = await subjects.ensure(tx, keyring, TENANT, who, clock.now())
        return await guard.alert(tx, TENANT, explanation, found, approved(), dek, clock.now())

    async def bodies(tx: Reader) -> list[dict[str, Any]]:
        rows = await tx.rows(Sql("SELECT body FROM ledger_entry WHERE kind = 'explanation.stopped'"))
        return [json.loads(row[0]) for row in rows]

    async def told(tx: Reader) -> list[dict[str, Any]]:
        rows = await tx.rows(Sql("SELECT payload FROM job WHERE kind = 'request-webhook'"))
        return [json.loads(row[0]) for row in rows]

    seq = await db.transact(work)
    [event] = await db.read(told)
    assert (event["event"], event["seq"], event["decision"]) == ("explanation.stopped", seq, explanation.decision_id)
    [waiting] = await db.read(guard.waiting, TENANT, 10)
    assert (waiting.explanation, waiting.decision, waiting.looked_at) == (explanation.id, explanation.decision_id, None)
    [body] = await db.read(bodies)
    assert body["seq"] == seq
    assert body["public"]["decision"] == explanation.decision_id
    assert body["public"]["because"] == "prohibited-basis"
    assert body["commitment"] is not None
    assert "AGE" not in json.dumps(body["public"])


@pytest.mark.anyio
async def test_a_letter_that_may_go_out_raises_no_alarm(db: Database, clock: FixedClock) -> None:
    async def work(tx: Tx) -> int | None:
        return await guard.alert(tx, TENANT, explained(), ranked(explained(), approved()), approved(), b"", clock.now())

    assert await db.transact(work) is None


@pytest.mark.anyio
async def test_a_stopped_letter_waits_until_somebody_has_looked_at_it_once(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    who, officer = person(keyring), Principal(TENANT, "oidc_dana", Role.DPO)
    explanation = explained({**PUSHES, "age": 0.15}, subject_id=who.public_id)

    async def stop(tx: Tx) -> int | None:
        dek = await subjects.ensure(tx, keyring, TENANT, who, clock.now())
        found = ranked(explanation, approved())
        return await guard.alert(tx, TENANT, explanation, found, approved(), dek, clock.now())

    await db.transact(stop)
    with pytest.raises(ExplanationNotFoundError):
        await db.transact(guard.look, replace(officer, tenant="other"), explanation.id, "x", clock.now())
    for note in ("age is no input any more", "a second time"):
        await db.transact(guard.look, officer, explanation.id, note, clock.now())

    assert await db.read(guard.waiting, TENANT, 10) == []
    kinds = await db.read(lambda tx: tx.rows(Sql("SELECT body FROM ledger_entry WHERE kind = 'explanation.looked-at'")))
    [public] = [json.loads(row[0])["public"] for row in kinds]
    assert (public["by"], public["note"]) == ("oidc_dana", "age is no input any more")


def test_a_protected_input_that_turned_a_language_models_decision_stops_the_letter_too() -> None:
    source = Source(kind="record", ref="age", influence=Influence(test="alteration", runs=10, flips=9))
    bare = explained().model_copy(update={"attributions": (), "sources": (source,)})
    flagged = bare.model_copy(update={"quality": bare.quality.model_copy(update={"flags": ("prohibited_in_topk",)})})

    assert ranked(bare, approved()).blocks == ()
    assert ranked(flagged, approved()).blocks == ("prohibited-basis",)
    assert ranked(flagged, approved()).stopped
