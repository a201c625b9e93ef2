"""A vendor changes its AI: recorded by form, a review of each notice, answered with a reason by the DPO alone."""

import re

import pytest

from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import OWN, form_of, press, sign_in
from tests.console.test_disclosures import CHAT, plain

pytestmark = pytest.mark.anyio
PAGE = "/console/vendor-changes"
TOLD = {
    "system": "support-chatbot",
    "vendor": "Acme Models Ltd",
    "changes_on": "2026-12-01",
    "changed-model": "yes",
    "text": "The assistant reads attachments too.",
    "reference": "MAIL-2026-118",
}


async def recorded(company: Town) -> str:
    """Record the change as the administrator does, and return the address of the chat notice's review."""
    async with sign_in(company, Role.ADMIN) as admin:
        assert (await press(admin, PAGE, PAGE, **TOLD)).status_code == 303
        rows = (await admin.get(PAGE)).text
    found = re.search(rf'href="({PAGE}/rev_\w+)">chat-first-line<', rows)
    assert found is not None
    return found[1]


async def test_a_vendor_s_change_opens_a_review_that_the_dpo_closes_with_a_reason(company: Town) -> None:
    one = await recorded(company)
    async with sign_in(company, Role.DPO) as dpo, sign_in(company, Role.ADMIN) as admin:
        assert f'href="{PAGE}"' in (await dpo.get("/console/overview")).text
        shown = (await dpo.get(one)).text
        assert "reads attachments too" in shown
        assert "You are talking to a computer program" in shown
        assert "Version 1 is still in force" in plain(shown)
        assert f"{one}/close" not in (await admin.get(one)).text

        early = await press(dpo, one, f"{one}/close", outcome="new_version", reason="It names the attachments.")
        assert "No new version was published since the review was opened." in early.text
        bare = await press(dpo, one, f"{one}/close", outcome="no_change", reason="  ")
        assert (bare.status_code, 'id="reason-fault"' in bare.text) == (422, True)
        unsaid = await press(dpo, one, f"{one}/close", reason="The notice names no vendor.")
        assert (unsaid.status_code, "The notice names no vendor.</textarea>" in unsaid.text) == (422, True)
        assert 'id="outcome-fault"' in unsaid.text

        said = {"outcome": "no_change", "reason": "The notice names no vendor."}
        fields = form_of(shown, f"{one}/close")
        assert (await dpo.post(f"{one}/close", data={**fields, **said}, headers=OWN)).status_code == 303
        assert "Nothing new to tell" in plain((await dpo.get(one)).text)
        again = await dpo.post(f"{one}/close", data={**fields, **said}, headers=OWN)
        assert (again.status_code, "closed already" in again.text) == (409, True)
        assert one not in (await dpo.get(PAGE)).text
        assert one in (await dpo.get(f"{PAGE}?standing=closed")).text
        assert "The notice names no vendor" not in (await dpo.get("/console/audit?kind=disclosure-review.closed")).text


async def test_a_review_shows_what_a_new_version_changed_and_closes_by_it(small: Town) -> None:
    one = await recorded(small)
    async with sign_in(small, Role.DPO) as dpo:
        assert (await press(dpo, CHAT, f"{CHAT}/approve")).status_code == 303
        small.clock.advance(1_000_000)
        assert (await press(dpo, CHAT, f"{CHAT}/publish", material="yes", at="")).status_code == 303
        shown = (await dpo.get(one)).text
        assert "Version 2 is in force." in plain(shown)
        assert re.search(r"<ins>[^<]*prices, dates and stock", shown)
        told = {"outcome": "new_version", "reason": "It tells of the stock now."}
        assert (await press(dpo, one, f"{one}/close", **told)).status_code == 303
        assert "People were told anew, by version 2" in plain((await dpo.get(one)).text)


async def test_what_is_missing_in_a_vendor_s_change_comes_back_with_what_was_written(small: Town) -> None:
    unsorted = {name: value for name, value in TOLD.items() if name != "changed-model"}
    async with sign_in(small, Role.DPO) as dpo, sign_in(small, Role.AUDITOR) as auditor:
        came = await press(dpo, PAGE, PAGE, **unsorted)
        assert (came.status_code, "reads attachments too.</textarea>" in came.text) == (422, True)
        assert 'id="changed-fault"' in came.text
        wrong = await press(dpo, PAGE, PAGE, **{**TOLD, "changes_on": "soon"})
        assert (wrong.status_code, 'id="changes_on-fault"' in wrong.text) == (422, True)
        seen = (await auditor.get(PAGE)).text
        assert "No review waits." in seen
        assert 'action="/console/vendor-changes"' not in seen
