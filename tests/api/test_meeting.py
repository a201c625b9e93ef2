"""What is due at a registered touchpoint, in which words; and what a rule pack concerns."""

import json
from typing import Any

import pytest

from disclosures.packs.loading import BUNDLED
from tests.api.shop import Shop, given, offered
from tests.api.test_notices import open_chat, step
from tests.consent.keeping import opt_out_document
from tests.disclosures.noticing import PLAIN, notice_document, notice_text, touchpoint_document

pytestmark = pytest.mark.anyio
HERE = "/v1/touchpoints/chat/resolve"


async def resolved(shop: Shop, who: str = "anonymous", **body: Any) -> dict[str, Any]:
    """Return what is due in the chat."""
    answer = await shop.post(HERE, body, who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_it_says_what_is_due_with_its_source_and_the_words_that_say_it(shop: Shop) -> None:
    await open_chat(shop)
    found = await resolved(shop, residence="DE", moment="session_start", channel="chat", locale="en")

    [due] = found["resolution"]["disclosures"]
    assert (due["topic"], [rule["rule"] for rule in due["rules"]]) == ("ai_interaction", ["eu.aia50-1"])
    [told] = found["told"]
    assert (told["notice"], told["version"], told["content"]["text"]) == ("first-line", 1, PLAIN)
    assert found["choices"] == [{"purpose": "profile", "version": 1, "on": True, "locked": False}]


async def test_a_topic_without_a_notice_is_a_gap_that_is_named(shop: Shop) -> None:
    await open_chat(shop)
    document = touchpoint_document(system="bot", purposes=["profile"], facts=["generative"]).as_json()
    tag = (await shop.get("/v1/touchpoints/chat", "dpo")).headers["etag"]
    await shop.client.put("/v1/touchpoints/chat", json=document, headers=shop.headers("dpo", **{"If-Match": tag}))
    found = await resolved(shop, residence="DE")

    assert {
        one["topic"]: (one["notice"], one["stale"]) for one in found["told"] if one["topic"] != "consent_notice"
    } == {
        "ai_interaction": ("first-line", True),
        "right_to_object": (None, False),
        "synthetic_content": (None, False),
    }


async def test_the_offer_that_comes_along_is_good_for_a_choice(shop: Shop) -> None:
    await open_chat(shop)
    offer = (await resolved(shop))["offer"]
    no = {"purpose": "profile", "state": "opted_out"}

    assert (await shop.choose(no, offer=offer)).status_code == 201
    assert (await shop.choose(offered(given()))).status_code == 422  # not offered at this site
    assert (await resolved(shop, "site"))["offer"] is None


async def test_showings_of_the_session_answer_whether_it_is_due_again(shop: Shop) -> None:
    await open_chat(shop)
    question = {"residence": "DE", "moment": "session_start", "session": "s-1"}
    first = await resolved(shop, **question)
    body = {"notice": "first-line", "version": 1, "lang": "en", "surface": "chat", "session": "s-1"}
    assert (await shop.post("/v1/showings", body)).status_code == 201
    second = await resolved(shop, **question)

    assert [one["resolution"]["disclosures"][0]["now"]["due"] for one in (first, second)] == [True, False]


async def test_a_mistyped_fact_is_refused(shop: Shop) -> None:
    document = touchpoint_document(system="bot", purposes=["profile"], facts=["generativ"]).as_json()
    answer = await shop.post("/v1/touchpoints", document, "dpo")

    assert answer.json()["errors"][0]["pointer"] == "/facts/0"


async def test_a_pack_lists_the_touchpoints_and_notices_it_concerns(shop: Shop) -> None:
    await open_chat(shop)
    eu = (await shop.get("/v1/packs/eu/reach", "dpo")).json()
    assert [(one["key"], "eu.aia50-1" in one["rules"]) for one in eu["touchpoints"]] == [("chat", True)]
    assert eu["notices"] == [{"key": "first-line", "wrong": []}]

    york = (await shop.get("/v1/packs/us-ny/reach", "dpo")).json()
    assert york == {"pack": "us-ny", "purposes": [], "minors": [], "touchpoints": [], "notices": []}
    assert (await shop.get("/v1/packs/eu/reach")).status_code == 403


async def test_a_pack_names_the_purposes_that_take_silence_for_a_yes(shop: Shop) -> None:
    selling = {**opt_out_document("selling", gpc=False).as_json(), "kind": "sale_or_share"}
    learning = {**opt_out_document("learning").as_json(), "kind": "ai_training"}
    for document in (selling, learning):
        await shop.publish(document)
    found = {
        pack: [
            (one["purpose"], one["wrong"])
            for one in (await shop.get(f"/v1/packs/{pack}/reach", "dpo")).json()["purposes"]
            if one["purpose"] in {"selling", "learning"}
        ]
        for pack in ("eu", "us-ca")
    }

    assert found == {"eu": [("learning", "silence-is-no-yes")], "us-ca": [("selling", "signal-not-followed")]}
    minors = (await shop.get("/v1/packs/us-ca/reach", "dpo")).json()["minors"]
    assert [(one["age"], one["guardian"]) for one in minors] == [(16, True)]


@pytest.mark.parametrize("material", [True, False])
async def test_after_a_material_change_the_person_is_told_anew(shop: Shop, *, material: bool) -> None:
    await open_chat(shop)
    body = {"notice": "first-line", "version": 1, "lang": "en", "surface": "chat", "session": "s-1"}
    assert (await shop.post("/v1/showings", body)).status_code == 201
    document = notice_document(texts={"en": notice_text(more="It can be wrong about prices.")}).as_json()
    tag = (await shop.get("/v1/notices/first-line", "dpo")).headers["etag"]
    await shop.client.put("/v1/notices/first-line", json=document, headers=shop.headers("dpo", **{"If-Match": tag}))
    await step(shop, "/v1/notices/first-line/approve", None, await shop.colleague("dpo"))
    await step(shop, "/v1/notices/first-line/publish", {"material": material})
    found = await resolved(shop, residence="DE", moment="session_start", session="s-1")

    assert found["resolution"]["disclosures"][0]["now"]["due"] is material
    assert found["told"][0]["version"] == 2


async def test_a_version_of_a_pack_that_is_not_installed_names_what_it_would_change(shop: Shop) -> None:
    await open_chat(shop)
    values = json.loads((BUNDLED / "eu.json").read_text(encoding="utf-8"))
    values["disclosures"][0]["must_convey"] = ["is_ai", "who_trained_it"]
    found = (await shop.post("/v1/packs/eu/impact", values, "dpo")).json()

    assert [(one["rule"], one["what"]) for one in found["rules"]] == [("eu.aia50-1", "changed")]
    assert [one["key"] for one in found["touchpoints"]] == ["chat"]
    assert [(one["key"], one["newly"]) for one in found["notices"]] == [("first-line", True)]
    wrong = await shop.post("/v1/packs/gb/impact", values, "dpo")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/id")
    assert (await shop.post("/v1/packs/eu/impact", {"id": "eu"}, "dpo")).status_code == 422
    assert (await shop.post("/v1/packs/eu/impact", values)).status_code == 403
