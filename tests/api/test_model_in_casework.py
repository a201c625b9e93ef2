"""Requests and the model: its server may be dead while people write, and is asked again with corrected data."""

import json
from typing import Any

import httpx
import pytest

from tests.api.lending import DECLINED, DEVICE, Lender, lending
from tests.api.requesting import REASONS, SIGNED
from tests.api.shop import Shop
from tests.api.test_narratives import approved
from tests.contract.whole import Headers
from tests.explanations.credit import cells, p_bad

pytestmark = pytest.mark.anyio
BASE = "/v1/explanation-requests"
_OWN_WORDS = "The loan was to run for 48 months, longer than the 36 that this product allows."
_WRITTEN = {"id": "result", "sentences": [{"text": _OWN_WORDS, "source": "policy:7"}]}


class Office:
    """Staff of the lender: each with a credential, and the request they work on."""

    def __init__(self, shop: Shop, staff: dict[str, Headers], request: str) -> None:
        self.shop, self.staff, self.request = shop, staff, request

    async def post(self, who: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """Post as one of them."""
        return await self.shop.client.post(f"{BASE}/{self.request}{path}", json=body, headers=self.staff[who])

    async def step(self, who: str, name: str, **more: Any) -> httpx.Response:
        """Take a step as one of them."""
        return await self.post(who, "/steps", {"step": name, **more})

    async def done(self, who: str, name: str, **more: Any) -> dict[str, Any]:
        """Take a step that has to succeed."""
        answer = await self.step(who, name, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str = "") -> dict[str, Any]:
        """Read as staff."""
        found: dict[str, Any] = (
            await self.shop.client.get(f"{BASE}/{self.request}{path}", headers=self.staff["ann"])
        ).json()
        return found


async def office(shop: Shop, decided: str) -> Office:
    """Open a request about a decision, and give Ann, Ben and Cleo credentials."""
    body = {"subject": DEVICE, "space": "device", "decisions": [decided], "vouched": True, "residence": "DE"}
    asked = await shop.post(BASE, body, "site")
    assert asked.status_code == 201, asked.text
    staff = {name: await shop.colleague("agent") for name in ("ann", "ben", "cleo")}
    return Office(shop, {**staff, "site": shop.headers("site")}, asked.json()["id"])


async def contested(lender: Lender) -> Office:
    """Take a request to its review by Cleo, who has seen the evidence."""
    desk = await office(lender.shop, await lender.decide())
    await desk.done("ann", "draft", sections=[_WRITTEN])
    await desk.done("ann", "submit")
    await desk.done("ben", "approve", **SIGNED)
    await desk.done("ann", "release")
    assert (await desk.post("site", "/contest", {"view": "It was 12 months."})).status_code == 200
    answer = await desk.step("cleo", "assign_review", authority="may grant loans", competence="training 2026")
    assert answer.status_code == 200, answer.text
    return desk


async def test_with_the_model_server_dead_people_write_the_answer_and_the_clock_keeps_running(shop: Shop) -> None:
    async with lending(shop) as lender:
        decided = await lender.decide()
    refused = await shop.post(f"/v1/decisions/{decided}/explanations", {}, "agent")  # nobody listens any more

    desk = await office(shop, decided)
    opened = await desk.get()
    drafted = await desk.done("ann", "draft")
    bare = await desk.step("ann", "submit")
    written = await desk.done("ann", "draft", sections=[_WRITTEN])
    await desk.done("ann", "submit")
    unsigned = await desk.step("ben", "approve", checklist=SIGNED["checklist"])
    await desk.done("ben", "approve", **SIGNED)
    released = await desk.done("ann", "release")

    assert refused.status_code in {201, 202}, refused.text  # what failed is said in the explanation, or tried later
    assert drafted["gaps"] == ["result"]
    assert [one["pointer"] for one in bare.json()["errors"]] == ["/draft"]
    assert (written["gaps"], written["warnings"]) == ([], ["reasons_not_checked"])
    assert [one["pointer"] for one in unsigned.json()["errors"]] == ["/signed_warnings"]
    assert opened["due_at"] == drafted["due_at"] == written["due_at"] is not None
    assert (released["state"], released["on_time"]) == ("released", True)
    assert _OWN_WORDS in json.dumps(await desk.get("/answer"))


async def test_the_model_is_asked_again_with_corrected_data_and_what_it_says_is_linked(shop: Shop) -> None:
    async with lending(shop) as lender:
        desk = await contested(lender)
        await desk.post("cleo", "/evidence", {})
        before = len(lender.server.requests)
        moved = await desk.done("cleo", "rerun", correction="It was 12 months.", corrected={"duration_in_month": 12})
        asked = len(lender.server.requests) - before

    right = p_bad(cells({**DECLINED, "duration_in_month": 12}))
    [rerun] = (await desk.post("cleo", "/evidence", {})).json()["reruns"]
    assert (moved["state"], asked) == ("re_run", 1)
    assert rerun["original"] == moved["decisions"] == [rerun["asked"]]
    assert rerun["changed"] == ["duration_in_month"]
    assert float(rerun["output"]) == pytest.approx(right)
    assert rerun["turned"] is ((right < 0.35) != (p_bad(cells(DECLINED)) < 0.35))
    [event] = [one for one in (await desk.get("/history"))["items"] if one["kind"].endswith(".rerun")]
    assert set(event["texts"]) == {"inputs", "before", "output", "correction"}  # sealed: they die with the person
    assert not set(event["texts"]) & set(event["facts"])


async def test_nobody_but_the_reviewer_with_the_evidence_has_the_model_asked_again(shop: Shop) -> None:
    async with lending(shop) as lender:
        desk = await contested(lender)
        before = len(lender.server.requests)
        told = {"correction": "It was 12 months.", "corrected": {"duration_in_month": 12}}
        stranger = await desk.step("ben", "rerun", **told)
        unseen = await desk.step("cleo", "rerun", **told)
        await desk.post("cleo", "/evidence", {})
        unknown = await desk.step("cleo", "rerun", correction="x", corrected={"shoe_size": 44})
        nothing = await desk.step("cleo", "rerun", correction="It was 12 months.")
        asked = len(lender.server.requests) - before

    assert asked == 0
    assert "/reviewer" in [one["pointer"] for one in stranger.json()["errors"]]
    assert [one["pointer"] for one in unseen.json()["errors"]] == ["/evidence"]
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/corrected/shoe_size")
    assert [one["pointer"] for one in nothing.json()["errors"]] == ["/decision"]


async def test_a_dead_model_leaves_the_review_where_it_was(shop: Shop) -> None:
    async with lending(shop) as lender:
        desk = await contested(lender)
        await desk.post("cleo", "/evidence", {})

    answer = await desk.step("cleo", "rerun", correction="It was 12.", corrected={"duration_in_month": 12})

    assert answer.status_code == 503
    assert (await desk.get())["state"] == "human_review"
    await desk.done("cleo", "uphold", reasons=REASONS)


async def test_a_draft_says_what_the_explanation_says_and_names_the_system_as_it_is_registered(shop: Shop) -> None:
    await approved(shop)
    async with lending(shop) as lender:
        decided = await lender.decide()
        explained = await lender.explain(decided)
    desk = await office(shop, decided)
    await desk.done("ann", "draft")

    draft = (await desk.get("/draft"))["document"]
    sections = {one["id"]: [sentence["text"] for sentence in one["sentences"]] for one in draft["sections"]}
    [told] = [one for one in explained["document"]["narrative"]["sections"] if one["key"] == "reasons"]
    said = [one["text"] for one in told["sentences"]]
    assert sections["result"][: len(said)] == said
    assert any("“Support assistant”" in text for text in sections["role"])
