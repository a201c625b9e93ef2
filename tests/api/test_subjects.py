"""``/v1/subjects``: lookup, standing now and then, erasure by two people."""

import asyncio

import pytest

from core.clock import rfc3339
from tests.api.shop import Shop, given

pytestmark = pytest.mark.anyio


async def known(shop: Shop, reference: str = "customer-1") -> str:
    await shop.post("/v1/choices", {"choices": [given()], "subject": reference}, "site")
    found = await shop.post("/v1/subjects/lookup", {"reference": reference}, "agent")
    assert found.status_code == 200, found.text
    subject: str = found.json()["subject"]
    return subject


async def test_a_person_is_found_by_reference_and_shown_as_of_any_instant(shop: Shop) -> None:
    subject = await known(shop)
    between = rfc3339(shop.whole.app.state.clock.now())
    await asyncio.sleep(0.002)
    no = {"choices": [{"purpose": "train", "state": "withdrawn"}], "subject": "customer-1"}
    await shop.post("/v1/choices", no, "site")

    now = (await shop.get(f"/v1/subjects/{subject}/choices", "agent")).json()
    then = (await shop.get(f"/v1/subjects/{subject}/choices?at={between}", "agent")).json()
    assert ([one["state"] for one in now["choices"]], [one["state"] for one in then["choices"]]) == (
        ["withdrawn"],
        ["given"],
    )
    assert {one["purpose"]: one["decision"] for one in then["purposes"]} == {"train": "allow", "profile": "allow"}
    future = await shop.get(f"/v1/subjects/{subject}/choices?at=2999-01-01T00:00:00Z", "agent")
    assert (future.status_code, future.json()["errors"][0]["pointer"]) == (422, "?at")


async def test_nobody_is_found_who_was_never_recorded(shop: Shop) -> None:
    assert (await shop.post("/v1/subjects/lookup", {"reference": "nobody"}, "agent")).status_code == 404
    assert (await shop.post("/v1/subjects/lookup", {"reference": "a@b.example"}, "agent")).status_code == 422
    assert (await shop.get(f"/v1/subjects/sub_{'0' * 32}/choices", "agent")).status_code == 404
    assert (await shop.get(f"/v1/subjects/sub_{'0' * 32}/choices")).status_code == 403


async def test_erasure_takes_two_people_and_leaves_the_gate_ignorant(shop: Shop) -> None:
    subject = await known(shop)
    gate = "/v1/permissions?subject=customer-1&purpose=train"
    assert (await shop.get(gate, "site")).json()["decision"] == "allow"
    path = f"/v1/subjects/{subject}/erasure"
    assert (await shop.post(path, {"reason": "objection"}, "agent")).status_code == 403
    assert (await shop.post(path, {"reason": "whim"}, "dpo")).status_code == 422
    assert (await shop.post(f"{path}/approve", None, "dpo")).status_code == 404
    asked = await shop.post(path, {"reason": "request-of-the-person"}, "dpo")
    assert asked.status_code == 201
    alone = await shop.post(f"{path}/approve", None, "dpo")
    assert (alone.status_code, alone.json()["type"].rsplit("/", 1)[1]) == (403, "second-person-needed")


async def test_after_an_approved_erasure_the_gate_knows_nobody(shop: Shop) -> None:
    subject = await known(shop)
    gate = "/v1/permissions?subject=customer-1&purpose=train"
    path = f"/v1/subjects/{subject}/erasure"
    await shop.post(path, {"reason": "request-of-the-person"}, "dpo")
    second = await shop.colleague("dpo")
    done = await shop.client.post(f"{path}/approve", headers=second)

    assert done.status_code == 200, done.text
    assert done.json()["seq"] is not None
    assert (await shop.get(gate, "site")).json()["reasons"] == ["consent-unknown"]
    assert (await shop.get(f"/v1/subjects/{subject}/choices", "agent")).status_code == 404
    assert (await shop.post("/v1/subjects/lookup", {"reference": "customer-1"}, "agent")).status_code == 404
