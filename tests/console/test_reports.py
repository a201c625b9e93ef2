"""A report's numbers are the records' own, for exactly its days; its file is on record with its digest."""

import json
from hashlib import sha256

import pytest

from core.clock import DAY, rfc3339
from core.principal import Role
from tests.api.pages_company import Town
from tests.api.pages_company import press as choose
from tests.console.house import OWN, fields_of, sign_in

pytestmark = pytest.mark.anyio
PAGE = "/console/reports"


async def exported(company: Town, first: str, last: str) -> list[dict[str, object]]:
    """Take the report of some days away as JSON, and check that this is on record."""
    async with sign_in(company, Role.DPO) as client:
        page = (await client.get(f"{PAGE}?from={first}&until={last}")).text
        form = fields_of(page, f"{PAGE}/export")
        came = await client.post(f"{PAGE}/export", data={**form, "format": "json"}, headers=OWN)
        assert came.status_code == 200, came.text
        log = (await client.get("/console/audit?kind=records.exported")).text
        digest = sha256(came.content).hexdigest()
        assert came.headers["x-content-sha256"] == digest
        assert "rows of report" in log
        rows: list[dict[str, object]] = json.loads(came.text)["rows"]
        return rows


def value(rows: list[dict[str, object]], part: str, of: str, measure: str) -> object:
    return next((row["value"] for row in rows if (row["part"], row["of"], row["measure"]) == (part, of, measure)), 0)


async def test_a_report_counts_what_was_chosen_in_its_days_and_nothing_else(company: Town) -> None:
    today, yesterday = rfc3339(company.clock.now())[:10], rfc3339(company.clock.now() - DAY)[:10]
    before = await exported(company, today, today)
    async with company.visitor() as customer:
        await company.enter(customer)
        for answer in ("yes", "no", "yes"):
            await choose(customer, "uses/ai-training", answer)
    after = await exported(company, today, today)
    earlier = await exported(company, rfc3339(company.clock.now() - 30 * DAY)[:10], yesterday)

    for measure, more in (("yes", 2), ("no", 1), ("of_these_withdrawn", 1)):
        was = value(before, "choices-by-purpose", "ai-training", measure)
        now = value(after, "choices-by-purpose", "ai-training", measure)
        assert isinstance(was, int)
        assert isinstance(now, int)
        assert now - was == more, measure
    assert earlier != after
    assert value(after, "requests", "requests received", "value") is not None


async def test_a_report_is_about_a_period_that_makes_sense(small: Town) -> None:
    async with sign_in(small, Role.AUDITOR) as client:
        for query in ("from=2026-13-01", "from=2026-11-02&until=2026-11-01", "from=2020-01-01&until=2026-01-01"):
            assert (await client.get(f"{PAGE}?{query}")).status_code == 422
        assert (await client.get(PAGE)).status_code == 200
    async with sign_in(small, Role.AGENT) as client:
        assert (await client.get(PAGE)).status_code == 403
