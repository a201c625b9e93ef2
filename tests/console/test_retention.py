"""Retention in the consoles, without JavaScript: a schedule by two people, a hold, a certificate with its proof."""

import pytest

from core.clock import DAY
from core.principal import Role
from jobs.retain import Retain
from tests.api.pages_company import Town
from tests.console.house import press, sign_in

pytestmark = pytest.mark.anyio
PAGE, HOLDS = "/console/retention/decision", "/console/holds"
YEAR = {"period": "P12M", "reason": "no claim comes later", "places": "ie", "sectors": "other", "set_aside": ""}


async def test_a_schedule_is_proposed_seen_by_the_second_person_and_what_it_deleted_certified(company: Town) -> None:
    state = company.app.state
    async with sign_in(company, Role.DPO) as client, sign_in(company, Role.DPO, "second") as second:
        assert "kept for good" in (await client.get(PAGE)).text
        short = await press(client, PAGE, PAGE, **{**YEAR, "period": "P3M", "places": "in"})
        assert (short.status_code, "in.retention" in short.text, 'value="P3M"' in short.text) == (422, True, True)
        assert (await press(client, PAGE, PAGE, **YEAR)).status_code == 303
        assert f'action="{PAGE}/approve"' not in (await client.get(PAGE)).text
        assert PAGE in (await second.get("/console/approvals")).text
        assert (await press(second, PAGE, f"{PAGE}/approve")).status_code == 303

        held = {"scope": "record", "subject": "", "record_type": "decision", "ground": "litigation", "reference": "L-1"}
        record = min(company.facts.decisions.values())
        unknown = await press(client, HOLDS, HOLDS, **held, record="dec_0")
        assert (unknown.status_code, "there is no such record" in unknown.text) == (422, True)
        assert (await press(client, HOLDS, HOLDS, **held, record=record)).status_code == 303
        assert "L-1" in (await client.get(HOLDS)).text

    company.clock.advance(400 * DAY)
    [made] = await Retain(state.db, state.clock, state.packs).everything()
    assert made.deleted > 0
    async with sign_in(company, Role.AUDITOR) as auditor:
        assert f"/console/deletions/{made.id}" in (await auditor.get("/console/deletions")).text
        shown = (await auditor.get(f"/console/deletions/{made.id}")).text
        assert (f"/console/audit/{made.seq}" in shown, made.digest.hex() in shown) == (True, True)
        assert "L-1" in (await auditor.get(HOLDS)).text
        assert 'action="/console/holds' not in (await auditor.get(HOLDS)).text
    async with sign_in(company, Role.DPO) as client:
        [hold] = (await client.get(HOLDS)).text.split('action="/console/holds/')[1:]
        act = f"{HOLDS}/{hold[:36]}/release"
        assert (await press(client, HOLDS, act, because="settled")).status_code == 303
        assert "No hold stands." in (await client.get(HOLDS)).text
