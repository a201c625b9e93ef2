"""The engine against a real server on a loopback port that lies, fails and dawdles."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from core import canonical
from core.clock import FixedClock
from core.http import HttpClient
from explanations import registry
from explanations.asking import Asker
from explanations.canonical import read
from explanations.cases import Case, Group, Policy
from explanations.engine import Engine, Explained
from explanations.errors import ModelUnavailableError
from explanations.port import Endpoint, Native
from explanations.recourse import Actionable
from tests.explanations.credit import APPLICANTS, FEATURES, cells, exact, p_bad
from tests.explanations.serving import REFERENCE, SECRET, ModelServer, running

pytestmark = pytest.mark.anyio
DECLINED = next(row for row in APPLICANTS[200:] if p_bad(cells(row)) > 0.5)
GROUP = Group("all_applicants", "bg:test", APPLICANTS[:100])
CASE = Case(
    decision="dec_" + "0" * 31 + "1",
    subject="sub_" + "0" * 31 + "1",
    model="credit",
    version="3",
    inputs=DECLINED,
    output=p_bad(cells(DECLINED)),
    outcome="declined",
    adverse=True,
    threshold=0.35,
)
POLICY = Policy(
    seconds=60,  # a busy machine is no slow model
    sensitivity={"age_in_years": "protected"},
    actionable=(Actionable("duration_in_month", "down"), Actionable("credit_amount", "down")),
)
TRUTH = exact(cells(DECLINED), REFERENCE, range(len(FEATURES)))
EXPLAINING = "/explain"


def endpoint(server: ModelServer, **changes: Any) -> Endpoint:
    settings: dict[str, Any] = {
        "class_name": "bad",
        "class_index": 1,
        "space": "probability",
        "direction": "higher_is_adverse",
        "version_at": "/version",
        "explain_path": EXPLAINING,
        "headers": {"Authorization": SECRET},
        **changes,
    }
    return Endpoint("http-json", f"http://127.0.0.1:{server.port}", FEATURES, **settings)


async def explain(
    server: ModelServer, case: Case = CASE, policy: Policy = POLICY, group: Group | None = GROUP, **changes: Any
) -> Explained:
    """Explain one decision by a fresh engine."""
    client = HttpClient([f"127.0.0.1:{server.port}"])
    asked = endpoint(server, **changes)
    try:
        made = await Engine(Asker(client), FixedClock(1_790_000_000_000_000)).explain(
            case, asked, registry.adapter(asked), group, policy
        )
    finally:
        await client.close()
    assert read(canonical.dumps(made.explanation.document())) == made.explanation
    assert SECRET not in repr(made)
    return made


def steps(made: Explained) -> list[tuple[str, str]]:
    return [(step.way, step.outcome) for step in made.steps]


async def test_an_honest_explainer_is_used_after_replay_and_checks() -> None:
    async with running("honest") as server:
        made = await explain(server)

    quality = made.explanation.quality
    assert steps(made) == [("native", "used")]
    assert (quality.replay_match, quality.direction_checked, quality.grade) == (True, True, "B")
    assert quality.additivity_error == pytest.approx(0, abs=1e-9)
    assert "order_uncertain" in quality.flags  # nobody said how sure the order is
    assert (made.explanation.model.version, made.explanation.model.version_source) == ("3", "response")
    assert server.marked == len(server.requests)


async def test_without_an_explainer_the_black_box_agrees_with_the_exact_values() -> None:
    async with running("no explainer") as server:
        made = await explain(server)

    explanation = made.explanation
    assert steps(made) == [("native", "explain-not-supported"), ("blackbox", "used")]
    for place, feature in enumerate(FEATURES):
        [found] = [one for one in explanation.attributions if one.feature == feature]
        assert found.stderr is not None
        assert abs(found.value - TRUTH[place]) <= 4 * found.stderr + 1e-12
    assert explanation.quality.replay_match is True
    assert explanation.quality.grade in {"A", "B"}
    assert explanation.reference.kind == "all_applicants"
    assert explanation.counterfactuals
    for one in explanation.counterfactuals:
        changed = {**DECLINED, **{change.feature: change.to for change in one.changes}}
        assert one.verified
        assert one.output_value == p_bad(cells(changed)) < 0.35


LIES = {
    "flipped": "explanation-not-true",
    "swapped": "explanation-not-true",
    "other class": "explanation-not-true",
    "bare flipped": "explanation-not-true",
    "unnamed": "model-answer-malformed",
    "truncated": "model-answer-malformed",
}


@pytest.mark.parametrize("mode", LIES)
async def test_a_lying_explainer_is_found_out_and_the_black_box_used(mode: str) -> None:
    async with running(mode) as server:
        made = await explain(server)

    assert steps(made) == [("native", LIES[mode]), ("blackbox", "used")]
    assert made.steps[0].said
    worst = max(made.explanation.attributions, key=lambda one: one.value)
    assert worst.feature == FEATURES[max(TRUTH, key=lambda place: TRUTH[place])]


@pytest.mark.parametrize(("mode", "flag"), [("flipped", "additivity_failed"), ("swapped", "class_mismatch")])
async def test_without_a_way_out_a_lie_ends_in_the_honest_statement(mode: str, flag: str) -> None:
    async with running(mode) as server:
        made = await explain(server, group=None)

    assert not made.reliable
    assert made.explanation.attributions == ()
    assert {flag, "unreliable"} <= set(made.explanation.quality.flags)
    assert made.steps[-1].way == "none"


async def test_bare_values_are_used_with_everything_they_leave_open_flagged() -> None:
    async with running("bare") as server:
        made = await explain(server)

    assert steps(made) == [("native", "used")]
    assert {"base_unknown", "names_from_config", "class_unknown"} <= set(made.explanation.quality.flags)
    assert made.explanation.quality.grade == "C"


@pytest.mark.parametrize(("mode", "flag"), [("changed", "replay_mismatch"), ("new version", "version_changed")])
async def test_a_model_that_changed_is_not_explained_as_if_it_were_the_old_one(mode: str, flag: str) -> None:
    async with running(mode) as server:
        made = await explain(server)

    assert steps(made) == [("replay", "model-changed"), ("none", "unreliable")]
    assert not made.reliable
    assert made.explanation.attributions == ()
    assert flag in made.explanation.quality.flags
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [("drip", "model-unavailable"), ("flood", "model-answer-malformed"), ("cut off", "model-answer-malformed")],
)
async def test_a_server_that_dawdles_floods_or_breaks_off_is_left_in_time(mode: str, outcome: str) -> None:
    async with running(mode) as server:
        began = time.monotonic()
        made = await explain(server, policy=replace(POLICY, seconds=0.6 if mode == "drip" else 60))
        took = time.monotonic() - began

    assert steps(made) == [("replay", outcome), ("none", "unreliable")]
    assert made.steps[0].said
    assert took < 15  # the whole answer would take twice as long


async def test_a_slow_explainer_leaves_time_to_work_it_out_from_predictions() -> None:
    async with running("slow explainer") as server:
        made = await explain(server, policy=replace(POLICY, walks=100, seconds=8))

    assert steps(made) == [("native", "model-unavailable"), ("blackbox", "used")]


@pytest.mark.parametrize("mode", ["reset once", "busy once"])
async def test_one_retry_mends_a_broken_connection_or_a_busy_server(mode: str) -> None:
    async with running(mode) as server:
        made = await explain(server)

    assert steps(made) == [("native", "used")]


async def test_a_pushed_explanation_is_used_without_asking_and_outlives_the_model() -> None:
    values = {FEATURES[place]: value for place, value in TRUTH.items()}
    base = sum(map(p_bad, REFERENCE)) / len(REFERENCE)
    case = replace(CASE, pushed=Native(values, base, CASE.output, "bad"))
    async with running("broken") as server:
        made = await explain(server, case)
        assert server.requests == []

    assert steps(made) == [("pushed", "used")]
    assert made.explanation.computed_at_decision_time
    assert (made.explanation.quality.grade, made.explanation.method.origin) == ("C", "pushed")


async def test_a_pushed_explanation_that_does_not_add_up_is_not_used() -> None:
    values = {FEATURES[place]: -value for place, value in TRUTH.items()}
    base = sum(map(p_bad, REFERENCE)) / len(REFERENCE)
    async with running("honest") as server:
        made = await explain(server, replace(CASE, pushed=Native(values, base, CASE.output, "bad")))

    assert steps(made) == [("pushed", "explanation-not-true"), ("native", "used")]


async def test_a_protected_input_among_the_reasons_is_flagged_and_not_replaced() -> None:
    first = FEATURES[max(TRUTH, key=lambda place: TRUTH[place])]
    async with running("no explainer") as server:
        made = await explain(server, policy=Policy(seconds=60, sensitivity={first: "protected"}))

    assert "prohibited_in_topk" in made.explanation.quality.flags
    assert first in {one.feature for one in made.explanation.attributions}


@pytest.mark.parametrize(("top", "told_so"), [(1, True), (4, False)])
async def test_reasons_that_leave_most_of_the_gap_open_are_flagged_as_incomplete(top: int, told_so: bool) -> None:
    person = [row for row in APPLICANTS[200:] if p_bad(cells(row)) > 0.5][1]
    case = replace(CASE, inputs=person, output=p_bad(cells(person)), threshold=None)
    async with running("no explainer") as server:
        made = await explain(server, case, Policy(top=top, walks=100, seconds=60))

    quality = made.explanation.quality
    assert quality.sufficiency_gap_closed is not None
    assert (quality.sufficiency_gap_closed < 0.6) is told_so
    assert ("reasons_incomplete" in quality.flags) is told_so
    assert quality.grade != "A" or not told_so


async def test_batches_are_split_to_what_the_endpoint_takes() -> None:
    async with running("no explainer") as server:
        made = await explain(server, policy=Policy(walks=100, seconds=60), max_batch=150)

    assert made.reliable
    assert max(server.batches) == 150


async def test_a_failing_endpoint_is_left_alone_for_a_while() -> None:
    async with running("broken") as server:
        client = HttpClient([f"127.0.0.1:{server.port}"])
        asked = endpoint(server)
        now = 100.0
        asker = Asker(client, lambda: now)
        adapter = registry.adapter(asked)
        for number in range(12):
            with pytest.raises(ModelUnavailableError):
                await asker.conversation(asked, adapter, 5).predict([{**DECLINED, "credit_amount": number}])
        seen = len(server.requests)
        server.mode = "honest"
        with pytest.raises(ModelUnavailableError):
            await asker.conversation(asked, adapter, 5).predict([DECLINED])
        assert len(server.requests) == seen < 24
        now += 31
        assert await asker.conversation(asked, adapter, 5).predict([DECLINED]) == [p_bad(cells(DECLINED))]
        await client.close()


async def test_the_same_bad_row_again_does_not_cut_off_the_others() -> None:
    async with running("broken") as server:
        client = HttpClient([f"127.0.0.1:{server.port}"])
        asked = endpoint(server)
        asker, adapter = Asker(client), registry.adapter(asked)
        for _ in range(8):
            with pytest.raises(ModelUnavailableError):
                await asker.conversation(asked, adapter, 5).predict([DECLINED])
        server.mode = "honest"
        assert len(await asker.conversation(asked, adapter, 5).predict([DECLINED])) == 1
        await client.close()


async def test_many_explanations_at_once_do_not_crowd_one_endpoint() -> None:
    async with running("honest") as server:
        made = await asyncio.gather(*(explain(server, policy=Policy(seconds=60)) for _ in range(5)))

    assert all(one.reliable for one in made)


async def test_every_offered_change_is_a_row_the_model_was_really_asked() -> None:
    people = [row for row in APPLICANTS[200:] if p_bad(cells(row)) > 0.4][:12]
    offered = 0
    async with running("no explainer") as server:
        server.asked = set()
        for row in people:
            case = replace(CASE, inputs=row, output=p_bad(cells(row)))
            made = await explain(server, case, replace(POLICY, walks=100, seconds=60))
            for one in made.explanation.counterfactuals:
                changed = {**row, **{change.feature: change.to for change in one.changes}}
                assert cells(changed) in server.asked
                assert one.output_value == p_bad(cells(changed))
                assert one.output_value < 0.35
                assert {change.feature for change in one.changes} <= {"duration_in_month", "credit_amount"}
                offered += 1

    assert offered >= 12


async def test_the_same_decision_gets_the_same_attributions_again() -> None:
    async with running("no explainer") as server:
        first, second = await explain(server), await explain(server)

    assert first.explanation.attributions == second.explanation.attributions
