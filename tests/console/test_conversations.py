"""An agent takes a conversation: exactly one has it, notes never reach the customer, and it ends with an outcome."""

import asyncio
import re
from typing import Any

import pytest

from core.clock import MICROS, FixedClock
from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import OWN, form_of, press, sign_in
from tests.console.test_matrix import a_conversation

pytestmark = pytest.mark.anyio
BOARD = "/console/conversations"


async def heard(company: Town, handoff: str) -> list[dict[str, Any]]:
    """Return what the customer's side can see of a conversation."""
    async with company.visitor() as client:
        headers = {"Authorization": f"Bearer {company.facts.api_key}"}
        answer = await client.get(f"/v1/handoffs/{handoff}/events", headers=headers)
        found: list[dict[str, Any]] = answer.json()["events"]
        return found


async def test_an_agent_takes_answers_and_ends_a_conversation(company: Town) -> None:
    handoff = await a_conversation(company)
    page = f"{BOARD}/{handoff}"
    async with sign_in(company, Role.AGENT) as client:
        before = (await client.get(BOARD, headers={"HX-Request": "true"})).text
        assert f'action="{page}/take"' in before
        here = await press(client, BOARD, f"{BOARD}/here", presence="online", alias="Ava")
        assert here.status_code == 303
        assert f'href="{page}"' in (await client.get(BOARD)).text
        assert (await press(client, page, f"{page}/take")).status_code == 303
        shown = (await client.get(page)).text
        assert "I want to talk to a person about my credit." in shown
        assert "Reading it was put on record" in shown
        fields = form_of(shown, f"{page}/reply")
        for _ in range(2):  # sent twice, said once
            came = await client.post(f"{page}/reply", data={**fields, "text": "Ava here. I look now."}, headers=OWN)
            assert came.status_code == 303
        await press(client, page, f"{page}/note", text="Check the income figure.")
        part = (await client.get(page, headers={"HX-Request": "true"})).text
        assert part.startswith('<div id="talk"')
        assert re.search(r'class="note">\s*<p class="event">Note for colleagues', part)
        await press(client, page, f"{page}/flag", kind="ai_fault", text="It named a wrong sum.")
        ended = await press(client, page, f"{page}/resolve", outcome="explained", note="")
        assert ended.headers["location"] == BOARD
        assert f'action="{page}/reply"' not in (await client.get(page)).text
    said = [event["text"] for event in await heard(company, handoff) if event["text"]]

    assert said.count("Ava here. I look now.") == 1
    assert "Check the income figure." not in said
    assert "It named a wrong sum." not in said


async def test_of_two_agents_one_has_it_and_the_other_is_told(company: Town) -> None:
    handoff = await a_conversation(company)
    page = f"{BOARD}/{handoff}"
    async with sign_in(company, Role.AGENT, "one") as one, sign_in(company, Role.AGENT, "two") as two:
        early = await press(one, page, f"{page}/take")
        assert (early.status_code, "Say that you are online first." in early.text) == (409, True)
        forms = [form_of((await client.get(page)).text, f"{page}/take") for client in (one, two)]
        for client in (one, two):
            await press(client, BOARD, f"{BOARD}/here", presence="online", alias="Ava")
        came = await asyncio.gather(
            *(
                client.post(f"{page}/take", data=fields, headers=OWN)
                for client, fields in zip((one, two), forms, strict=True)
            )
        )
        assert sorted(answer.status_code for answer in came) == [303, 409]
        loser = two if came[0].status_code == 303 else one
        seen = (await loser.get(page)).text
        assert " has it." in seen
        assert f'action="{page}/reply"' not in seen


async def test_reading_a_conversation_is_on_record(company: Town) -> None:
    handoff = await a_conversation(company)
    async with sign_in(company, Role.AGENT) as client, sign_in(company, Role.AUDITOR) as auditor:
        await client.get(f"{BOARD}/{handoff}")
        await client.get(f"{BOARD}/{handoff}", headers={"HX-Request": "true"})
        log = (await auditor.get("/console/audit?kind=record.viewed")).text

        assert log.count("conversation: customer asked") == 1
        assert (await client.get(f"{BOARD}/hnd_{'0' * 32}")).status_code == 404


async def test_an_agent_says_how_many_in_which_languages_and_stays_here_by_looking(
    company: Town, clock: FixedClock
) -> None:
    async with sign_in(company, Role.AGENT) as client:
        here = {"presence": "online", "alias": "Ava", "capacity": "2", "languages": "en, pt-BR", "skills": "credit"}
        assert (await press(client, BOARD, f"{BOARD}/here", **here)).status_code == 303
        shown = (await client.get(BOARD)).text
        assert ('value="en, pt-BR"' in shown, 'value="credit"' in shown, "have 0 of 2" in shown) == (True, True, True)
        for wrong in ({"capacity": "51"}, {"capacity": "some"}, {"languages": "English"}, {"skills": "Credit!"}):
            assert (await press(client, BOARD, f"{BOARD}/here", **{**here, **wrong})).status_code == 422
        for _ in range(3):  # two minutes in all: without looking he would be gone after one
            clock.advance(40 * MICROS)
            seen = (await client.get(BOARD, headers={"HX-Request": "true"})).text
            assert "You are online" in seen
        clock.advance(61 * MICROS)
        assert (await press(client, BOARD, f"{BOARD}/here", presence="away", alias="Ava")).status_code == 303
        assert "You are online" not in (await client.get(BOARD)).text


async def test_an_open_page_is_told_that_the_conversation_moved_on_and_keeps_its_forms(company: Town) -> None:
    handoff = await a_conversation(company)
    page = f"{BOARD}/{handoff}"
    async with sign_in(company, Role.AGENT) as client:
        await press(client, BOARD, f"{BOARD}/here", presence="online", alias="Ava")
        await press(client, page, f"{page}/take")
        opened = (await client.get(page)).text
        [again] = re.findall(r'hx-get="([^"]+)"', opened)
        assert "has moved on" not in (await client.get(again, headers={"HX-Request": "true"})).text
        async with company.visitor() as customer:
            headers = {"Authorization": f"Bearer {company.facts.api_key}"}
            assert (await customer.post(f"/v1/handoffs/{handoff}/cancel", headers=headers)).status_code == 200
        after = (await client.get(again, headers={"HX-Request": "true"})).text
        assert ("has moved on" in after, "the customer left" in after) == (True, True)


async def test_the_agent_reads_what_came_with_the_request_and_what_was_withheld(company: Town) -> None:
    headers = {"Authorization": f"Bearer {company.facts.api_key}"}
    turns = {
        "subject": "customer-4711",
        "conversation": "talk-7",
        "turns": [
            {"speaker": "customer", "text": "Why was my card refused?"},
            {"speaker": "ai", "text": "I can't tell you that."},
            {"speaker": "customer", "text": "I want to talk to a human."},
        ],
    }
    async with company.visitor() as back_end:
        lawful = {"name": "Service", "lawful": {"choices": "ai-training"}}
        admin = {"Authorization": f"Bearer {company.facts.admin_key}"}
        assert (await back_end.put("/v1/queues/main", json=lawful, headers=admin)).status_code == 200
        made = await back_end.post("/v1/conversations/turns", json=turns, headers=headers)
        handoff = made.json()["handoff"]["id"]
    async with sign_in(company, Role.AGENT) as client:
        shown = (await client.get(f"{BOARD}/{handoff}")).text
    known = shown[shown.index("What came with the request") :]

    assert re.search(r'class="human"><p class="event">Customer</p><p dir="auto" class="text">Why was my card', known)
    assert re.search(r'class="machine"><p class="event">AI</p><p dir="auto" class="text">I can&#39;t tell', known)
    assert "their choices: not allowed for “ai-training”" in known


async def test_only_who_has_the_conversation_is_seen_typing(company: Town) -> None:
    handoff = await a_conversation(company)
    page, heard = f"{BOARD}/{handoff}", []
    async with sign_in(company, Role.AGENT, "one") as one, sign_in(company, Role.AGENT, "two") as two:
        for client in (one, two):
            await press(client, BOARD, f"{BOARD}/here", presence="online", alias="Ava")
        await press(one, page, f"{page}/take")
        [token] = re.findall(r'data-token="([0-9a-f]+)"', (await one.get(page)).text)
        with company.app.state.bell.listen(handoff) as ear:
            sent = await one.post(f"{page}/typing", data={"token": token}, headers=OWN)
            heard += await ear.wait(1)
            foreign = await two.post(f"{page}/typing", data={"token": token}, headers=OWN)
        assert (sent.status_code, foreign.status_code) == (204, 403)

    assert heard == [{"actor": "agent", "typing": True}]


async def test_a_reply_at_hand_is_edited_or_sent_and_does_what_follows_all_at_once(company: Town) -> None:
    handoff = await a_conversation(company)
    page, replies = f"{BOARD}/{handoff}", "/console/replies"
    async with sign_in(company, Role.AGENT) as client:
        words = "The sum is the yearly one."
        kept = {"title": "Sum explained", "language": "en", "text": words, "then": "end:explained"}
        for wrong in ({"title": " "}, {"language": "English"}, {"text": ""}, {"then": "end:whatever"}):
            assert (await press(client, replies, replies, **{**kept, **wrong})).status_code == 422
        for one in (kept, {**kept, "title": "Hallo", "language": "de", "text": "Guten Tag.", "then": ""}):
            assert (await press(client, replies, replies, **one)).status_code == 303
        await press(client, BOARD, f"{BOARD}/here", presence="online", alias="Ava")
        await press(client, page, f"{page}/take")
        shown = (await client.get(page)).text
        assert ("Sum explained" in shown, "Hallo" in shown) == (True, False)
        [ready] = re.findall(r'href="\?ready=(rdy_[0-9a-f]+)#reply"', shown)
        assert f">{words}</textarea>" in (await client.get(f"{page}?ready={ready}")).text
        sent = await client.post(f"{page}/ready", data=form_of(shown, f"{page}/ready"), headers=OWN)
        assert sent.headers["location"] == BOARD
        [act, _] = re.findall(r'action="(/console/replies/rdy_[0-9a-f]+/delete)"', (await client.get(replies)).text)
        assert (await press(client, replies, act)).status_code == 303
        assert (await client.get(replies)).text.count("/delete") == 1
    told = [(event["kind"], event["text"]) for event in await heard(company, handoff)]

    assert told[-2:] == [("message", words), ("resolved", None)]
