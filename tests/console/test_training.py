"""Training in the consoles: a colleague's course recorded, whose ends, and what an agent sees of her own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.clock import MICROS
from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import press, sign_in
from tests.console.test_disclosures import plain

pytestmark = pytest.mark.anyio
PAGE = "/console/training"


def course(company: Town, person: str, days: int = 300, **changes: Any) -> dict[str, str]:
    """Return a course that ended yesterday and counts for some days."""
    today = datetime.fromtimestamp(company.clock.now() // MICROS, UTC).date()
    return {
        "person": person,
        "course": "Credit decisions",
        "cohort": "2026 autumn",
        "completed_on": (today - timedelta(days=1)).isoformat(),
        "expires_on": (today + timedelta(days=days)).isoformat(),
        **changes,
    }


async def test_a_course_is_recorded_and_its_end_is_seen_in_time(company: Town) -> None:
    async with sign_in(company, Role.AGENT, "ava") as agent, sign_in(company, Role.DPO) as dpo:
        assert "oidc_ava" in (await dpo.get(PAGE)).text  # signed in, may review, has no record
        assert "Your training" not in (await agent.get("/console/mine")).text
        assert (await press(dpo, PAGE, PAGE, **course(company, "oidc_ava", 40))).status_code == 303
        shown = plain((await dpo.get(PAGE)).text)
        assert "Credit decisions" in shown
        assert "ends within 30 days" not in shown
        company.clock.advance(20 * 86_400 * MICROS)
        async with sign_in(company, Role.AUDITOR) as auditor, sign_in(company, Role.AGENT, "ava") as later:
            seen = (await auditor.get(PAGE)).text
            assert "ends within 30 days" in seen
            assert f'method="post" action="{PAGE}"' not in seen
            assert "Record a course" not in seen
            own = plain((await later.get("/console/mine")).text)
            assert "Your training" in own
            assert "Credit decisions" in own
            assert (await later.get(PAGE)).status_code == 403
        company.clock.advance(30 * 86_400 * MICROS)
        async with sign_in(company, Role.AUDITOR) as auditor:
            assert "ended" in plain((await auditor.get(PAGE)).text)


async def test_nobody_records_his_own_and_wrong_days_come_back_with_what_was_written(small: Town) -> None:
    async with sign_in(small, Role.DPO, "dana") as dpo:
        own = await press(dpo, PAGE, PAGE, **course(small, "oidc_dana"))
        assert (own.status_code, "Somebody else has to record your training." in own.text) == (403, True)
        early = await press(dpo, PAGE, PAGE, **course(small, "oidc_ava", -5))
        assert (early.status_code, 'id="expires_on-fault"' in early.text) == (422, True)
        assert 'value="Credit decisions"' in early.text
        assert "No training is on record yet." in (await dpo.get(PAGE)).text
