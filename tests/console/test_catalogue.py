"""Purposes, systems, sites, keys, sessions: published, changed and ended; nothing put over another's change."""

import json
import re
from html import unescape

import pytest

from core.clock import MICROS
from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import OWN, form_of, press, sign_in

pytestmark = pytest.mark.anyio
PURPOSE = "/console/purposes/ai-training"


def editable(html: str) -> dict[str, object]:
    """Return the document in the page's editor."""
    match = re.search(r'<textarea id="document"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    assert match is not None
    found: dict[str, object] = json.loads(unescape(match[1]))
    return found


async def test_a_dpo_drafts_compares_and_publishes_the_next_version(company: Town) -> None:
    async with sign_in(company, Role.DPO) as client:
        document = editable((await client.get(PURPOSE)).text)
        changed = {**document, "retention": "P6M"}
        came = await press(client, PURPOSE, f"{PURPOSE}/draft", document=json.dumps(changed))
        assert came.status_code == 303
        page = (await client.get(PURPOSE)).text
        assert re.search(r"<th[^>]*>retention</th><td[^>]*><del>P12M</del></td><td[^>]*><ins>P6M</ins>", page)
        assert "ai-training has a draft" in unescape((await client.get("/console/overview")).text)
        came = await press(client, PURPOSE, f"{PURPOSE}/publish", material="no")
        assert came.status_code == 303
        assert "version 2, published" in (await client.get(PURPOSE)).text


async def test_what_contradicts_itself_is_refused_and_the_field_named(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        document = editable((await client.get(PURPOSE)).text)
        for wrong, told in (
            ({**document, "retention": "soon"}, "retention"),
            ({**document, "key": "another"}, "keeps its key"),
            ({**document, "made": "up"}, "made"),
        ):
            came = await press(client, PURPOSE, f"{PURPOSE}/draft", document=json.dumps(wrong))
            assert came.status_code == 422
            assert told in came.text
        came = await press(client, PURPOSE, f"{PURPOSE}/draft", document="{")
        assert "not well-formed JSON" in came.text


async def test_the_slower_of_two_changes_is_refused(company: Town) -> None:
    async with sign_in(company, Role.DPO, "one") as one, sign_in(company, Role.DPO, "two") as two:
        early = form_of((await one.get(PURPOSE)).text, f"{PURPOSE}/draft")
        document = editable((await two.get(PURPOSE)).text)
        await press(two, PURPOSE, f"{PURPOSE}/draft", document=json.dumps({**document, "retention": "P6M"}))
        late = await one.post(f"{PURPOSE}/draft", data={**early, "document": json.dumps(document)}, headers=OWN)

        assert late.status_code == 409
        assert "Your change was not put over theirs" in late.text
        assert editable((await one.get(PURPOSE)).text)["retention"] == "P6M"


async def test_what_ends_for_good_asks_for_its_key(company: Town) -> None:
    system = "/console/systems/support-chatbot"
    async with sign_in(company, Role.ADMIN) as client:
        wrong = await press(client, system, f"{system}/retire", number="yes")
        assert wrong.status_code == 422
        came = await press(client, system, f"{system}/retire", number="support-chatbot")
        assert came.status_code == 303
        page = (await client.get(system)).text
        assert "the gate denies it" in page
        assert f'action="{system}/change"' not in page


async def test_a_key_is_shown_once_and_takes_a_fresh_sign_in(company: Town) -> None:
    async with sign_in(company, Role.ADMIN) as client:
        given = {"name": "gate", "days": "30", "scope-permissions:check": "yes"}
        made = await press(client, "/console/keys", "/console/keys", **given)
        token = re.search(r"ck_live_[0-9a-f]{32}_\w+", made.text)
        assert token is not None
        asked = {"subject": "customer-4711", "purpose": "support-chat"}
        bearer = {"Authorization": f"Bearer {token[0]}"}
        assert (await client.get("/v1/permissions", params=asked, headers=bearer)).status_code == 200
        page = (await client.get("/console/keys")).text
        assert token[0] not in page
        act = re.search(r'action="(/console/keys/key_\w+/revoke)"', page)
        assert act is not None
        assert (await press(client, "/console/keys", act[1])).status_code == 303
        assert (await client.get("/v1/permissions", params=asked, headers=bearer)).status_code == 401
        none = await press(client, "/console/keys", "/console/keys", name="idle", days="30")
        assert none.status_code == 422
    async with sign_in(company, Role.ADMIN, age=11 * 60 * MICROS) as client:
        late = await press(client, "/console/keys", "/console/keys", **given)
        assert late.status_code == 403
        assert "ck_live_" not in late.text


async def test_an_administrator_ends_sessions_of_others(company: Town) -> None:
    async with sign_in(company, Role.ADMIN) as client, sign_in(company, Role.DPO, "dana") as other:
        fields = form_of((await client.get("/console/staff")).text, "/console/staff/end")
        assert fields["person"] == "oidc_dana"
        assert (await client.post("/console/staff/end", data=fields, headers=OWN)).status_code == 303

        assert (await other.get("/console/settings")).status_code == 303
        assert (await client.get("/console/settings")).status_code == 200
