"""Notices in the consoles: written in each language, held back, approved by a second person, published."""

import json
import re
from html import unescape
from typing import Any

import pytest

from core.clock import MICROS
from core.principal import Role
from disclosures.packs.loading import BUNDLED
from disclosures.reviews import service
from disclosures.touchpoints import service as touchpoints
from jobs.disclose import Disclose
from tests.api.pages_company import Town
from tests.console.house import OWN, form_of, press, sign_in
from tests.disclosures.noticing import DPO
from tests.disclosures.test_reviews import SAME, update

pytestmark = pytest.mark.anyio
CHAT, LABEL = "/console/notices/chat-first-line", "/console/notices/review-label"


def plain(html: str) -> str:
    """Return the words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def document_in(html: str) -> Any:
    """Return the document in a page's editor."""
    match = re.search(r'<textarea id="document"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    assert match is not None
    return json.loads(unescape(match[1]))


async def test_a_notice_goes_from_its_draft_over_a_second_person_to_publication(company: Town) -> None:
    async with sign_in(company, Role.DPO) as dpo:
        page = (await dpo.get(CHAT)).text
        assert "prices, dates and stock" in page
        assert (await press(dpo, CHAT, f"{CHAT}/approve")).status_code == 303
        shown = plain((await dpo.get(CHAT)).text)
        assert "approved by" in shown
        assert (await press(dpo, CHAT, f"{CHAT}/publish", material="no", at="")).status_code == 303
        shown = plain((await dpo.get(CHAT)).text)

    assert "Version 2 is in force" in shown
    assert "texts / en / more" in shown
    assert "Not published" not in shown


async def test_who_wrote_a_draft_is_told_to_find_somebody_else(company: Town) -> None:
    text = f"{CHAT}/texts/en"
    async with sign_in(company, Role.DPO, "one") as one, sign_in(company, Role.DPO, "two") as two:
        words = {"title": "This is AI", "text": "You are talking to a computer program.", "human": "A person, please"}
        assert (await press(one, text, text, **words)).status_code == 303
        page = (await one.get(CHAT)).text
        assert "Not fit to be shown yet" in page  # the translations are of an earlier source now
        for language in ("de", "ar"):
            other = f"{CHAT}/texts/{language}"
            assert (await press(one, other, f"{other}/leave-out")).status_code == 303
        page = (await one.get(CHAT)).text
        assert "Somebody else has to approve it" in page
        assert f'action="{CHAT}/approve"' not in page
        assert (await press(two, CHAT, f"{CHAT}/approve")).status_code == 303


async def test_a_translation_behind_its_source_is_seen_and_can_be_brought_up_to_it(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        page = plain((await client.get(LABEL)).text)
        assert "of an earlier source" in page
        assert "Not fit to be shown yet" in page
        for language, said in (
            ("de", "Ein Programm hat das geschrieben. Niemand hat es geprüft."),
            ("ar", "كتبه برنامج"),
        ):
            form = f"{LABEL}/texts/{language}"
            assert "A program wrote this from all reviews" in (await client.get(form)).text
            came = await press(client, form, form, title="KI", text=said, present="yes")
            assert came.status_code == 303
        page = plain((await client.get(LABEL)).text)

    assert "of an earlier source" not in page
    assert "Not fit to be shown yet" not in page


async def test_what_was_typed_comes_back_with_its_fault(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        form = f"{LABEL}/texts/fr"
        came = await press(client, form, form, title="x" * 300, text="Un programme a écrit ce résumé.", present="yes")
        assert came.status_code == 422
        assert "Un programme a écrit ce résumé." in came.text
        assert 'id="title-fault"' in came.text
        came = await press(client, "/console/notices", "/console/notices", key="No Key", **NEW)
        assert came.status_code == 422
        assert 'id="key-fault"' in came.text
        came = await press(client, "/console/notices", "/console/notices", key="first-mail", **NEW)
        assert came.headers["location"] == "/console/notices/first-mail"
        page = "/console/notices/first-mail"
        assert "not plain" in plain((await client.get(page)).text)
        came = await press(client, page, f"{page}/reach", touchpoints="shop-chat\nnowhere", packs="eu, us-ut")
        assert came.status_code == 303
        shown = plain((await client.get(page)).text)

    assert "there is no such touchpoint" in shown
    assert "no way to a person" in shown


NEW = {"kind": "ai_interaction", "source_language": "en", "title": "Hello", "text": "Your assistant answers."}


async def test_a_publication_can_wait_for_its_time(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        await press(client, CHAT, f"{CHAT}/approve")
        came = await press(client, CHAT, f"{CHAT}/publish", material="yes", at="2099-01-01T08:00")
        assert came.status_code == 303
        shown = plain((await client.get(CHAT)).text)

    assert "Scheduled" in shown
    assert "to be published 1 Jan 2099, 08:00" in shown


async def test_each_channel_is_previewed_and_a_language_nobody_checks_says_so(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        spoken = (await client.get(f"{CHAT}?channel=voice&lang=de")).text
        assert "&lt;speak version=" in spoken
        assert (await client.get(f"{CHAT}?channel=smoke")).status_code == 422
        form = f"{LABEL}/texts/fi"
        await press(client, form, form, title="Tekoäly", text="Ohjelma kirjoitti tämän.", present="yes")
        assert "not checked in this language" in plain((await client.get(LABEL)).text)
        assert (await client.get(f"{LABEL}/texts/..%2f")).status_code == 404


async def test_only_its_keepers_see_a_draft(small: Town) -> None:
    async with sign_in(small, Role.AUDITOR) as client:
        page = (await client.get(CHAT)).text

    assert "prices, dates and stock" not in page
    assert "check your order page" in page
    assert '<form method="post" action="/console/notices' not in page


async def test_a_draft_that_changed_meanwhile_is_not_approved(small: Town) -> None:
    async with sign_in(small, Role.DPO, "one") as one, sign_in(small, Role.DPO, "two") as two:
        read = form_of((await one.get(CHAT)).text, f"{CHAT}/approve")
        other = f"{CHAT}/texts/de"
        await press(
            two,
            other,
            other,
            title="KI",
            text="Sie sprechen mit einem Computerprogramm.",
            human="Mensch",
            present="yes",
        )
        late = await one.post(f"{CHAT}/approve", data=read, headers=OWN)

    assert late.status_code == 409
    assert "Your change was not put over theirs" in late.text


async def test_the_register_says_what_a_touchpoint_lacks_and_moves_it_only_when_it_is_complete(small: Town) -> None:
    page = "/console/touchpoints/shop-chat"
    async with sign_in(small, Role.DPO) as client:
        assert plain((await client.get("/console/touchpoints")).text).count("complete") >= 5
        came = await press(client, page, f"{page}/state", state="suspended")
        assert came.status_code == 303
        document = document_in((await client.get(page)).text)
        document["vendor"]["processing_agreement"] = None
        came = await press(client, page, f"{page}/change", document=json.dumps(document))
        assert came.status_code == 303
        assert "a data processing agreement is needed" in plain((await client.get(page)).text)
        assert "1 thing is missing" in plain((await client.get("/console/touchpoints")).text)
        came = await press(client, page, f"{page}/state", state="live")

    assert came.status_code == 422
    assert "vendor/processing_agreement" in came.text


async def test_what_was_shown_and_what_was_not_is_counted_drawn_and_listed(company: Town) -> None:
    key = {"Authorization": f"Bearer {company.facts.api_key}"}
    seen = {"notice": "chat-first-line", "version": 1, "lang": "de", "surface": "chat", "build": "1", "session": "s-1"}
    async with company.visitor() as site:
        for conversation, told in (("c-1", True), ("c-2", False)):
            if told:
                body = {**seen, "conversation": conversation, "touchpoint": "shop-chat"}
                assert (await site.post("/v1/showings", json=body, headers=key)).status_code == 201
            turn = {"conversation": conversation, "touchpoint": "shop-chat", "handler": "ai"}
            assert (await site.post("/v1/turns", json=turn, headers=key)).status_code == 200
    company.clock.advance(60 * MICROS)
    state = company.app.state
    await Disclose(state.db, company.clock, state.packs).run()
    async with sign_in(company, Role.AUDITOR) as client:
        page = (await client.get("/console/told?days=7")).text
        assert re.search(
            r"<strong>12</strong> shown.*<strong>1</strong> of these.*<strong>3</strong> gaps", page, re.DOTALL
        )
        assert '<rect class="yes"' in page
        assert '<rect class="no"' in page
        assert "chat-first-line 1" in page
        assert 'href="/console/told/proof?id=c-2"' in page
        missing = plain((await client.get("/console/told/proof?id=c-2")).text)
        there = plain((await client.get("/console/told/proof?id=c-1")).text)

    assert "Nothing was shown there" in missing
    assert "AI first spoke" in missing
    assert "no AI had spoken" in there


async def test_another_version_of_a_pack_is_tried_before_it_is_installed(small: Town) -> None:
    page, values = "/console/packs/eu", json.loads((BUNDLED / "eu.json").read_text(encoding="utf-8"))
    values["disclosures"][0]["must_convey"] = ["is_ai", "who_trained_it"]
    async with sign_in(small, Role.AUDITOR) as client:
        assert "shop-chat" in plain((await client.get(page)).text).partition("What it concerns here")[2]
        came = await press(client, page, f"{page}/impact", document=json.dumps(values))
        told = plain(came.text).partition("What another version would change")[2]
        refused = await press(client, page, f"{page}/impact", document='{"id": "eu"}')

    assert came.status_code == 200
    assert "eu.aia50-1 changed must_convey" in told
    assert "chat-first-line element missing by this change" in told
    assert refused.status_code == 422


async def test_a_claim_gets_its_evidence_and_a_notice_may_say_it_then(small: Town) -> None:
    page, text = "/console/claims/speaks-forty-languages", f"{CHAT}/texts/en"
    said = {"title": "AI", "text": "You talk to a computer program. It understands forty languages.", "human": "Person"}
    async with sign_in(small, Role.DPO) as client:
        rows = plain((await client.get("/console/claims")).text)
        assert rows.index("speaks-forty-languages") < rows.index("answers-in-seconds")
        await press(client, text, text, **said)
        assert "claim not shown" in plain((await client.get(CHAT)).text)
        evidence = {"kind": "test", "reference": "QA-9", "valid_until": "soon"}
        refused = await press(client, page, f"{page}/evidence", **evidence)
        assert (refused.status_code, 'id="valid_until-fault"' in refused.text) == (422, True)
        came = await press(client, page, f"{page}/evidence", **{**evidence, "valid_until": "2099-01-01"})
        assert came.status_code == 303
        assert "Shown to be true , until 2099-01-01" in plain((await client.get(page)).text)
        assert "claim not shown" not in plain((await client.get(CHAT)).text)
        came = await press(client, page, f"{page}/retire", number="speaks-forty-languages")
        assert came.status_code == 303
        assert "it was taken back" in plain((await client.get(CHAT)).text)


async def test_which_notices_a_person_saw_is_shown_for_a_reason_that_is_recorded(small: Town) -> None:
    key = {"Authorization": f"Bearer {small.facts.api_key}"}
    seen = {"notice": "chat-first-line", "version": 1, "lang": "de", "surface": "email", "build": "1", "session": "s-1"}
    async with small.visitor() as site:
        body = {**seen, "subject": "customer-4711"}
        assert (await site.post("/v1/showings", json=body, headers=key)).status_code == 201
        listed = (await site.get("/v1/showings?subject=customer-4711", headers=key)).json()["items"]
        assert [(one["notice"], one["lang"]) for one in listed] == [("chat-first-line", "de")]
        subject = listed[0]["subject"]
        assert (await site.get(f"/v1/showings?subject={subject}", headers=key)).json()["items"] == listed
        assert (await site.get("/v1/showings?subject=customer-1002", headers=key)).json()["items"] == []
    page = f"/console/people/{subject}/shown"
    async with sign_in(small, Role.DPO) as client:
        asked = (await client.get(page)).text
        assert "chat-first-line" not in asked
        why = f"/console/people/{subject}/why"
        await client.post(why, data={**form_of(asked, why), "reason": "rights-request"}, headers=OWN)
        assert "chat-first-line version 1 de email" in plain((await client.get(page)).text)
        assert "notices shown: rights request" in plain((await client.get("/console/audit?kind=record.viewed")).text)


async def test_a_vendor_s_update_stands_on_the_overview_until_every_review_is_closed(company: Town) -> None:
    state = company.app.state
    system = (await state.db.read(touchpoints.view, DPO.tenant, "shop-chat")).document.system
    reviews = (await state.db.transact(service.record, DPO, system, update(), state.clock.now())).reviews
    async with sign_in(company, Role.DPO) as client:
        before = plain((await client.get("/console/overview")).text)
        for one in reviews:
            await state.db.transact(service.close, DPO, one.id, SAME, state.clock.now())
        after = plain((await client.get("/console/overview")).text)

    assert f"{len(reviews)} review" in before
    assert "for an answer: a vendor has changed its AI." in before
    assert "a vendor has changed its AI" not in after
