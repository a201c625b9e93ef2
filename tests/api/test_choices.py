"""``POST /v1/choices``: who may choose for whom, atomic, repeatable, and what is answered."""

import pytest

from api.schemas.choices import Recorded, StandingOut
from tests.api.shop import Shop, given

pytestmark = pytest.mark.anyio


async def test_a_device_chooses_for_itself_and_gets_a_receipt(shop: Shop) -> None:
    answer = await shop.choose(given(), {"purpose": "profile", "state": "objected", "system": "bot"})

    assert answer.status_code == 201, answer.text
    made = Recorded.model_validate(answer.json())
    assert [(one.purpose, one.system, one.state) for one in made.choices] == [
        ("train", "*", "given"),
        ("profile", "bot", "objected"),
    ]
    assert made.receipt is not None
    assert made.receipt.kind == "mixed"
    assert {one.receipt for one in made.choices} == {made.receipt.id}
    assert {one.channel for one in made.choices} == {"web"}


@pytest.mark.parametrize("name", ["subject", "actor", "note", "space"])
async def test_a_browser_can_not_speak_for_somebody_else(shop: Shop, name: str) -> None:
    value = {"subject": "customer-1", "actor": "guardian", "note": "hm", "space": "customer"}[name]
    answer = await shop.post("/v1/choices", {"choices": [given()], name: value})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"


async def test_a_back_end_chooses_for_its_customer_and_staff_need_evidence(shop: Shop) -> None:
    body = {"choices": [given()], "subject": "customer-1", "channel": "app"}
    assert (await shop.post("/v1/choices", {"choices": [given()]}, "site")).json()["errors"][0]["pointer"] == "/subject"
    assert (await shop.post("/v1/choices", body, "auditor")).status_code == 403
    made = await shop.post("/v1/choices", body, "site")
    assert (made.status_code, made.json()["choices"][0]["actor"]) == (201, "subject")

    no = {"choices": [{"purpose": "train", "state": "objected", "reason": "by phone"}], "subject": "customer-1"}
    assert (await shop.post("/v1/choices", no, "dpo")).status_code == 422
    recorded = await shop.post("/v1/choices", {**no, "evidence": ["call-1"]}, "dpo")
    assert (recorded.status_code, recorded.json()["choices"][0]["actor"]) == (201, "staff")
    assert (await shop.post("/v1/choices", {**no, "actor": "agent", "evidence": ["x"]}, "dpo")).status_code == 422


async def test_the_gate_follows_at_once(shop: Shop) -> None:
    path = "/v1/permissions?subject=customer-1&purpose=train&system=bot"
    assert (await shop.get(path, "site")).json()["decision"] == "human_route"
    await shop.post("/v1/choices", {"choices": [given()], "subject": "customer-1"}, "site")
    assert (await shop.get(path, "site")).json()["decision"] == "allow"
    no = {"choices": [{"purpose": "train", "state": "withdrawn"}], "subject": "customer-1"}
    await shop.post("/v1/choices", no, "site")
    assert (await shop.get(path, "site")).json()["reasons"] == ["consent-withdrawn"]


async def test_one_bad_choice_of_fifty_leaves_nothing_behind(shop: Shop) -> None:
    before = await shop.whole.counts()
    bad = [*(given(system="bot") for _ in range(1)), given(), given("nothing")]
    answer = await shop.choose(*bad)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/choices/2/purpose"]
    refused = await shop.choose(given(), {"purpose": "train", "state": "withdrawn", "system": "bot"})
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (409, "transition-not-possible")
    assert await shop.whole.counts() == before


async def test_the_same_request_again_is_answered_again_and_recorded_once(shop: Shop) -> None:
    extra, offer = {"Idempotency-Key": "k1"}, await shop.offer()
    first = await shop.choose(given(), extra=extra, offer=offer)
    before = await shop.whole.counts()
    again = await shop.choose(given(), extra=extra, offer=offer)

    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert await shop.whole.counts() == before
    assert (await shop.choose(given("profile"), extra=extra, offer=offer)).status_code == 422


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"state": "expired"}, "/choices/0/state"),
        ({"purpose": "Not A Key"}, "/choices/0/purpose"),
        ({"occurred_at": "yesterday"}, "/choices/0/occurred_at"),
        ({"occurred_at": "2001-01-01T00:00:00Z"}, "/choices/0/occurred_at"),
    ],
)
async def test_wrong_input_is_named(shop: Shop, change: dict[str, object], pointer: str) -> None:
    answer = await shop.choose({**given(), **change})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_an_explicit_purpose_is_confirmed_in_a_second_request(shop: Shop) -> None:
    from tests.consent.keeping import purpose_document

    await shop.publish(purpose_document("health", special_category=True, explicit=True).as_json())
    direct = await shop.choose(given("health"))
    assert (direct.status_code, direct.json()["type"].rsplit("/", 1)[1]) == (409, "second-step-needed")
    pending = (await shop.choose({**given("health"), "state": "requested"})).json()["choices"][0]["id"]
    confirmed = await shop.choose({**given("health"), "state": "explicitly_given", "confirms": pending})

    assert confirmed.status_code == 201
    shown = StandingOut.model_validate((await shop.get("/v1/me/choices")).json())
    assert {one.purpose: one.decision for one in shown.purposes}["health"] == "allow"
