"""An open page hears of new rows and of colleagues for as long as its session lives; and acts can be taken back."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx
import pytest

from api.auth import store
from core.principal import Role
from tests.api import serving
from tests.api.pages_company import Town
from tests.api.pages_company import press as choose
from tests.console.house import OWN, form_of, press, sign_in

pytestmark = pytest.mark.anyio
STREAM = re.compile(r'data-live="([^"]+)"')
Heard = tuple[str, dict[str, Any]]


@asynccontextmanager
async def served(company: Town) -> AsyncIterator[str]:
    """Serve the company over a port, for streams don't end."""
    settings = company.app.state.settings
    free = settings.model_copy(update={"serve": settings.serve.model_copy(update={"port": 0})})
    async with serving.listening(company.app, free) as port:
        yield f"http://127.0.0.1:{port}"


async def stream_of(client: httpx.AsyncClient, page: str) -> str:
    """Return the address of a page's one stream."""
    found = STREAM.findall((await client.get(page)).text)
    assert len(found) == 1
    return unescape(found[0])


async def events(answer: httpx.Response) -> AsyncIterator[Heard]:
    """Yield what a stream tells."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


@asynccontextmanager
async def listening(base: str, client: httpx.AsyncClient, address: str) -> AsyncIterator[AsyncIterator[Heard]]:
    """Yield what a browser's page hears."""
    cookies = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
    async with (
        asyncio.timeout(30),
        httpx.AsyncClient(base_url=base, cookies=cookies, timeout=30) as ears,
        ears.stream("GET", address) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


async def test_a_list_hears_how_many_rows_are_new_and_a_stream_ends_with_its_session(company: Town) -> None:
    async with sign_in(company, Role.DPO) as client, company.visitor() as customer, served(company) as base:
        every = await stream_of(client, "/console/records")
        refused = await stream_of(client, "/console/records?state=no")
        await company.enter(customer)
        await choose(customer, "uses/ai-training", "yes")
        async with listening(base, client, every) as told:
            assert await anext(told) == ("new", {"count": 1, "most": 50})
            await choose(customer, "uses/ai-training", "no")
            assert await anext(told) == ("new", {"count": 2, "most": 50})
            async with listening(base, client, refused) as narrowed:
                assert await anext(narrowed) == ("new", {"count": 1, "most": 50})
            await company.app.state.db.transact(store.end_sessions_of, "default", "oidc_dpo")
            assert await anext(told) == ("over", {})
            assert [event async for event in told] == []


async def test_a_stream_is_given_only_for_pages_the_session_was_shown(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client, sign_in(small, Role.ADMIN) as other:
        address = await stream_of(client, "/console/audit")

        assert (await other.get(address)).status_code == 404
        assert (await client.get(address.replace("audit", "records"))).status_code == 404


async def test_a_deleted_view_can_be_taken_back_for_ten_seconds(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        page = "/console/records?state=given"
        await press(client, page, "/console/views", name="Mine alone")
        shown = (await client.get(page)).text
        act = re.search(r'action="(/console/views/vew_[0-9a-f]+/delete)"', shown)
        assert act is not None
        gone = await press(client, page, act[1])
        assert "Max-Age=10" in gone.headers["set-cookie"]
        after = (await client.get("/console/records")).text
        assert "Deleted the view Mine alone." in after
        fields = form_of(after[after.index('class="undo"') :], "/console/views")
        assert (await client.post("/console/views", data=fields, headers=OWN)).status_code == 303

        assert "Mine alone" in (await client.get(page)).text


async def test_nobody_is_offered_to_take_back_what_another_session_did(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client, sign_in(small, Role.DPO, "sam") as other:
        page = "/console/records?state=given"
        await press(client, page, "/console/views", name="Mine alone")
        act = re.search(r'action="(/console/views/vew_[0-9a-f]+/delete)"', (await client.get(page)).text)
        assert act is not None
        gone = await press(client, page, act[1])
        other.headers["Cookie"] = "; ".join(
            [f"{cookie.name}={cookie.value}" for cookie in other.cookies.jar]
            + [gone.headers["set-cookie"].split(";")[0]]
        )

        assert "Deleted the view" not in (await other.get("/console/records")).text
