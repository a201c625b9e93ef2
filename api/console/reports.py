"""Reports: what a period came to, on paper, as CSV or as JSON; each file is recorded with its SHA-256."""

import re
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from api.console import lists, rendering
from api.console.desk import HOME, Desk
from api.console.drawing import Bar, Bars
from api.console.lists import Filled, Filter
from api.console.page import Page
from core.database import Reader
from core.errors import InvalidError
from disclosures.showings import tallies as told
from oversight import reports, tallies
from oversight.reports import Period, Table

_LONGEST_DAYS = 400
_LEGEND = (("yes", "yes"), ("no", "no"))


def _day(text: str, otherwise: date, name: str) -> date:
    try:
        found = date.fromisoformat(text) if text else otherwise
    except ValueError as error:
        raise InvalidError.field(f"?{name}", "write a day such as 2026-11-21") from error
    if not 1971 <= found.year <= 9000:
        raise InvalidError.field(f"?{name}", "too far from today")
    return found


def _period(desk: Desk, given: dict[str, str]) -> Period:
    today = _today(desk)
    last = _day(given.get("until", ""), today, "until")
    first = _day(given.get("from", ""), last.replace(day=1), "from")
    if first > last or (last - first).days > _LONGEST_DAYS:
        raise InvalidError.field("?from", f"a report is about 1 to {_LONGEST_DAYS} days")
    return Period(first, last)


def _today(desk: Desk) -> date:
    return date.fromisoformat(tallies.day_of(desk.now))


async def _tables(desk: Desk, period: Period) -> list[Table]:
    while await desk.state.db.transact(tallies.catch_up):  # a job counts too; this brings the last seconds in
        pass
    while await desk.state.db.transact(told.catch_up):
        pass
    terms = desk.state.desk.terms

    async def work(tx: Reader) -> list[Table]:
        return await reports.of_period(tx, desk.tenant, period, terms.quick_review_seconds, terms.rubber_stamp_reviews)

    return await desk.state.db.read(work)


async def report(desk: Desk) -> Response:
    """Show the report of a period: last days first, and this month unless told otherwise."""
    period = _period(desk, {name: desk.query(name, 10) for name in ("from", "until")})
    tables = await _tables(desk, period)
    return rendering.page(
        desk,
        "report.html",
        period=period,
        tables=tables,
        picture=_picture(tables[0]),
        shortcuts=_shortcuts(_today(desk)),
        values={"from": f"{period.first}", "until": f"{period.last}"},
    )


def _shortcuts(today: date) -> list[tuple[str, Period]]:
    """Return the months and the quarter that reports are mostly about."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return [
        ("This month", Period(month, today)),
        ("Last month", Period(before, month - timedelta(days=1))),
        ("This quarter", Period(quarter, today)),
        ("This year", Period(date(today.year, 1, 1), today)),
    ]


def _picture(chosen: Table) -> Bars | None:
    bars = []
    for name, yes, no, *_ in chosen.rows:
        if isinstance(yes, int) and isinstance(no, int) and isinstance(name, str):
            bars += [Bar(name, yes, f"{yes:,} yes", "yes"), Bar("", no, f"{no:,} no", "no")]
    return Bars(tuple(bars), _LEGEND) if bars else None


async def export(desk: Desk) -> Response:
    """Give the report as one file: a line for each number."""
    form = await desk.form("format", "from", "until")
    period = _period(desk, form)
    lines: list[dict[str, Any]] = [
        {"part": table.key, "of": row[0], "measure": _measure(head), "value": value}
        for table in await _tables(desk, period)
        for row in table.rows
        for head, value in zip(table.heads[1:], row[1:], strict=True)
    ]
    filled = Filled(
        (Filter("from", "From"), Filter("until", "Until")), {"from": f"{period.first}", "until": f"{period.last}"}
    )
    return await lists.export(desk, "report", filled, form["format"], lines, lambda: False)


def _measure(head: str) -> str:
    return re.sub(r"\W+", "_", head.lower()).strip("_")


PAGES = (
    Page("GET", f"{HOME}/reports", "figures.read", report),
    Page("POST", f"{HOME}/reports/export", "choices.export", export, fresh=True),
)
