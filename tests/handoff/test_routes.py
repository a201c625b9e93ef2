"""Handoffs over HTTP: a customer asks, an agent answers; who may do and see what; streams that resume."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.schemas.handoffs import PackOut
from core.keys import KeyRing
from ledger import jws
from tests.api import serving
from tests.api.shop import Shop, open_shop
from tests.contract.whole import Headers

pytestmark = pytest.mark.anyio
OTHER = {"X-Candor-Device": "1e" * 16}


@pytest.fixture
async def shop(database_url: str, keyring: KeyRing) -> AsyncIterator[Shop]:
    """A running Candor; once for each engine."""
    async with open_shop(database_url, keyring) as opened:
        yield opened


async def put(shop: Shop, path: str, body: Any, who: Headers) -> httpx.Response:
    return await shop.client.put(path, json=body, headers=who)


async def ask(shop: Shop, body: dict[str, Any] | None = None, role: str = "anonymous") -> dict[str, Any]:
    answer = await shop.post("/v1/handoffs", body or {}, role)
    assert answer.status_code in {200, 201}, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def agent(shop: Shop, name: str = "Ana", **more: Any) -> Headers:
    who = await shop.colleague("agent")
    answer = await put(shop, "/v1/agents/me", {"presence": "online", "alias": name, **more}, who)
    assert answer.status_code == 200, answer.text
    return who


async def active(shop: Shop, body: dict[str, Any] | None = None) -> tuple[dict[str, Any], Headers]:
    made = await ask(shop, body)
    who = await agent(shop)
    answer = await shop.client.post(f"/v1/agents/me/cases/{made['id']}/accept", headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json(), who


async def test_one_action_gives_reference_place_and_next_steps(shop: Shop) -> None:
    answer = await shop.post("/v1/handoffs", {})
    made = answer.json()

    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/handoffs/{made['id']}"
    assert made["state"] == "queued"
    assert made["position"] == 1
    assert made["handler"] == "waiting"
    assert not made["ai_may_speak"]
    assert {"wait", "ticket", "callback", "cancel"} <= {step["code"] for step in made["steps"]}
    assert made["case"] is None


async def test_asking_again_answers_the_open_one_and_a_key_answers_the_same(shop: Shop) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await shop.post("/v1/handoffs", {}, extra=key)
    again = await shop.post("/v1/handoffs", {}, extra=key)
    third = await shop.post("/v1/handoffs", {})

    assert (again.status_code, again.content) == (201, first.content)
    assert (third.status_code, third.json()["id"]) == (200, first.json()["id"])


async def test_nobody_sees_or_touches_anothers_handoff(shop: Shop) -> None:
    made = await ask(shop)
    stranger = shop.headers(**OTHER)

    for path in ("", "/events", "/receipt"):
        assert (await shop.client.get(f"/v1/handoffs/{made['id']}{path}", headers=stranger)).status_code == 404
    for path, body in (("cancel", None), ("messages", {"text": "hi"}), ("typing", {"typing": True})):
        answer = await shop.client.post(f"/v1/handoffs/{made['id']}/{path}", json=body, headers=stranger)
        assert answer.status_code == 404
    assert (await shop.client.get("/v1/handoffs", headers=stranger)).json()["items"] == []


async def test_a_browser_may_not_speak_for_others_or_set_rules(shop: Shop) -> None:
    for field, value in (("subject", "customer-9"), ("skills", ["x"]), ("why", {"trigger": "right", "rule": "r"})):
        answer = await shop.post("/v1/handoffs", {field: value})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")


async def test_a_whole_conversation_with_receipt_and_survey(shop: Shop) -> None:
    made, who = await active(shop, {"message": "my card was declined"})
    path = f"/v1/handoffs/{made['id']}"
    assert made["handler"] == "human"
    assert made["case"]["alias"] == "Ana"
    assert (await shop.client.post(f"{path}/messages", json={"text": "good morning"}, headers=who)).status_code == 201
    note = await shop.client.post(f"{path}/messages", json={"text": "seems upset", "internal": True}, headers=who)
    assert note.json()["internal"]
    assert (await shop.post(f"{path}/messages", {"text": "thank you"})).status_code == 201
    ended = await shop.client.post(
        f"/v1/agents/me/cases/{made['id']}/resolve", json={"outcome": "explained"}, headers=who
    )
    assert ended.json()["state"] == "resolved"
    surveyed = await shop.post(f"{path}/survey", {"human": 5, "ai": 1, "text": "kind"})
    assert surveyed.status_code == 200
    assert (await shop.post(f"{path}/survey", {"human": 1})).status_code == 409

    record = (await shop.get(f"{path}/receipt")).json()
    said = [(one["actor"], one["text"]) for one in record["document"]["events"] if one["text"]]
    assert said == [("customer", "my card was declined"), ("agent", "good morning"), ("customer", "thank you")]
    keyring = shop.whole.app.state.keyring
    signed = jws.verify(record["jws"], jws.public_keys(keyring, "receipt"), "handoff-receipt+jwt")
    assert (signed["reference"], signed["outcome"], signed["answered_by"]) == (made["reference"], "explained", "Ana")


async def test_no_note_and_no_credential_of_an_agent_reaches_a_customer_or_a_back_end(shop: Shop) -> None:
    made, who = await active(shop)
    path = f"/v1/handoffs/{made['id']}"
    await shop.client.post(f"{path}/messages", json={"text": "a secret", "internal": True}, headers=who)

    for role in ("anonymous", "site"):
        shown = (await shop.get(f"{path}/events", role)).json()
        assert "a secret" not in json.dumps(shown)
        assert all(one["by"] is None and not one["internal"] for one in shown["events"])
        assert shown["status"]["case"] is None
    staff = (await shop.client.get(f"{path}/events", headers=who)).json()
    assert "a secret" in json.dumps(staff)
    assert (await shop.post(f"{path}/messages", {"text": "x", "internal": True})).status_code == 422


async def test_a_message_sent_twice_under_one_key_is_there_once(shop: Shop) -> None:
    made = await ask(shop)
    path = f"/v1/handoffs/{made['id']}/messages"
    answers = await asyncio.gather(
        *(shop.post(path, {"text": "hello"}, extra={"Idempotency-Key": "m-1"}) for _ in range(5))
    )

    assert sorted(one.status_code for one in answers) == [200, 200, 200, 200, 201]
    assert len({one.json()["seq"] for one in answers}) == 1


async def test_only_one_of_many_agents_wins_and_the_others_are_told(shop: Shop) -> None:
    made = await ask(shop)
    people = [await agent(shop, f"A{number}", queues=["other"]) for number in range(8)]
    answers = await asyncio.gather(
        *(shop.client.post(f"/v1/agents/me/cases/{made['id']}/accept", headers=who) for who in people)
    )

    assert sorted(one.status_code for one in answers) == [200, *[409] * 7]


async def test_the_context_tells_why_and_what_and_is_hashed(shop: Shop) -> None:
    turns: dict[str, Any] = {
        "subject": "customer-1",
        "conversation": "chat-1",
        "system": "bot",
        "turns": [
            {"speaker": "customer", "text": "why was I declined?"},
            {"speaker": "ai", "text": "let me see", "confidence": 0.9},
            {"speaker": "customer", "text": "I want to talk to a person"},
        ],
    }
    heard = (await shop.post("/v1/conversations/turns", turns, "site")).json()
    assert heard["verdict"] == {"rule": "asked/1", "trigger": "explicit", "action": "transfer", "because": {}}
    assert heard["handler"] == "waiting"
    who = await agent(shop)
    pack = (await shop.client.get(f"/v1/agents/me/cases/{heard['handoff']['id']}/context", headers=who)).json()

    PackOut.model_validate(pack)
    assert [(one["speaker"], one["text"]) for one in pack["transcript"]] == [
        (one["speaker"], one["text"]) for one in turns["turns"]
    ]
    assert len(pack["hash"]) == 64


async def test_a_part_whose_purpose_is_not_permitted_is_absent_and_listed(shop: Shop) -> None:
    rules = {"name": "Main", "lawful": {"transcript": "train"}}
    assert (await put(shop, "/v1/queues/main", rules, shop.headers("dpo"))).status_code == 200
    turns = {"subject": "customer-1", "conversation": "c", "turns": [{"speaker": "customer", "text": "human"}]}
    heard = (await shop.post("/v1/conversations/turns", turns, "site")).json()
    who = await agent(shop)
    pack = (await shop.client.get(f"/v1/agents/me/cases/{heard['handoff']['id']}/context", headers=who)).json()

    assert pack["transcript"] == []
    assert pack["withheld"] == {"transcript": "not-permitted:train"}


async def test_after_the_request_the_ai_is_silent_and_its_words_are_violations(shop: Shop) -> None:
    def turn(speaker: str, text: str, **more: Any) -> dict[str, Any]:
        return {"subject": "customer-1", "conversation": "c", "turns": [{"speaker": speaker, "text": text, **more}]}

    before = (await shop.post("/v1/conversations/turns", turn("ai", "hello"), "site")).json()
    assert before["ai_may_speak"]
    await shop.post("/v1/conversations/turns", turn("customer", "agent!"), "site")
    status = (await shop.post("/v1/conversations/turns", turn("ai", "one moment", status=True), "site")).json()
    assert (status["violations"], status["ai_may_speak"]) == (0, False)
    after = (await shop.post("/v1/conversations/turns", turn("ai", "are you sure? I can help"), "site")).json()

    assert (after["violations"], after["ai_may_speak"]) == (1, False)
    auditor = (await shop.get(f"/v1/handoffs/{after['handoff']['id']}", "auditor")).json()
    assert auditor["case"]["violations"] == 1


async def test_doubt_makes_an_offer_within_one_turn_and_says_why(shop: Shop) -> None:
    turns = {
        "subject": "customer-1",
        "conversation": "c",
        "turns": [{"speaker": "ai", "text": "perhaps", "confidence": 0.2}],
    }
    first = (await shop.post("/v1/conversations/turns", turns, "site")).json()
    second = (await shop.post("/v1/conversations/turns", turns, "site")).json()

    assert first["offer_human"]
    assert first["handoff"] is None
    assert first["verdict"]["because"] == {"score": 0.2, "threshold": 0.5, "turns": 1, "version": 0}
    assert second["handoff"]["state"] in {"queued", "offered"}


async def test_who_answers_is_told_truthfully(shop: Shop) -> None:
    where = {"subject": "customer-1", "conversation": "c", "language": "es"}
    told = (await shop.post("/v1/conversations/handler", where, "site")).json()
    assert told["handler"] == "ai"
    assert "no con una persona" in told["say"]
    await shop.post("/v1/handoffs", {"subject": "customer-1", "conversation": "c"}, "site")
    assert (await shop.post("/v1/conversations/handler", where, "site")).json()["handler"] == "waiting"


async def test_whoever_opted_out_of_ai_is_never_routed_to_it(shop: Shop) -> None:
    choice = {"subject": "customer-1", "choices": [{"purpose": "*", "state": "opted_out"}]}
    assert (await shop.post("/v1/choices", choice, "site")).status_code == 201
    where = {"subject": "customer-1", "conversation": "c"}
    told = (await shop.post("/v1/conversations/handler", where, "site")).json()
    assert (told["handler"], told["ai_may_speak"]) == ("waiting", False)

    turns = {**where, "turns": [{"speaker": "customer", "text": "my order is late"}]}
    heard = (await shop.post("/v1/conversations/turns", turns, "site")).json()
    assert heard["verdict"]["trigger"] == "opt_out"
    assert heard["handoff"] is not None


async def test_a_human_for_this_chat_changes_nothing_for_the_next(shop: Shop) -> None:
    turns = {
        "subject": "customer-1",
        "conversation": "c1",
        "human_only": True,
        "turns": [{"speaker": "customer", "text": "hello"}],
    }
    heard = (await shop.post("/v1/conversations/turns", turns, "site")).json()
    assert (heard["ai_may_speak"], heard["verdict"]["trigger"]) == (False, "opt_out")
    other = {**turns, "conversation": "c2", "human_only": False}

    assert (await shop.post("/v1/conversations/turns", other, "site")).json()["ai_may_speak"]


async def test_out_of_hours_there_is_an_opening_and_a_choice_never_an_error(shop: Shop) -> None:
    rules = {"name": "Main", "hours": {"zone": "Europe/Madrid", "closed": [], "weekly": {"mon": [["03:00", "03:01"]]}}}
    assert (await put(shop, "/v1/queues/main", rules, shop.headers("dpo"))).status_code == 200
    known = (await shop.get("/v1/queues/main/availability")).json()
    if known["is_open"]:
        pytest.skip("it is the one open minute of the week")
    made = await ask(shop)

    assert made["state"] == "deferred"
    assert made["next_opening"] == made["due_at"] == known["next_opening"]
    assert {"ticket", "callback", "keep_place", "cancel"} <= {step["code"] for step in made["steps"]}
    booked = await shop.post(f"/v1/handoffs/{made['id']}/choose", {"choice": "ticket"})
    assert (booked.json()["state"], booked.json()["mode"]) == ("queued", "ticket")


async def test_a_queue_that_never_opens_is_refused(shop: Shop) -> None:
    rules = {"name": "Main", "hours": {"zone": "Mars/Olympus", "weekly": {"mon": []}}}
    answer = await put(shop, "/v1/queues/main", rules, shop.headers("dpo"))

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/hours/zone", "/hours/weekly"]


async def test_a_callback_is_booked_at_a_slot(shop: Shop) -> None:
    slot = (await shop.get("/v1/queues/main/availability")).json()["slots"][0]
    made = await ask(shop, {"mode": "callback", "slot": slot})

    assert (made["state"], made["choice"], made["due_at"]) == ("deferred", "callback", slot)
    assert (await shop.post("/v1/handoffs", {"mode": "callback"}, extra=OTHER)).status_code == 422


async def test_agents_see_their_lists_in_order_and_page_by_page(shop: Shop) -> None:
    for number in range(5):
        await shop.post("/v1/handoffs", {"subject": f"customer-{number}"}, "site")
    who = await agent(shop, queues=["other"])
    first = (await shop.client.get("/v1/agents/me/cases?view=waiting&limit=3", headers=who)).json()
    rest = (
        await shop.client.get(
            "/v1/agents/me/cases", params={"view": "waiting", "limit": 3, "cursor": first["next_cursor"]}, headers=who
        )
    ).json()

    ids = [one["id"] for one in (*first["items"], *rest["items"])]
    assert len(first["items"]) == 3
    assert len(set(ids)) == 5
    assert rest["next_cursor"] is None
    assert (await shop.client.get("/v1/agents", headers=who)).json()["items"][0]["here"]


async def test_feedback_of_agents_names_the_system(shop: Shop) -> None:
    made, who = await active(shop, {"system": "bot"})
    path = f"/v1/agents/me/cases/{made['id']}/flags"
    assert (await shop.client.post(path, json={"kind": "ai_fault"}, headers=who)).status_code == 422
    flagged = await shop.client.post(path, json={"kind": "ai_fault", "text": "made up a fee"}, headers=who)
    await shop.client.post(path, json={"kind": "reasked"}, headers=who)

    assert flagged.status_code == 200
    found = (await shop.client.get(f"/v1/handoffs/{made['id']}/events", headers=who)).json()["events"]
    [fault] = [one for one in found if one["kind"] == "ai_fault"]
    assert (fault["text"], fault["facts"]["system"]) == ("made up a fee", "bot")


async def listen(
    client: httpx.AsyncClient, path: str, headers: Headers, until: int, last: int = 0
) -> list[dict[str, Any]]:
    """Read a stream until an event with the number ``until``; return the events with numbers."""
    found = []
    wanted = {**headers, "Accept": "text/event-stream", **({"Last-Event-ID": str(last)} if last else {})}
    async with asyncio.timeout(20), client.stream("GET", path, headers=wanted) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        numbered = False
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                numbered = True
            elif line.startswith("data: ") and numbered:
                numbered = False
                found.append(json.loads(line[6:]))
                if found[-1]["seq"] >= until:
                    return found
    return found


async def test_a_stream_brings_every_event_once_and_goes_on_where_it_broke_off(shop: Shop) -> None:
    made, who = await active(shop)
    path = f"/v1/handoffs/{made['id']}"
    async with (
        serving.listening(shop.whole.app, shop.whole.settings) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        start = (await client.get(path, headers=who)).json()["last_seq"]
        listening = asyncio.create_task(listen(client, f"{path}/events", shop.headers(), start + 5))
        for number in range(10):
            sender = who if number % 2 else shop.headers()
            assert (
                await client.post(f"{path}/messages", json={"text": f"m{number}"}, headers=sender)
            ).status_code == 201
        first = await listening
        rest = await listen(client, f"{path}/events", shop.headers(), start + 10, first[-1]["seq"])
        bad = await client.get(f"{path}/events", headers={**shop.headers(), "Last-Event-ID": "x"})

    numbers = [one["seq"] for one in (*first, *rest)]
    assert numbers == sorted(set(numbers))
    assert [one["text"] for one in (*first, *rest) if one["kind"] == "message"] == [f"m{n}" for n in range(10)]
    assert bad.status_code == 400


async def test_typing_is_heard_and_not_kept(shop: Shop) -> None:
    made, who = await active(shop)
    path = f"/v1/handoffs/{made['id']}"
    async with (
        serving.listening(shop.whole.app, shop.whole.settings) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        asyncio.timeout(20),
        client.stream("GET", f"{path}/events", headers={**shop.headers(), "Accept": "text/event-stream"}) as answer,
    ):
        async for line in answer.aiter_lines():
            if line == "event: status":
                await client.post(f"{path}/typing", json={"typing": True}, headers=who)
            if line == "event: typing":
                break
    assert (await shop.get(path)).json()["last_seq"] == made["last_seq"]


async def test_a_long_poll_answers_when_something_happens(shop: Shop) -> None:
    made = await ask(shop)
    path = f"/v1/handoffs/{made['id']}"
    waiting = asyncio.create_task(shop.get(f"{path}/events?after={made['last_seq']}&wait=20"))
    await asyncio.sleep(0)
    await shop.post(f"{path}/messages", {"text": "anybody there?"})
    found = (await waiting).json()

    assert [one["text"] for one in found["events"]] == ["anybody there?"]
    assert found["status"]["state"] == "queued"
