"""Purposes, systems, sites, keys, sessions: published, changed and ended; nothing put over another's change."""

import re
from html import unescape

import httpx
import pytest

from core.clock import MICROS
from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import OWN, fields_of, form_of, press, sign_in

pytestmark = pytest.mark.anyio
PURPOSE = "/console/purposes/ai-training"


async def drafting(client: httpx.AsyncClient, **changed: str) -> httpx.Response:
    """Open the form of the purpose's next version, change some of its fields and send it."""
    form = fields_of((await client.get(f"{PURPOSE}/edit")).text, f"{PURPOSE}/draft")
    return await client.post(f"{PURPOSE}/draft", data={**form, **changed}, headers=OWN)


async def test_a_dpo_drafts_compares_and_publishes_the_next_version(company: Town) -> None:
    async with sign_in(company, Role.DPO) as client:
        assert (await drafting(client, retention="P6M")).status_code == 303
        page = (await client.get(PURPOSE)).text
        assert re.search(r"<th[^>]*>retention</th><td[^>]*><del>P12M</del></td><td[^>]*><ins>P6M</ins>", page)
        assert page.count("<del>") == 1  # nothing else of the document was changed by going through the form
        assert "ai-training has a draft" in unescape((await client.get("/console/overview")).text)
        came = await press(client, PURPOSE, f"{PURPOSE}/publish", material="no")
        assert came.status_code == 303
        assert "version 2, published" in (await client.get(PURPOSE)).text


async def test_what_is_refused_comes_back_as_typed_with_the_fault_at_its_field(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        for changed, field in (
            ({"retention": "soon"}, "retention"),
            ({"lawful_basis": "contract"}, "mechanism"),
            ({"texts-en-name": ""}, "texts-en-name"),
            ({"data_categories": ""}, "data_categories"),
        ):
            came = await drafting(client, **changed)
            assert came.status_code == 422
            assert f'id="{field}-fault"' in came.text
            assert fields_of(came.text, f"{PURPOSE}/draft").items() >= changed.items()


async def test_a_language_is_added_without_losing_what_was_typed(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        asked = await drafting(client, retention="P3M", add_language="fr", do="language")
        form = fields_of(asked.text, f"{PURPOSE}/draft")
        assert (form["retention"], form["texts-fr-name"]) == ("P3M", "")
        assert (await drafting(client, add_language="../x", do="language")).status_code == 422
        french = {**form, "texts-fr-name": "Entraînement", "texts-fr-text": "Nous entraînons l'IA.", "do": "keep"}
        assert (await client.post(f"{PURPOSE}/draft", data=french, headers=OWN)).status_code == 303

        assert "Entraînement" in (await client.get(PURPOSE)).text


async def test_a_purpose_and_a_system_are_made_by_forms(company: Town) -> None:
    async with sign_in(company, Role.DPO) as client:
        blank = fields_of((await client.get("/console/new-purpose")).text, "/console/new-purpose")
        given = {
            "key": "fraud-check",
            "texts-en-name": "Fraud checks",
            "texts-en-text": "We look for stolen cards.",
            "data_categories": "payments\ndevice",
        }
        came = await client.post("/console/new-purpose", data={**blank, **given}, headers=OWN)
        assert came.headers["location"] == "/console/purposes/fraud-check"
        taken = await client.post("/console/new-purpose", data={**blank, **given}, headers=OWN)
        assert "this short name is taken" in taken.text
        empty = fields_of((await client.get("/console/new-system")).text, "/console/new-system")
        told = {"key": "fraud-model", "name": "Fraud model", "provider": "Tarnfield", "owner": "Risk", "contact": "Jo"}
        none = await client.post("/console/new-system", data={**empty, **told}, headers=OWN)
        assert none.status_code == 422
        assert 'class="fault"' in none.text
        assert "be told to anyone" in none.text
        whole = {**empty, **told, "purposes-ai-training": "yes", "human_alternative": "support"}
        came = await client.post("/console/new-system", data=whole, headers=OWN)
        assert came.headers["location"] == "/console/systems/fraud-model"


async def test_a_change_of_the_register_can_be_taken_back(small: Town) -> None:
    system = "/console/systems/support-chatbot"
    async with sign_in(small, Role.ADMIN) as client:
        form = fields_of((await client.get(f"{system}/edit")).text, f"{system}/change")
        came = await client.post(f"{system}/change", data={**form, "owner": "Somebody else"}, headers=OWN)
        assert came.status_code == 303
        shown = (await client.get(system)).text
        assert "Somebody else" in shown
        undone = fields_of(shown[shown.index('class="undo"') :], f"{system}/change")
        assert (await client.post(f"{system}/change", data=undone, headers=OWN)).status_code == 303
        after = fields_of((await client.get(f"{system}/edit")).text, f"{system}/change")

        assert {name: text for name, text in after.items() if name not in {"revision", "token"}} == {
            name: text for name, text in form.items() if name not in {"revision", "token"}
        }


async def test_the_slower_of_two_changes_is_refused(company: Town) -> None:
    async with sign_in(company, Role.DPO, "one") as one, sign_in(company, Role.DPO, "two") as two:
        early = fields_of((await one.get(f"{PURPOSE}/edit")).text, f"{PURPOSE}/draft")
        await drafting(two, retention="P6M")
        late = await one.post(f"{PURPOSE}/draft", data=early, headers=OWN)

        assert late.status_code == 409
        assert "Your change was not put over theirs" in late.text
        assert fields_of((await one.get(f"{PURPOSE}/edit")).text, f"{PURPOSE}/draft")["retention"] == "P6M"


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
