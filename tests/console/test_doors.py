"""Coming and going: printed links, cookies, forms of others, roles, sessions that end."""

import pytest

from api.auth import sign_in as signing
from core.clock import MICROS
from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import HOST, OWN, form_of, press, sign_in

pytestmark = pytest.mark.anyio
MINUTE = 60 * MICROS


async def _link(town: Town) -> str:
    return await signing.make_link(town.app.state.db, town.clock.now())


async def test_a_printed_link_opens_one_session_once(company: Town) -> None:
    link = await _link(company)
    async with company.visitor() as client, company.visitor() as other:
        shown = await client.get(link)
        fields = {**form_of(shown.text, "/console/enter"), "role": "dpo"}
        came = await client.post("/console/enter", data=fields, headers=OWN)
        assert (came.status_code, came.headers["location"]) == (303, "/console")
        cookie = came.headers["set-cookie"]
        assert cookie.startswith("candor_console=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/console" in cookie
        assert (await client.get("/console/settings")).status_code == 200

        again = await other.post("/console/enter", data=fields, headers=OWN)

        assert again.status_code == 401
        assert "set-cookie" not in again.headers


async def test_a_link_is_over_after_ten_minutes(small: Town) -> None:
    link = await _link(small)
    small.clock.advance(10 * MINUTE)
    async with small.visitor() as client:
        fields = form_of((await client.get(link)).text, "/console/enter")
        came = await client.post("/console/enter", data={**fields, "role": "dpo"}, headers=OWN)

    assert came.status_code == 401


async def test_without_a_session_every_page_leads_to_the_door(small: Town) -> None:
    async with small.visitor() as client:
        came = await client.get("/console/settings?x=1")
        assert came.status_code == 303
        assert came.headers["location"] == "/console/signed-out?after=/console/settings%3Fx%3D1"
        door = await client.get(came.headers["location"])

    assert "candor link" in door.text
    assert "require-trusted-types-for 'script'" in door.headers["content-security-policy"]
    assert "unsafe" not in door.headers["content-security-policy"]
    assert door.headers["cache-control"] == "no-store"


async def test_an_unused_session_ends_and_so_does_a_long_one(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        for _ in range(17):
            assert (await client.get("/console/settings")).status_code == 200
            small.clock.advance(29 * MINUTE - MINUTE // 2)
        assert (await client.get("/console/settings")).status_code == 303
    async with sign_in(small, Role.DPO) as client:
        small.clock.advance(30 * MINUTE)
        assert (await client.get("/console/settings")).status_code == 303


async def test_forms_of_other_sites_and_sessions_do_nothing(small: Town) -> None:
    async with sign_in(small, Role.DPO, "one") as client, sign_in(small, Role.DPO, "two") as other:
        fields = form_of((await client.get("/console/settings")).text, "/console/sign-out")
        for headers in (
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site", "Origin": HOST},
            {"Sec-Fetch-Site": "same-site"},
            {},
        ):
            came = await client.post("/console/sign-out", data=fields, headers=headers)
            assert came.status_code == 403
        foreign = form_of((await other.get("/console/settings")).text, "/console/sign-out")
        assert (await client.post("/console/sign-out", data=foreign, headers=OWN)).status_code == 403
        assert (await client.post("/console/sign-out", data={}, headers=OWN)).status_code == 403

        assert (await client.get("/console/settings")).status_code == 200
        came = await client.post("/console/sign-out", data=fields, headers=OWN)
        assert came.status_code == 200
        assert 'candor_console=""' in came.headers["set-cookie"]
        assert (await client.get("/console/settings")).status_code == 303


async def test_the_role_changes_under_a_new_number_and_only_to_a_role_one_has(company: Town) -> None:
    link = await _link(company)
    async with company.visitor() as client:
        fields = form_of((await client.get(link)).text, "/console/enter")
        await client.post("/console/enter", data={**fields, "role": "admin"}, headers=OWN)
        before = client.cookies["candor_console"]
        came = await press(client, "/console/settings", "/console/role", role="agent")
        assert came.status_code == 303
        assert client.cookies["candor_console"] != before
        assert ", <strong>agent</strong>" in (await client.get("/console/settings")).text
    async with sign_in(company, Role.AGENT) as client:
        fields = form_of((await client.get("/console/settings")).text, "/console/sign-out")
        came = await client.post("/console/role", data={**fields, "role": "dpo"}, headers=OWN)
        assert came.status_code == 403


async def test_what_comes_after_signing_in_is_a_page_of_ours(small: Town) -> None:
    async with small.visitor() as client:
        for wanted in ("https://evil.example", "//evil.example", "/console//evil.example", "/consoles", "/console\\x"):
            door = await client.get("/console/signed-out", params={"after": wanted})
            assert "evil" not in door.text


async def test_unknown_pages_and_methods_are_told_in_words(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        missing = await client.get("/console/nowhere")
        assert missing.status_code == 404
        assert "There is nothing here." in missing.text
        wrong = await client.get("/console/sign-out")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
