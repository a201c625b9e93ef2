"""The page for reaching a person works without scripts: ask, say, read, choose, leave, keep the record."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from core.clock import FixedClock
from core.keys import KeyRing
from core.principal import Principal, Role
from disclosures.widget.words import catalogue
from handoff import presence, service, store
from handoff.presence import Here
from handoff.service import Words
from tests.api.pages_company import OWN, Town, town

pytestmark = pytest.mark.anyio
PAGE = "/t/shop/en/human"


@pytest.fixture
async def company(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    """The demo company; once for each engine."""
    async with town(database_url, tmp_path, clock, keyring) as served:
        yield served


async def press(client: httpx.AsyncClient, act: str, **fields: str) -> httpx.Response:
    """Press a button of the page as it is now."""
    html = (await client.get(PAGE)).text
    form = re.search(rf'<form method="post" action="{PAGE}/{act}">(.*?)</form>', html, re.DOTALL)
    assert form is not None, f"no button {act} in {html}"
    token = re.search(r'name="token" value="(\w+)"', form[1])
    assert token is not None
    return await client.post(f"{PAGE}/{act}", data={"token": token[1], **fields}, headers=OWN)


async def test_one_button_without_account_or_reason(company: Town) -> None:
    async with company.visitor() as client:
        first = await client.get(PAGE)
        assert "script" not in first.text
        assert first.text.count("<form") == 1
        assert (await press(client, "ask")).status_code == 303
        page = (await client.get(PAGE)).text

    assert re.search(r'<strong dir="ltr">[A-Z0-9]{4}-[A-Z0-9]{4}</strong>', page)
    assert "No AI answers you now" in page


async def test_a_conversation_without_scripts(company: Town) -> None:
    state = company.app.state
    ana = Principal("default", "key_ana", Role.AGENT)
    async with company.visitor() as client:
        await press(client, "ask")
        await press(client, "say", text="<b>my card</b> was declined")
        now = state.clock.now()
        await state.db.transact(presence.say_here, state.keyring, ana, Here("online", "Ana"), now)
        [row] = await state.db.read(store.of_agent, "default", ana.id, "offered", "offered")
        await state.db.transact(service.accept, state.keyring, ana, row.id, now)
        words = Words("agent", ana.id, "good morning")
        await state.db.transact(service.say, state.keyring, "default", row.id, words, now)
        page = (await client.get(PAGE)).text
        assert "&lt;b&gt;my card&lt;/b&gt;" in page
        assert "good morning" in unescape(page)
        assert "You are talking to Ana, a person." in unescape(page)
        assert re.search(r'<li class="human"><strong>Ana, a person</strong>', page)
        record = await client.get(f"{PAGE}/record")
        assert [one["text"] for one in record.json()["document"]["events"] if one["text"]] == [
            "<b>my card</b> was declined",
            "good morning",
        ]
        await press(client, "leave")
        assert "You have left" in (await client.get(PAGE)).text


async def test_waiting_can_become_a_ticket_or_a_call(company: Town) -> None:
    async with company.visitor() as client:
        await press(client, "ask")
        slot = re.search(r'<option value="([^"]+)"', (await client.get(PAGE)).text)
        assert slot is not None
        await press(client, "callback", slot=slot[1])
        assert "We will call you: 2" in (await client.get(PAGE)).text
        await press(client, "ticket")
        assert "A person will answer you here in writing" in (await client.get(PAGE)).text


async def test_after_the_end_it_can_be_judged_once_and_taken_up_again(company: Town) -> None:
    state = company.app.state
    ana = Principal("default", "key_ana", Role.AGENT)
    async with company.visitor() as client:
        await press(client, "ask")
        now = state.clock.now()
        await state.db.transact(presence.say_here, state.keyring, ana, Here("online", "Ana"), now)
        [row] = await state.db.read(store.of_agent, "default", ana.id, "offered", "offered")
        await state.db.transact(service.accept, state.keyring, ana, row.id, now)
        await state.db.transact(service.resolve, state.keyring, ana, row.id, "answered", now)
        assert "has ended" in (await client.get(PAGE)).text
        await press(client, "survey", human="4", ai="2")
        page = (await client.get(PAGE)).text
        assert ("Thank you." in page, "/survey" in page) == (True, False)
        judged = await state.db.read(store.handoff, "default", row.id)
        assert judged is not None
        assert (judged.score, judged.ai_score) == (4, 2)
        await press(client, "reopen")
        assert "You are talking to Ana" in (await client.get(PAGE)).text


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("de", "ltr")])
async def test_the_page_speaks_the_language_of_its_address(company: Town, language: str, direction: str) -> None:
    page = PAGE.replace("/en/", f"/{language}/")
    async with company.visitor() as client:
        html = (await client.get(page)).text

    assert f'<html lang="{language}" dir="{direction}">' in html
    assert str(catalogue(language)["person"]) in html


async def test_foreign_and_stale_forms_do_nothing(company: Town) -> None:
    async with company.visitor() as client:
        html = (await client.get(PAGE)).text
        token = re.search(r'name="token" value="(\w+)"', html)
        assert token is not None
        foreign = {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}
        assert (await client.post(f"{PAGE}/ask", data={"token": token[1]}, headers=foreign)).status_code == 403
        assert (await client.post(f"{PAGE}/ask", data={"token": "0" * 32}, headers=OWN)).status_code == 403
        assert (await client.post(f"{PAGE}/nonsense", data={"token": token[1]}, headers=OWN)).status_code == 404
        assert (await client.get(f"{PAGE}/record")).status_code == 404
