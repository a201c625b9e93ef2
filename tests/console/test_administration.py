"""Sites in their own colours, jobs that were given up, and everything that waits for a second person."""

import re

import pytest

from api.console import colours
from core import queue
from core.clock import DAY
from core.database import Sql
from core.errors import InvalidError
from core.principal import Principal, Role
from disclosures.notices import service as notices
from disclosures.notices import standing
from explanations.requests import board
from tests.api.pages_company import Town
from tests.console import casework
from tests.console.house import OWN, fields_of, press, sign_in

pytestmark = pytest.mark.anyio


async def site_of(company: Town) -> str:
    from api.auth import store

    return f"/console/sites/{(await company.app.state.db.read(store.sites, 'default', None))[0].id}"


def test_contrast_is_what_the_guidelines_say() -> None:
    assert round(colours.contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(colours.contrast("#777777", "#ffffff"), 2) == 4.48
    assert colours.contrast("#0a5f73", "#0a5f73") == 1.0
    assert all(pair.good for pair in colours.pairs(colours.DEFAULTS))
    with pytest.raises(InvalidError):
        colours.read({"accent": "red; } body { display: none"})


async def test_a_site_s_colours_are_judged_and_written_as_a_rule(small: Town) -> None:
    async with sign_in(small, Role.ADMIN) as client:
        page = await site_of(small)
        assert "nothing has to be set" in (await client.get(page)).text
        pale = (await client.get(f"{page}?accent=%23ffdd00")).text
        assert pale.count("not enough") == 2
        assert "--candor-accent: #ffdd00;" in pale

        assert (await client.get(f"{page}?accent=red")).status_code == 422


async def test_a_site_s_faults_stand_at_their_fields_and_a_change_can_be_taken_back(company: Town) -> None:
    async with sign_in(company, Role.ADMIN) as client:
        page = await site_of(company)
        form = fields_of((await client.get(page)).text, page)
        wrong = await client.post(page, data={**form, "origins": "ftp://x"}, headers=OWN)
        assert wrong.status_code == 422
        assert 'id="origins-fault"' in wrong.text
        assert fields_of(wrong.text, page)["origins"].strip() == "ftp://x"
        assert (await client.post(page, data={**form, "name": "Another name"}, headers=OWN)).status_code == 303
        shown = (await client.get(page)).text
        assert "<h1>Another name</h1>" in shown
        back = fields_of(shown[shown.index('class="undo"') :], page)
        assert (await client.post(page, data=back, headers=OWN)).status_code == 303

        after = fields_of((await client.get(page)).text, page)
        assert {**after, "version": "", "token": ""} == {**form, "version": "", "token": ""}


async def test_a_job_that_was_given_up_is_tried_again(company: Town) -> None:
    db, now = company.app.state.db, company.clock.now()
    job = await db.transact(lambda tx: queue.enqueue(tx, "letters", {}, now=now))
    bury = Sql("UPDATE job SET state = 'dead', attempts = 12, last_error = 'nobody answered' WHERE id = :id")
    await db.transact(lambda tx: tx.execute(bury, id=job))
    act = f"/console/jobs/{job}/retry"
    async with sign_in(company, Role.ADMIN) as client, sign_in(company, Role.AUDITOR) as auditor:
        assert "nobody answered" in (await auditor.get("/console/jobs")).text
        assert act not in (await auditor.get("/console/jobs")).text
        assert (await press(client, "/console/jobs", act)).status_code == 303
        assert await db.read(queue.dead, 10) == []

        assert "nobody answered" not in (await client.get("/console/jobs")).text


async def test_what_waits_for_a_second_person_stands_in_one_list(company: Town) -> None:
    db, now = company.app.state.db, company.clock.now()
    known = (await db.read(notices.listed, "default", "", 10))[0]
    assert known.published is not None
    document = standing.document_of(known.published.document)
    one = Principal(tenant="default", id="oidc_one", role=Role.DPO)
    await db.transact(notices.draft, one, document, now)
    row = re.compile(rf'href="/console/notices/{known.notice.key}".*?</tr>', re.DOTALL)
    async with sign_in(company, Role.DPO, "one") as writer, sign_in(company, Role.DPO, "two") as other:
        mine = row.search((await writer.get("/console/approvals")).text)
        theirs = row.search((await other.get("/console/approvals")).text)
        assert mine is not None
        assert theirs is not None
        assert "somebody else has to approve it" in mine[0]
        assert "you can approve it" in theirs[0]
        assert "for a second person." in (await other.get("/console/overview")).text


async def test_what_a_language_lacks_is_named_until_it_is_there(company: Town) -> None:
    async with sign_in(company, Role.ADMIN) as client:
        page = await site_of(company)
        form = fields_of((await client.get(page)).text, page)
        more = {**form, "languages": f"{form['languages']}, fr"}
        assert (await client.post(page, data=more, headers=OWN)).status_code == 303
        shown = (await client.get("/console/languages")).text
        french = next(row for row in shown.split("<tr") if ">fr<" in row)
        english = next(row for row in shown.split("<tr") if "English" in row)

        assert "missing:" in french
        assert "made by a machine" in french
        assert "missing:" not in english


async def test_a_key_s_successor_may_what_it_may_and_both_hold_until_one_is_revoked(small: Town) -> None:
    async with sign_in(small, Role.ADMIN) as client:
        blank = fields_of((await client.get("/console/keys")).text, "/console/keys")
        given = {**blank, "name": "shop back-end 2", "scope-permissions:check": "yes"}
        assert (await client.post("/console/keys", data=given, headers=OWN)).status_code == 200
        page = (await client.get("/console/keys")).text
        old = re.search(r'href="(/console/keys\?like=key_\w+)#new"', page)
        assert old is not None
        form = fields_of((await client.get(old[1])).text, "/console/keys")
        assert form.items() >= {"name": "shop back-end 2", "scope-permissions:check": "yes"}.items()
        made = (await client.post("/console/keys", data=form, headers=OWN)).text
        assert "ck_live_" in made
        assert made.count("/revoke") >= 2


async def test_what_pages_count_up_is_what_is_counted_whole(company: Town) -> None:
    await casework.ask(company)
    db = company.app.state.db
    for later in (0, 20 * DAY, 40 * DAY):
        now = company.clock.now() + later
        owed = await db.read(board.owed, "default", now)
        every = await db.read(board.counts, "default", now)
        assert owed.open >= 1
        assert owed.open == sum(one.open for one in every)
        assert owed.overdue == sum(one.overdue for one in every)
        assert owed.due_within_week == sum(one.due_within_week for one in every)
        assert await db.read(board.laws, "default") == [one.law for one in every]
