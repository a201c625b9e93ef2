"""Requests for an explanation in the console: nothing is lost, nothing is put over anybody, every refusal says why."""

import re

import pytest

from core.principal import Role
from tests.api.pages_company import Town
from tests.console.casework import BOARD, CHECKED, CUSTOMER, ask, contested, draft_page, read, step
from tests.console.house import OWN, form_of, press, sign_in

pytestmark = pytest.mark.anyio


async def test_an_agent_drafts_and_a_second_person_approves_and_releases(company: Town) -> None:
    request = await ask(company)
    async with sign_in(company, Role.AGENT, "ann") as ann, sign_in(company, Role.DPO, "ben") as ben:
        board = (await ann.get(BOARD)).text
        assert f'href="{BOARD}/{request}"' in board
        assert f'action="{BOARD}/{request}/claim"' in board
        for name in ("claim", "draft", "submit"):
            assert (await step(ann, request, name)).status_code == 303, name
        seen = await read(ann, request)
        assert f'action="{BOARD}/{request}/approve"' not in seen
        assert "somebody else has to approve it" in seen
        empty = await step(ben, request, "approve")
        assert (empty.status_code, "Tick each point when you have checked it." in empty.text) == (409, True)
        ticked = dict.fromkeys((*CHECKED, "reasons_not_checked"), "yes")
        assert (await step(ben, request, "approve", **ticked)).status_code == 303
        assert (await step(ben, request, "release")).status_code == 303
        assert "The answer that was released" in await read(ann, request)
        assert f'href="{BOARD}/{request}"' not in (await ann.get(BOARD)).text
        assert f'href="{BOARD}/{request}"' in (await ann.get(f"{BOARD}?state=released")).text


async def test_of_two_who_take_a_request_the_second_is_told_who_was_faster(small: Town) -> None:
    request = await ask(small)
    async with sign_in(small, Role.AGENT, "ann") as ann, sign_in(small, Role.AGENT, "ben") as ben:
        early = form_of(await read(ben, request), f"{BOARD}/{request}/claim")
        assert (await step(ann, request, "claim")).status_code == 303
        late = await ben.post(f"{BOARD}/{request}/claim", data=early, headers=OWN)

    assert late.status_code == 412
    assert "Your change was not put over theirs" in late.text
    assert re.search(r"Taken</p>\s*<p class=\"small\">A agent", late.text)


async def test_what_was_written_over_an_old_version_is_refused_and_kept_to_be_copied(small: Town) -> None:
    request = await ask(small)
    mine = "This sentence took me ten minutes."
    async with sign_in(small, Role.AGENT, "ann") as ann, sign_in(small, Role.AGENT, "ben") as ben:
        await step(ann, request, "draft")
        html = await read(ben, request, "/sections/result")
        old = form_of(html, f"{BOARD}/{request}/draft")
        assert (await draft_page(ann, request, "result", **{"text-0": "Ann's.", "source-0": "policy:1"})).is_redirect
        late = await ben.post(
            f"{BOARD}/{request}/draft", data={**old, "text-0": mine, "source-0": "policy:2"}, headers=OWN
        )
        assert (late.status_code, mine in late.text) == (412, True)
        assert "Draft 2 written" in late.text
        now = await read(ann, request)
        assert "Ann&#39;s." in now
        assert mine not in now


async def test_two_on_one_request_see_each_other_and_hear_of_a_change(company: Town) -> None:
    request = await ask(company)
    part = {"HX-Request": "true"}
    async with sign_in(company, Role.AGENT, "ann") as ann, sign_in(company, Role.DPO, "ben") as ben:
        version = form_of(await read(ann, request), f"{BOARD}/{request}/claim")["version"]
        assert "Also here: <strong><bdi>A agent</bdi></strong>" in await read(ben, request)
        heard = (await ann.get(f"{BOARD}/{request}?version={version}", headers=part)).text
        assert "A dpo" in heard
        assert "Somebody changed this request" not in heard
        await step(ben, request, "claim")
        assert (
            "Somebody changed this request"
            in (await ann.get(f"{BOARD}/{request}?version={version}", headers=part)).text
        )
        company.clock.advance(120_000_000)
        assert "Also here" not in await read(ann, request)


async def test_a_sentence_without_a_source_is_refused_beside_its_field_and_kept(small: Town) -> None:
    request = await ask(small)
    async with sign_in(small, Role.AGENT) as client:
        await step(client, request, "draft")
        came = await draft_page(client, request, "result", **{"text-0": "Because I say so.", "source-0": " "})
        assert came.status_code == 422
        assert "Because I say so." in came.text
        assert re.search(r'id="fault-0">.*?Say where this sentence comes from', came.text, re.DOTALL)
        assert "Because I say so." not in await read(client, request)


async def test_a_general_reason_keeps_a_draft_from_being_submitted(small: Town) -> None:
    request = await ask(small)
    async with sign_in(small, Role.AGENT) as client:
        await step(client, request, "draft")
        await draft_page(client, request, "result", **{"text-0": "Internal policy.", "source-0": "policy:1"})
        seen = await read(client, request)

        assert f'action="{BOARD}/{request}/submit"' not in seen
        assert 'Not ready yet: <a href="#section-result">' in seen


async def test_approved_words_are_added_with_their_source(small: Town) -> None:
    request = await ask(small, language="de")
    async with sign_in(small, Role.AGENT) as client:
        await step(client, request, "draft")
        html = await read(client, request, "/sections/result")
        named = re.search(r'name="add" value="(reason-table:credit-letters@1#TERM/adverse)"', html)
        assert named is not None
        assert (await draft_page(client, request, "result", add=named[1])).status_code == 303
        seen = await read(client, request)

        assert '<span lang="de" dir="auto">Der Kredit läuft lange.</span>' in seen
        preview = await client.get(f"{BOARD}/{request}/preview")
        assert '<html lang="de"' in preview.text
        assert "Der Kredit läuft lange." in preview.text


async def test_what_is_withheld_needs_a_ground_and_leaves_a_trace_in_the_answer(small: Town) -> None:
    request = await ask(small)
    async with sign_in(small, Role.AGENT) as client:
        await step(client, request, "draft")
        page = "/sections/information"
        bare = await step(client, request, "redact", page, n0="yes", ground="")
        assert (bare.status_code, "Choose the ground." in bare.text) == (409, True)
        assert (await step(client, request, "redact", page, n0="yes", ground="third_party")).status_code == 303
        seen = await read(client, request)

    assert "it is about somebody else" in seen
    assert "credit amount: 5293" not in seen


async def test_more_time_and_a_refusal_come_back_with_everything_that_is_missing(small: Town) -> None:
    request = await ask(small)
    async with sign_in(small, Role.AGENT) as client:
        short = await step(client, request, "extend", reason="complexity", letter="Sorry.")
        assert (short.status_code, "Sorry.</textarea>" in short.text) == (409, True)
        assert "The person has to be told, with the reasons" in short.text
        letter = "Your request is complex: three systems took part, and we ask each of them."
        assert (await step(client, request, "extend", reason="complexity", letter=letter)).status_code == 303
        bare = await step(client, request, "refuse", ground="excessive", reasons="", remedy="")
        assert re.search(r'id="refuse-reasons-fault">.*?Say why', bare.text, re.DOTALL)


async def test_an_auditor_reads_a_request_and_is_offered_no_act(small: Town) -> None:
    request = await ask(small)
    async with sign_in(small, Role.AUDITOR) as client:
        seen = await read(client, request)

        assert f'action="{BOARD}/{request}/' not in seen
        assert "Everything that happened" in seen
        log = (await client.get("/console/audit?kind=record.viewed")).text
        assert "explanation request: rights request" in log


async def test_a_person_who_is_not_known_is_named_with_the_decision(small: Town) -> None:
    async with small.visitor() as visitor:
        form = await visitor.get("/t/shop/en/explain")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.text))
        sent = {**fields, "question": "Why?", "decision": "", "address": "", "place": "DE"}
        assert (await visitor.post("/t/shop/en/explain", data=sent, headers=OWN)).status_code == 200
    decision = small.facts.decisions["customer-4711"]
    async with sign_in(small, Role.AGENT) as client:
        [request] = re.findall(rf'class="go" href="{BOARD}/(exr_\w+)"', (await client.get(BOARD)).text)
        none = await step(client, request, "scope", decisions="", subject="")
        assert (none.status_code, "Name at least one decision" in none.text) == (409, True)
        other = await step(client, request, "scope", decisions=decision, subject="customer-1001")
        assert other.status_code == 404  # a decision of somebody else is as absent as none
        assert (await step(client, request, "scope", decisions=decision, subject="customer-4711")).status_code == 303
        assert "The result was: declined." in await read(client, request)


async def test_the_answers_library_takes_two_people(company: Town) -> None:
    page = "/console/answers/credit-letters"
    async with sign_in(company, Role.DPO, "ann") as ann, sign_in(company, Role.DPO, "ben") as ben:
        fields = form_of((await ann.get(page)).text, f"{page}/draft")
        shown = (await ann.get(f"{page}?language=en")).text
        typed = dict(re.findall(r'<input id="[^"]*" name="([^"]+)" type="text" value="([^"]*)"', shown))
        wrong = await ann.post(f"{page}/draft", data={**fields, **typed, "adverse-TERM": "<b>"}, headers=OWN)
        assert (wrong.status_code, 'id="adverse-TERM-fault"' in wrong.text) == (422, True)
        kept = {**fields, **typed, "adverse-TERM": "The loan runs for many years."}
        assert (await ann.post(f"{page}/draft", data=kept, headers=OWN)).status_code == 303
        mine = (await ann.get(page)).text
        assert f'action="{page}/approve"' not in mine
        assert "somebody else has to approve it" in mine
        assert (await press(ben, page, f"{page}/approve")).status_code == 303
        now = (await ben.get(page)).text
        assert "Version 2 is in force" in now
        assert "The loan runs for many years." in now
    async with sign_in(company, Role.AGENT) as agent:
        read_only = (await agent.get(page)).text
        assert "The loan runs for many years." in read_only
        assert f'action="{page}/draft"' not in read_only


async def test_my_work_shows_what_one_holds_and_what_waits(small: Town) -> None:
    request = await ask(small)
    async with sign_in(small, Role.AGENT) as client:
        before = (await client.get("/console/mine")).text
        assert "You hold no request." in before
        assert f'href="{BOARD}/{request}"' in before  # nobody has taken it yet
        await step(client, request, "claim")
        after = (await client.get("/console/mine")).text
        assert "You hold no request." not in after
        assert after.index(f'href="{BOARD}/{request}"') < after.index("Waiting for a person now")


async def test_a_reviewer_took_no_part_opens_the_evidence_first_and_gives_reasons(small: Town) -> None:
    request = await ask(small)
    named = {"authority": "credit manager", "competence": "credit training 2026", "reviewer_reference": ""}
    async with (
        sign_in(small, Role.AGENT, "ann") as ann,
        sign_in(small, Role.DPO, "ben") as ben,
        sign_in(small, Role.DPO, "cleo") as cleo,
    ):
        await contested(small, request, ann, ben)
        own = await step(ann, request, "assign_review", reviewer="oidc_ann", **named)
        assert (own.status_code, "Took part in the decision" in own.text) == (409, True)
        assert (await step(cleo, request, "assign_review", reviewer="oidc_cleo", **named)).status_code == 303
        assert "It was May." not in (await ann.get(f"{BOARD}/{request}/evidence")).text
        early = (await cleo.get(f"{BOARD}/{request}/evidence")).headers["location"]
        assert early == f"{BOARD}/{request}"
        assert (await press(cleo, f"{BOARD}/{request}", f"{BOARD}/{request}/evidence")).status_code == 303
        page = "/evidence"
        assert "It was May." in await read(cleo, request, page)
        bare = await step(cleo, request, "decide", page, verdict="overturn", reasons="Wrong month.", new_outcome="")
        assert (bare.status_code, "Wrong month.</textarea>" in bare.text) == (409, True)
        assert "Choose what the error lay in." in bare.text
        changed = {"input-0": "one", "rerun-correction": "The amount is old."}
        fields = form_of(await read(cleo, request, page), f"{BOARD}/{request}/rerun")
        again = await cleo.post(f"{BOARD}/{request}/rerun", data={**fields, **changed}, headers=OWN)
        assert again.status_code in {409, 422, 503}
        assert "The amount is old.</textarea>" in again.text
        reasons = {"reasons": "The balance on file is of another month.", "new_outcome": "approved"}
        done = await step(cleo, request, "decide", page, verdict="overturn", cause="input_data", **reasons)
        assert done.status_code == 303
        assert "Decision overturned: approved" in await read(ann, request)
        decision = small.facts.decisions[CUSTOMER]
        assert "What holds now: approved" in (await cleo.get(f"/console/decisions/{decision}")).text


async def test_a_reviewer_who_judges_alone_sees_nothing_of_the_ai_before_a_view_is_noted(small: Town) -> None:
    blind = small.app.state.desk._replace(terms=small.app.state.desk.terms._replace(blind=True))
    object.__setattr__(small.app.state, "desk", blind)  # as the setting CANDOR__REQUESTS__BLIND_REVIEW makes it
    request = await ask(small)
    named = {"authority": "credit manager", "competence": "training 2026", "reviewer_reference": ""}
    async with sign_in(small, Role.AGENT, "ann") as ann, sign_in(small, Role.DPO, "ben") as ben:
        await contested(small, request, ann, ben)
        async with sign_in(small, Role.DPO, "cleo") as cleo:
            await step(cleo, request, "assign_review", reviewer="oidc_cleo", **named)
            seen = await read(cleo, request)
            assert "Hidden until you noted your own view." in seen
            assert "The result was: declined." not in seen
            await press(cleo, f"{BOARD}/{request}", f"{BOARD}/{request}/evidence")
            before = await read(cleo, request, "/evidence")
            assert "hidden until you noted your view" in before
            assert "The score is above the threshold." not in before
            assert f'action="{BOARD}/{request}/decide"' not in before
            assert (await cleo.get(f"{BOARD}/{request}/preview")).status_code == 404
            view = "With two years at one address I would approve."
            assert (await step(cleo, request, "give_first_view", "/evidence", view=view)).status_code == 303
            after = await read(cleo, request, "/evidence")
            assert "The score is above the threshold." in after
            assert f'action="{BOARD}/{request}/decide"' in after


async def test_the_officer_sees_what_is_owed_on_time_overturned_and_who_may_rubber_stamp(small: Town) -> None:
    request = await ask(small, residence="DE")
    async with sign_in(small, Role.DPO, "cleo") as cleo:
        owed = (await cleo.get("/console/deadlines")).text
        assert re.search(r'href="/console/requests\?law=eu[^"]*">eu[^<]*</a></th><td[^>]*>1</td>', owed)
        assert "Nothing was answered in the last six months." in owed
        async with sign_in(small, Role.AGENT, "ann") as ann, sign_in(small, Role.DPO, "ben") as ben:
            await contested(small, request, ann, ben)
            assert (await ann.get("/console/deadlines")).status_code == 403
        given = {"authority": "credit manager", "competence": "credit training 2026", "reviewer_reference": ""}
        await step(cleo, request, "assign_review", reviewer="oidc_cleo", **given)
        await press(cleo, f"{BOARD}/{request}", f"{BOARD}/{request}/evidence")
        reasons = {"reasons": "The balance on file is of another month.", "new_outcome": "approved"}
        await step(cleo, request, "decide", "/evidence", verdict="overturn", cause="input_data", **reasons)
        shown = (await cleo.get("/console/deadlines?days=30")).text

    assert "<strong>100.0 %</strong> on time" in shown
    assert re.search(r"oidc_cleo</span></th><td[^>]*>1</td><td[^>]*>0.0 %</td>", shown)
    assert "1 on time" in shown
    assert "No cause overturned a model" in shown
