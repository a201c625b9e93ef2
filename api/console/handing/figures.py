"""How handing over goes: the fourteen criteria, waits against what was promised, causes, who received what."""

from datetime import date, timedelta
from typing import Any, Final

from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk
from api.console.drawing import Bar, Bars
from api.console.page import Page
from core.clock import DAY
from disclosures.resolution import legal_day
from handoff import counting

_PERIODS: Final = {"7": 7, "30": 30, "90": 90, "365": 365}
_LEGEND: Final = (("yes", "within what was promised"), ("no", "too late"))


async def figures(desk: Desk) -> Response:
    """Show the figures of the last days."""
    days = _PERIODS.get(desk.query("days"), 30)
    made = await desk.state.db.read(counting.report, desk.tenant, desk.now - days * DAY, desk.now + 1)
    today: date = legal_day(desk.now)
    facts: dict[str, Any] = {"days": days, "periods": _PERIODS, "first": today - timedelta(days=days), "today": today}
    return rendering.page(desk, "handing/figures.html", told=made, picture=waits(made["touchpoints"]), **facts)


def waits(touchpoints: list[dict[str, Any]]) -> Bars | None:
    """Draw for each touchpoint how long 95 of 100 waited; nothing where nobody did."""
    found = [
        Bar(
            one["touchpoint"],
            one["wait_p95_seconds"],
            f"{one['wait_p95_seconds']:.0f} s of {one['threshold_seconds']} s",
            "no" if one["alert"] else "yes",
        )
        for one in touchpoints
        if one["wait_p95_seconds"] is not None
    ]
    return Bars(tuple(found), _LEGEND) if found else None


PAGES: Final = (Page("GET", f"{HOME}/handing-over", "handoffs.figures", figures),)
