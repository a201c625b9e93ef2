"""``/v1/touchpoints``, ``/v1/notices``, ``/v1/showings``: from a draft to proof that somebody was shown it."""

from typing import Any

import pytest

from tests.api.shop import Shop
from tests.contract.whole import Headers
from tests.disclosures.noticing import PLAIN, notice_document, touchpoint_document

pytestmark = pytest.mark.anyio


async def step(shop: Shop, path: str, body: Any, who: str | Headers = "dpo") -> dict[str, Any]:
    """Do something to what stands at a path, in its present version."""
    place = "/".join(path.split("/")[:4])
    tag = (await shop.get(place, "dpo")).headers["etag"]
    headers = {**(shop.headers(who) if isinstance(who, str) else who), "If-Match": tag}
    answer = await shop.client.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def open_chat(shop: Shop) -> None:
    """Publish a notice by two people and open a chat with it."""
    chat = touchpoint_document(system="bot", purposes=["profile"]).as_json()
    made = await shop.post("/v1/touchpoints", chat, "dpo")
    assert (made.status_code, made.json()["state"]) == (201, "draft"), made.text
    drafted = await shop.post("/v1/notices", notice_document().as_json(), "dpo")
    assert drafted.status_code == 201, drafted.text
    await step(shop, "/v1/notices/first-line/approve", None, await shop.colleague("dpo"))
    published = await step(shop, "/v1/notices/first-line/publish", {"material": True})
    assert (published["published"]["version"], published["stale"]) == (1, False)
    assert (await step(shop, "/v1/touchpoints/chat/state", {"state": "live"}))["state"] == "live"


async def test_a_chat_with_its_notice_stands_in_the_widget_s_configuration(shop: Shop) -> None:
    await open_chat(shop)
    path = f"/v1/widget/{shop.headers()['X-Candor-Site']}/en"
    found = (await shop.client.get(path)).json()

    assert [(one["id"], one["notice"], one["human"]) for one in found["uses"]] == [("chat", "first-line", True)]
    assert [(one["id"], one["version"], one["text"], one["uses"]) for one in found["notices"]] == [
        ("first-line", 1, PLAIN, ["chat"])
    ]
    assert [one["id"] for one in found["purposes"]] == ["profile"]
    assert found["human"]["routes"] == ["support-desk"]


async def test_a_browser_proves_what_it_showed_and_a_late_one_is_a_gap(shop: Shop) -> None:
    await open_chat(shop)
    body = {"notice": "first-line", "version": 1, "lang": "en", "surface": "chat", "session": "s-1"}
    early = await shop.post("/v1/showings", {**body, "conversation": "c-1"})
    assert (early.status_code, early.json()["before_first_turn"]) == (201, None), early.text
    for conversation in ("c-1", "c-2"):
        turn = {"conversation": conversation, "touchpoint": "chat", "handler": "ai"}
        assert (await shop.post("/v1/turns", turn, "site")).status_code == 200
        assert (await shop.post("/v1/turns", turn)).status_code == 403
    late = await shop.post("/v1/showings", {**body, "conversation": "c-2"})
    assert late.json()["before_first_turn"] is False

    found = (await shop.get("/v1/showings?conversation=c-1", "auditor")).json()["items"]
    assert [(one["id"], one["site"] is None) for one in found] == [(early.json()["id"], False)]
    assert (await shop.get("/v1/showings?conversation=c-1")).status_code == 403
    assert (await shop.get("/v1/showings", "auditor")).status_code == 422
    assert (await shop.get("/v1/gaps", "auditor")).json()["items"] == []
    refused = await shop.post("/v1/showings", {**body, "subject": "customer-1"})
    assert refused.json()["errors"][0]["pointer"] == "/subject"


async def test_nobody_is_told_that_a_program_is_human(shop: Shop) -> None:
    await open_chat(shop)
    path = "/v1/ai-or-human?conversation=c-1"
    assert (await shop.get(path)).json()["handler"] == "ai"
    turn = {"conversation": "c-1", "touchpoint": "chat", "handler": "human"}
    await shop.post("/v1/turns", turn, "site")
    assert (await shop.get(path)).json()["answer"] == "You are talking to a person."
    await shop.post("/v1/turns", {**turn, "handler": "ai"}, "site")
    told = (await shop.get(path + "&lang=de")).json()

    assert (told["handler"], told["lang"], told["answer"]) == (
        "ai",
        "de",
        "Sie sprechen mit einem Computerprogramm. Es ist kein Mensch.",
    )


async def test_drafts_are_for_their_keepers(shop: Shop) -> None:
    await shop.post("/v1/notices", notice_document(touchpoints=[]).as_json(), "dpo")

    assert (await shop.get("/v1/notices/first-line")).status_code == 404
    assert (await shop.get("/v1/notices")).json()["items"] == []
    kept = (await shop.get("/v1/notices/first-line", "dpo")).json()
    assert kept["draft"]["texts"]["en"]["text"] == PLAIN
    checked = (await shop.get("/v1/notices/first-line/check", "dpo")).json()
    assert (checked["fit"], len(checked["source_sha256"])) == (True, 64)


async def test_a_second_person_is_needed(shop: Shop) -> None:
    drafted = await shop.post("/v1/notices", notice_document(touchpoints=[]).as_json(), "dpo")
    extra = {"If-Match": drafted.headers["etag"]}
    refused = await shop.post("/v1/notices/first-line/approve", None, "dpo", extra)

    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (403, "second-person-needed")
    early = await shop.post("/v1/notices/first-line/publish", {"material": True}, "dpo", extra)
    assert (early.status_code, early.json()["type"].rsplit("/", 1)[1]) == (409, "notice-not-approved")


async def test_the_builder_names_what_a_law_wants(shop: Shop) -> None:
    found = (await shop.get("/v1/notices/skeleton?kind=automated_decision&pack=us-ca", "dpo")).json()

    assert "specific_purpose" in [one["word"] for one in found["elements"]]
    assert "to improve our services" in found["insufficient_alone"]
    assert (await shop.get("/v1/notices/skeleton?kind=price&pack=nothing", "dpo")).status_code == 404


async def test_a_version_is_rendered_for_each_channel_and_its_reach_is_known(shop: Shop) -> None:
    await open_chat(shop)
    spoken = (await shop.get("/v1/notices/first-line/versions/1/rendering?channel=voice")).json()
    assert (spoken["media_type"], spoken["content"][:6]) == ("application/ssml+xml", "<speak")
    body = {"notice": "first-line", "version": 1, "lang": "en", "surface": "chat", "session": "s-1"}
    await shop.post("/v1/showings", body)

    impact = (await shop.get("/v1/notices/first-line/impact", "dpo")).json()
    assert impact == {"showings": 1, "people": 0, "sessions": 1, "touchpoints": ["chat"]}


async def test_turns_reported_to_the_handoff_count_as_the_ai_s_first(shop: Shop) -> None:
    await open_chat(shop)
    said = {
        "conversation": "c-7",
        "subject": "customer-1",
        "touchpoint": "chat",
        "turns": [{"speaker": "ai", "text": "Hello."}],
    }
    heard = await shop.post("/v1/conversations/turns", said, "site")
    assert heard.status_code == 200, heard.text
    body = {"notice": "first-line", "version": 1, "lang": "en", "surface": "chat", "session": "s-1"}

    late = await shop.post("/v1/showings", {**body, "conversation": "c-7"})
    assert late.json()["before_first_turn"] is False


async def test_waiting_for_a_person_is_not_talking_to_one(shop: Shop) -> None:
    await open_chat(shop)
    turn = {"conversation": "c-1", "touchpoint": "chat", "handler": "human"}
    await shop.post("/v1/turns", turn, "site")
    assert (await shop.get("/v1/ai-or-human?conversation=c-1")).json()["handler"] == "human"
    asked = await shop.post("/v1/handoffs", {"conversation": "c-1"})
    assert asked.status_code == 201, asked.text

    assert (await shop.get("/v1/ai-or-human?conversation=c-1")).json()["handler"] == "ai"
