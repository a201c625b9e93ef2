"""Explanations over HTTP: from an endpoint and a decision to an explanation, and every way in which there is none."""

import json
from typing import Any

import pytest

from core import canonical
from core.database import Sql
from explanations.canonical import read
from explanations.deployed import service as deployed
from explanations.errors import (
    DecisionNotFoundError,
    EndpointNotFoundError,
    ExplanationNotFoundError,
    ReferenceGroupNotFoundError,
)
from explanations.kept import service as kept
from ledger import service as ledger
from tests.api.lending import DECLINED, decision, endpoint, group, lending
from tests.api.shop import Shop
from tests.explanations.credit import FEATURES, cells, exact, p_bad
from tests.explanations.serving import REFERENCE, SECRET

pytestmark = pytest.mark.anyio
_JOBS = Sql("SELECT payload FROM job WHERE kind = 'explain'")
PUSHED = dict(zip(FEATURES, exact(cells(DECLINED), REFERENCE, range(8)).values(), strict=True))
BASE = sum(map(p_bad, REFERENCE)) / len(REFERENCE)


async def entries(shop: Shop, kind: str) -> list[dict[str, Any]]:
    """Return the public part of every ledger entry of a kind."""
    found = await shop.whole.app.state.db.read(ledger.entries, -1, 1000)
    return [canonical.loads(row.body)["public"] for row in found if row.kind == kind]


async def test_a_decision_is_explained_from_predictions_and_stored(shop: Shop) -> None:
    async with lending(shop) as lender:
        decided = await lender.decide()
        made = await lender.explain(decided)
        again = await lender.explain(decided, status=200)
        read_back = (await shop.get(f"/v1/explanations/{made['id']}", "auditor")).json()

    assert again["id"] == made["id"]
    assert read_back == made
    assert (made["origin"], made["reliable"]) == ("blackbox", True)
    document = read(json.dumps(made["document"]).encode())
    assert document.model.endpoint_ref == f"{lender.endpoint}@1"
    assert (document.reference.kind, document.reference.ref) == ("all_applicants", "applicants@1")
    assert {one.feature for one in document.attributions} == set(FEATURES)
    assert [step["outcome"] for step in made["steps"]] == ["explain-not-supported", "used"]
    assert not (
        {c.feature for one in document.counterfactuals for c in one.changes} - {"duration_in_month", "credit_amount"}
    )
    [entry] = await entries(shop, "explanation.recorded")
    assert (entry["explanation"], entry["grade"]) == (made["id"], made["grade"])
    assert "credit_amount" not in json.dumps(entry)


async def test_a_new_explanation_supersedes_the_old_one(shop: Shop) -> None:
    async with lending(shop) as lender:
        decided = await lender.decide()
        first = await lender.explain(decided)
        second = await lender.explain(decided, again=True)
        listed = (await shop.get(f"/v1/decisions/{decided}/explanations", "dpo")).json()["items"]

    assert second["supersedes"] == first["id"] == second["document"]["supersedes"]
    assert [one["id"] for one in listed] == [second["id"], first["id"]]
    assert second["document"]["attributions"] == first["document"]["attributions"]


async def test_a_pushed_explanation_needs_no_endpoint_and_outlives_the_model(shop: Shop) -> None:
    pushed = {"shap_values": PUSHED, "base_value": BASE, "output": p_bad(cells(DECLINED)), "class_name": "bad"}
    recorded = await shop.post("/v1/decisions", decision(explanation=pushed), "site")
    decided = recorded.json()["id"]
    before = (await shop.get(f"/v1/decisions/{decided}/why", "anonymous")).json()
    answer = await shop.post(f"/v1/decisions/{decided}/explanations", {}, "site")

    assert answer.status_code == 201, answer.text
    assert (answer.json()["origin"], answer.json()["grade"]) == ("pushed", "C")
    assert answer.json()["document"]["computed_at_decision_time"] is True
    assert (before["status"], before["explanation"]) == ("stated", None)
    assert len(before["factors"]) == 4


async def test_a_pushed_explanation_that_does_not_add_up_is_never_shown(shop: Shop) -> None:
    pushed = {"shap_values": {**PUSHED, "credit_amount": 5.0}, "base_value": BASE, "output": p_bad(cells(DECLINED))}
    decided = (await shop.post("/v1/decisions", decision(explanation=pushed), "site")).json()["id"]
    why = (await shop.get(f"/v1/decisions/{decided}/why", "anonymous")).json()
    made = (await shop.post(f"/v1/decisions/{decided}/explanations", {}, "site")).json()

    assert (why["status"], why["factors"]) == ("none", [])
    assert (made["grade"], made["reliable"], made["document"]["attributions"]) == ("fail", False, [])


async def test_a_model_that_changed_is_not_explained_as_the_old_one(shop: Shop) -> None:
    async with lending(shop) as lender:
        decided = await lender.decide()
        lender.server.mode = "changed"
        made = await lender.explain(decided)
        why = (await shop.get(f"/v1/decisions/{decided}/why", "anonymous")).json()

    assert (made["grade"], made["reliable"]) == ("fail", False)
    assert made["steps"][0]["outcome"] == "model-changed"
    assert made["document"]["attributions"] == []
    assert (why["status"], why["factors"], why["changes"]) == ("person", [], [])


async def test_a_long_explanation_is_a_run_that_tells_how_far_it_is(shop: Shop) -> None:
    async with lending(shop, rows_per_call=50, walks=100) as lender:
        decided = await lender.decide()
        queued = await lender.explain(decided, status=202)
        before = (await shop.get(f"/v1/explanation-runs/{queued['id']}", "agent")).json()
        state = shop.whole.app.state
        [(payload,)] = await state.db.read(lambda tx: tx.rows(_JOBS))
        await state.explainer.work(canonical.loads(payload))
        await state.explainer.work(canonical.loads(payload))
        after = (await shop.get(f"/v1/explanation-runs/{queued['id']}", "agent")).json()
        listed = (await shop.get(f"/v1/decisions/{decided}/explanations", "dpo")).json()["items"]

    assert (before["state"], before["rows_done"]) == ("queued", 0)
    assert (after["state"], after["error"]) == ("done", None)
    assert [one["id"] for one in listed] == [after["explanation"]]
    assert max(lender.server.batches) <= 50


async def test_a_model_that_does_not_answer_is_asked_again_by_a_run_and_then_given_up(shop: Shop) -> None:
    async with lending(shop, "broken") as lender:
        decided = await lender.decide()
        queued = await lender.explain(decided, status=202)
        await shop.whole.app.state.explainer.work({"tenant": "default", "run": queued["id"]})
        run = (await shop.get(f"/v1/explanation-runs/{queued['id']}", "agent")).json()
        made = (await shop.get(f"/v1/explanations/{run['explanation']}", "agent")).json()

    assert run["state"] == "done"
    assert (made["grade"], made["reliable"]) == ("fail", False)
    assert [step["outcome"] for step in made["steps"]] == ["model-unavailable", "unreliable"]


async def test_a_run_whose_decision_is_gone_ends_and_says_so(shop: Shop) -> None:
    async with lending(shop) as lender:
        decided = await lender.decide()
        queued = await lender.explain(decided, status=202, queued=True, reference_group="applicants")
        state = shop.whole.app.state
        [(payload,)] = await state.db.read(lambda tx: tx.rows(_JOBS))
        await state.db.transact(lambda tx: tx.execute(Sql("UPDATE subject_key SET wrapped = NULL")))
        await state.explainer.work(canonical.loads(payload))
        after = (await shop.get(f"/v1/explanation-runs/{queued['id']}", "agent")).json()

    assert (after["state"], after["error"]) == ("failed", "decision-not-explainable")


async def test_why_is_answered_to_the_person_and_to_back_ends_only(shop: Shop) -> None:
    async with lending(shop) as lender:
        mine, others = await lender.decide(1), await lender.decide(2, subject="a" * 32)
        await lender.explain(mine)
        await lender.explain(others)
        calls = len(lender.server.requests)
        own = await shop.get(f"/v1/decisions/{mine}/why", "anonymous")
        foreign = await shop.get(f"/v1/decisions/{others}/why", "anonymous")
        back_end = await shop.get(f"/v1/decisions/{others}/why", "site")

    assert (own.status_code, foreign.status_code, back_end.status_code) == (200, 404, 200)
    assert len(lender.server.requests) == calls
    told = own.json()
    assert told["status"] == "explained"
    assert [one["rank"] for one in told["factors"]] == list(range(1, len(told["factors"]) + 1))
    assert {one["speaks"] for one in told["factors"]} == {"against"}


async def test_after_an_erasure_nothing_of_an_explanation_is_left_to_read(shop: Shop) -> None:
    async with lending(shop) as lender:
        made = await lender.explain(await lender.decide())
    await shop.whole.app.state.db.transact(lambda tx: tx.execute(Sql("UPDATE subject_key SET wrapped = NULL")))
    after = (await shop.get(f"/v1/explanations/{made['id']}", "dpo")).json()

    assert (after["document"], after["steps"]) == (None, [])


async def test_credentials_are_never_shown_and_are_wiped_when_replaced(shop: Shop) -> None:
    async with lending(shop) as lender:
        path = f"/v1/model-endpoints/{lender.endpoint}"
        shown = await shop.get(path, "admin")
        body = {"document": shown.json()["document"], "credentials": {"X-Key": "other"}}
        headers = {**shop.headers("admin"), "If-Match": shown.headers["etag"]}
        changed = await shop.client.put(path, json=body, headers=headers)
        states = await shop.whole.app.state.db.read(
            lambda tx: tx.rows(Sql("SELECT credentials FROM model_endpoint ORDER BY revision"))
        )
        retired = await shop.client.delete(path, headers={**headers, "If-Match": changed.headers["etag"]})
        decided = await lender.decide()
        after = await shop.post(f"/v1/decisions/{decided}/explanations", {}, "dpo")

    assert SECRET not in shown.text + changed.text
    assert (shown.json()["credentials"], changed.json()["credentials"]) == (["Authorization"], ["X-Key"])
    assert [row[0] is None for row in states] == [True, False]
    assert retired.status_code == 204
    assert (after.status_code, after.json()["type"].rsplit("/", 1)[1]) == (409, "no-model-endpoint")
    kinds = [row.kind for row in await shop.whole.app.state.db.read(ledger.entries, -1, 1000)]
    assert kinds.count("model-endpoint.registered") == kinds.count("model-endpoint.retired") == 1


async def test_an_endpoint_is_tried_before_anything_depends_on_it(shop: Shop) -> None:
    async with lending(shop) as lender:
        path = f"/v1/model-endpoints/{lender.endpoint}/test"
        good = await lender.made(path, {"row": DECLINED}, "admin", 200)
        lender.server.mode = "broken"
        bad = await lender.made(path, {"row": DECLINED}, "admin", 200)

    assert (good["usable"], good["version"], good["output"]) == (True, "3", p_bad(cells(DECLINED)))
    assert [(one["name"], one["outcome"]) for one in good["checks"]] == [
        ("predict", "ok"),
        ("repeat", "ok"),
        ("explain", "not-offered"),
    ]
    assert (bad["usable"], bad["checks"][0]["outcome"]) == (False, "model-unavailable")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"features": [{"name": "a"}, {"name": "a"}]}, "/document/features/1/name"),
        ({"features": [{"name": "a", "mutable": True, "sensitivity": "protected"}]}, "/document/features/0/mutable"),
        ({"kind": "no-such"}, "/document/kind"),
    ],
)
async def test_an_endpoint_that_contradicts_itself_is_refused(
    shop: Shop, changes: dict[str, Any], pointer: str
) -> None:
    shop.whole.app.state.models._listed = frozenset({"127.0.0.1:9"})
    answer = await shop.post("/v1/model-endpoints", {"document": endpoint("http://127.0.0.1:9", **changes)}, "dpo")

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("name", ["Host", "transfer-encoding", "Content-Length", "bad name"])
async def test_credentials_cant_say_where_a_request_goes_or_ends(shop: Shop, name: str) -> None:
    shop.whole.app.state.models._listed = frozenset({"127.0.0.1:9"})
    body = {"document": endpoint("http://127.0.0.1:9"), "credentials": {name: "x"}}

    assert (await shop.post("/v1/model-endpoints", body, "dpo")).status_code == 422


async def test_another_tenant_has_no_part_in_any_of_it(shop: Shop) -> None:
    async with lending(shop) as lender:
        decided = await lender.decide()
        made = await lender.explain(decided)
        state = shop.whole.app.state

        with pytest.raises(EndpointNotFoundError):
            await state.explainer.test("other", lender.endpoint, DECLINED)
        with pytest.raises(DecisionNotFoundError):
            await state.explainer.why("other", decided)
        with pytest.raises(ExplanationNotFoundError):
            await state.db.read(kept.view, state.keyring, "other", made["id"])
        with pytest.raises(ReferenceGroupNotFoundError):
            await state.db.read(deployed.group, "other", "applicants")


async def test_a_url_inside_the_network_is_refused_unless_the_operator_lists_it(shop: Shop) -> None:
    answer = await shop.post("/v1/model-endpoints", {"document": endpoint("http://127.0.0.1:9")}, "dpo")

    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (422, "url-refused")


async def test_a_group_of_few_rows_is_refused(shop: Shop) -> None:
    few = {**group(), "rows": group()["rows"][:99]}
    answer = await shop.post("/v1/reference-groups", few, "dpo")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/rows")
