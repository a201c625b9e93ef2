"""``/v1/subjects``: lookup, standing now and then, erasure by two people."""

import asyncio

import orjson
import pytest

from api.schemas.subjects import InvalidationOut
from consent import store
from consent.recording import sealed_place
from core import crypto, subjects
from core.clock import rfc3339
from core.database import Sql
from ledger import service as ledger
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


async def test_the_dpo_declares_consents_invalid_and_the_gate_denies_at_once(shop: Shop) -> None:
    subject = await known(shop)
    path, gate = f"/v1/subjects/{subject}/choices/invalidate", "/v1/permissions?subject=customer-1&purpose=train"
    assert (await shop.get(gate, "site")).json()["decision"] == "allow"
    before = rfc3339(shop.whole.app.state.clock.now())
    body = {"purpose": "train", "reason": "The box was ticked before she came."}
    for role in ("anonymous", "site", "agent", "auditor", "admin"):
        assert (await shop.post(path, body, role)).status_code == 403
    assert (await shop.get(gate, "site")).json()["decision"] == "allow"

    done = await shop.post(path, body, "dpo", {"Idempotency-Key": "once"})
    again = await shop.post(path, body, "dpo", {"Idempotency-Key": "once"})

    assert done.status_code == 200, done.text
    assert again.content == done.content
    told = InvalidationOut.model_validate(done.json())
    choice = told.choices[0]
    assert (told.subject, choice.state, choice.actor, choice.receipt) == (subject, "invalidated", "staff", None)
    answer = (await shop.get(gate, "site")).json()
    assert (answer["decision"], answer["reasons"]) == ("deny", ["consent-invalidated"])
    assert answer["choice"] == choice.id
    assert (await shop.get(f"{gate}&at={before}", "site")).json()["decision"] == "allow"


async def test_an_invalidation_is_restrictive_in_the_ledger_and_its_reason_is_sealed(shop: Shop) -> None:
    subject = await known(shop)
    body = {"reason": "She was told to tick it."}
    done = (await shop.post(f"/v1/subjects/{subject}/choices/invalidate", body, "dpo")).json()
    state, pseudonym = shop.whole.app.state, bytes.fromhex(subject[4:])

    tenant = (await state.db.fetch(Sql("SELECT DISTINCT tenant FROM choice_event")))[0][0]
    entry = await state.db.read(ledger.entry, tenant, done["choices"][0]["seq"])
    event = (await state.db.read(store.history, tenant, pseudonym, None, 1))[0]
    dek = await state.db.read(subjects.data_key, state.keyring, tenant, pseudonym)

    assert (entry.kind, bool(entry.restrictive)) == ("choice.invalidated", True)
    assert "tick" not in entry.body
    assert dek is not None
    assert event.sealed is not None
    assert orjson.loads(crypto.unseal(dek, event.sealed, sealed_place(tenant, pseudonym, event.id))) == body


async def test_only_a_consent_of_a_known_person_can_be_declared_invalid(shop: Shop) -> None:
    subject = await known(shop)
    path = f"/v1/subjects/{subject}/choices/invalidate"
    no = {"choices": [{"purpose": "profile", "state": "opted_out"}], "subject": "customer-1"}
    await shop.post("/v1/choices", no, "site")
    stranger = f"/v1/subjects/sub_{'0' * 32}/choices/invalidate"

    unknown = await shop.post(path, {"purpose": "ghost", "reason": "why"}, "dpo")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/purpose")
    assert (await shop.post(path, {"purpose": "train"}, "dpo")).status_code == 422
    assert (await shop.post(stranger, {"reason": "why"}, "dpo")).status_code == 404
    assert (await shop.post(path, {"purpose": "profile", "reason": "why"}, "dpo")).status_code == 409
    done = await shop.post(path, {"reason": "why"}, "dpo")
    assert [one["purpose"] for one in done.json()["choices"]] == ["train"]
    twice = await shop.post(path, {"reason": "why"}, "dpo")
    assert (twice.status_code, twice.json()["type"].rsplit("/", 1)[1]) == (409, "nothing-to-invalidate")
    gate = "/v1/permissions?subject=customer-1&purpose=profile"
    assert (await shop.get(gate, "site")).json()["reasons"] == ["opted-out"]


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


async def test_after_an_approved_erasure_the_gate_knows_only_what_was_objected_to(shop: Shop) -> None:
    subject = await known(shop)
    gate = "/v1/permissions?subject=customer-1&purpose=train"
    path = f"/v1/subjects/{subject}/erasure"
    await shop.post(path, {"reason": "request-of-the-person"}, "dpo")
    no = {"choices": [{"purpose": "profile", "state": "objected"}], "subject": "customer-1"}
    await shop.post("/v1/choices", no, "site")
    second = await shop.colleague("dpo")
    done = await shop.client.post(f"{path}/approve", headers=second)

    assert done.status_code == 200, done.text
    assert done.json()["seq"] is not None
    assert (await shop.get(gate, "site")).json()["reasons"] == ["consent-unknown"]
    objected = "/v1/permissions?subject=customer-1&purpose=profile"
    assert (await shop.get(objected, "site")).json()["reasons"] == ["objection"]
    assert (await shop.get(f"/v1/subjects/{subject}/choices", "agent")).status_code == 404
    assert (await shop.post("/v1/subjects/lookup", {"reference": "customer-1"}, "agent")).status_code == 404
