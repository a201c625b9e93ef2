"""Requests and deadlines, for the data protection officer: what is owed by law, how answers and reviews went (DPO-07).

Every number comes from the board that the API reads; pictures go with a table of the same numbers.
"""

from datetime import date
from typing import Any, Final

from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk
from api.console.drawing import Bar, Bars
from core.clock import DAY, parse_rfc3339
from core.database import Reader
from explanations.requests import board, calendars, store
from explanations.requests.board import Share

DEADLINES: Final = f"{HOME}/deadlines"
_MONTHS: Final = 6
_PERIODS: Final = (30, 90, 365)
_LEGEND: Final = (("yes", "on time"), ("no", "late"))


def _months(now: int) -> list[int]:
    """Return the starts of the last months and of the next one, oldest first."""
    today = calendars.day_of(now, "UTC")
    ended = today.year * 12 + today.month
    firsts = [date((ended - back) // 12, (ended - back) % 12 + 1, 1) for back in range(_MONTHS, -1, -1)]
    return [parse_rfc3339(f"{first}T00:00:00Z") for first in firsts]


def _picture(shares: list[Share]) -> Bars | None:
    bars = []
    for one in shares:
        name = calendars.day_of(one.since, "UTC").strftime("%B %Y")
        late = one.answered - one.on_time
        bars.append(Bar(name, one.on_time, f"{one.on_time:,} on time" if one.answered else "none answered", "yes"))
        if late:
            bars.append(Bar("", late, f"{late:,} late", "no"))
    return Bars(tuple(bars), _LEGEND) if any(one.answered for one in shares) else None


def _days(desk: Desk) -> int:
    text = desk.query("days", 4)
    return int(text) if text in {str(one) for one in _PERIODS} else _PERIODS[1]


async def page(desk: Desk) -> Response:
    """Show what is owed, how much was answered on time, how reviews end, and what opened an incident."""
    terms, days = desk.state.desk.terms, _days(desk)
    quick, least = terms.quick_review_seconds, terms.rubber_stamp_reviews

    async def work(tx: Reader) -> dict[str, Any]:
        since, until = desk.now - days * DAY, desk.now + 1
        return {
            "counted": await board.counts(tx, desk.tenant, desk.now),
            "figures": await board.figures(tx, desk.tenant, since, until, quick, least),
            "shares": await board.shares(tx, desk.tenant, _months(desk.now)),
            "incidents": await store.incidents(tx, desk.tenant),
        }

    found = await desk.state.db.read(work)
    return rendering.page(
        desk, "cases/deadlines.html", **found, days=days, periods=_PERIODS, picture=_picture(found["shares"]),
        quick=quick, least=least, month=lambda at: calendars.day_of(at, "UTC").strftime("%B %Y"),
    )  # fmt: skip
