"""How we use AI, and what has changed in it: hosted pages without a script and without a cookie."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.keys import KeyRing
from tests.api.pages_company import Town, town

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    """The demo company."""
    async with town(database_url, tmp_path, clock, keyring) as served:
        yield served


async def test_the_page_says_what_the_widget_says_and_leads_to_choices_and_people(company: Town) -> None:
    async with company.visitor() as client:
        answer = await client.get("/t/shop/en")
        key = company.facts.publishable_keys["shop"]
        config = (await client.get(f"/v1/widget/{key}/en")).json()

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    for use in config["uses"]:
        assert use["name"] in answer.text
    for notice in config["notices"]:
        assert notice["text"] in answer.text
    assert 'href="/t/shop/en/choices"' in answer.text
    assert 'href="/t/shop/en/history"' in answer.text
    assert "people@tarnfield.example" in answer.text


async def test_each_site_shows_its_own_uses_in_the_visitor_s_language(company: Town) -> None:
    async with company.visitor() as client:
        finance = (await client.get("/t/finance/de")).text
        arabic = (await client.get("/t/help/ar")).text
        away = await client.get("/t/shop/fi")

    assert "Ein Programm entscheidet, ob Sie später zahlen können." in finance
    assert "Support chat" not in finance
    assert 'dir="rtl"' in arabic
    assert 'lang="en"' in arabic  # the notice about the mood on the phone has no Arabic text
    assert (away.status_code, away.headers["location"]) == (307, "/t/shop/en")


async def test_the_history_tells_when_each_use_began_and_what_was_said(company: Town) -> None:
    async with company.visitor() as client:
        answer = await client.get("/t/shop/en/history")

    assert answer.status_code == 200
    assert "Support chat</bdi>: AI is used from this day on." in answer.text
    assert "You are talking to AI</bdi>: we say this in new words." in answer.text
    assert "A program decides on pay later" not in answer.text


async def test_an_unknown_site_is_told_so_in_plain_words(company: Town) -> None:
    async with company.visitor() as client:
        for place in ("/t/nothing/en", "/t/nothing/en/history"):
            assert (await client.get(place)).status_code == 404


async def test_a_whole_site_s_configuration_is_small_in_every_language(company: Town) -> None:
    async with company.visitor() as client:
        for key in company.facts.publishable_keys.values():
            for language in ("en", "de", "ar"):
                answer = await client.get(f"/v1/widget/{key}/{language}", headers={"Accept-Encoding": "gzip"})
                assert int(answer.headers["content-length"]) <= 1500
