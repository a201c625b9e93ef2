"""The public register, national exports that validate, and marks on AI-made content."""

from typing import Any

import jsonschema_rs
import pytest

from disclosures.register import national
from disclosures.register.national import Standard
from tests.api.shop import Shop
from tests.api.test_notices import open_chat
from tests.disclosures.noticing import touchpoint_document

pytestmark = pytest.mark.anyio


async def test_the_public_register_says_where_ai_is_met_and_keeps_contracts_to_itself(shop: Shop) -> None:
    await open_chat(shop)
    answer = await shop.client.get("/.well-known/ai-register.json?site=shop")

    assert answer.status_code == 200
    [chat] = answer.json()["systems"]
    assert (chat["id"], chat["state"], chat["human_route"], chat["role"]) == (
        "chat",
        "live",
        "support-desk",
        "deployer",
    )
    assert "DPA-7" not in answer.text
    assert "Head of support" not in answer.text
    assert (await shop.client.get("/.well-known/ai-register.json?site=none")).status_code == 404
    assert (await shop.get("/v1/touchpoints/chat")).status_code == 403


async def describe(shop: Shop, record: dict[str, str]) -> None:
    """Let the register say more of the chat."""
    document = touchpoint_document(system="bot", purposes=["profile"], public_record=record).as_json()
    tag = (await shop.get("/v1/touchpoints/chat", "dpo")).headers["etag"]
    answer = await shop.client.put(
        "/v1/touchpoints/chat", json=document, headers=shop.headers("dpo", **{"If-Match": tag})
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("standard", ["atrs", "dutch"])
async def test_an_export_validates_or_names_what_it_lacks(shop: Shop, standard: Standard) -> None:
    await open_chat(shop)
    early = (await shop.get(f"/v1/register/{standard}", "dpo")).json()
    assert early["records"] == []
    [incomplete] = early["incomplete"]
    await describe(shop, dict.fromkeys(incomplete["missing"], "not applicable"))
    found = (await shop.get(f"/v1/register/{standard}", "dpo")).json()

    assert found["incomplete"] == []
    [record] = found["records"]
    jsonschema_rs.validator_for(national.schema(standard)).validate(record)
    assert record["name"] == "Support chat"
    del record["name"]
    assert not jsonschema_rs.validator_for(national.schema(standard)).is_valid(record)


async def test_a_mark_has_words_for_people_and_terms_for_machines(shop: Shop) -> None:
    await open_chat(shop)
    body: dict[str, Any] = {"touchpoint": "chat", "making": "generated", "lang": "de", "manifest": {"jumbf": "AAAA"}}
    found = (await shop.post("/v1/labels", body, "site")).json()

    assert (found["text"], found["lang"]) == ("Von KI gemacht", "de")
    assert found["metadata"]["iptc"]["Iptc4xmpExt:DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert found["metadata"]["c2pa"]["data"]["actions"][0]["action"] == "c2pa.created"
    assert found["metadata"]["manifest"] == {"jumbf": "AAAA"}


async def test_checked_by_a_person_needs_that_person_and_the_time(shop: Shop) -> None:
    await open_chat(shop)
    body: dict[str, Any] = {"touchpoint": "chat", "making": "modified"}
    for half, pointer in (({"by": "agent-7"}, "/reviewed/at"), ({"at": "2026-11-21T08:00:00Z"}, "/reviewed/by")):
        answer = await shop.post("/v1/labels", {**body, "reviewed": half}, "site")
        assert answer.json()["errors"][0]["pointer"] == pointer
    whole = {"by": "agent-7", "at": "2026-11-21T08:00:00Z"}
    found = (await shop.post("/v1/labels", {**body, "reviewed": whole}, "site")).json()

    assert found["text"] == "Changed by AI, checked by a person"
    assert found["metadata"]["human_reviewed"] is True
