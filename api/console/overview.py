"""The DPO's overview: what is wrong now, what is due, and figures with pictures beside their tables (DPO-03)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from starlette.responses import Response

from api.console import attention, drawing, rendering
from api.console.desk import Desk
from api.console.drawing import Drawing
from consent import store as choices
from consent.lifecycle import NO, YES
from core.database import Reader
from oversight import store as oversight
from oversight import tallies
from oversight.tallies import Figure

_LEGEND = (("yes", "yes, above the line"), ("no", "no, below it"))
_PERIODS = {"7": 7, "30": 30, "90": 90, "365": 365}


class Row(NamedTuple):
    """Choices of one group: how many said yes, no, no by signal, and took an opt-out back."""

    group: str
    yes: int
    no: int
    signal: int
    back: int

    @property
    def share(self) -> str:
        """Return the share of no among yes and no."""
        both = self.yes + self.no
        return f"{100 * self.no / both:.0f} %" if both else "none"


def rows(figures: Iterable[Figure]) -> list[Row]:
    """Add figures up by their group."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for figure in figures:
        counts = found[figure.group]
        if figure.state in YES:
            counts[0] += figure.number
        elif figure.state in NO:
            counts[1] += figure.number
            counts[2] += figure.number if figure.actor == "signal" else 0
        elif figure.state == "opt_out_reversed":
            counts[3] += figure.number
    return [Row(group, *counts) for group, counts in sorted(found.items())]


async def overview(desk: Desk) -> Response:
    """Show it all."""
    today = _utc_day(desk)
    days = _PERIODS.get(desk.query("days"), 0)
    await desk.state.db.transact(tallies.catch_up)  # a job counts too; this brings the last seconds in

    async def work(tx: Reader) -> dict[str, Any]:
        shown = days or await _period(tx, desk.tenant, today)
        first = today - timedelta(days=shown - 1)
        span = (f"{first}", f"{today}")
        return {
            "days": shown,
            "first": first,
            "wrong": await attention.wrong(tx, desk),
            "due": await attention.due(tx, desk),
            "by_day": rows(await tallies.by(tx, desk.tenant, "day", *span)),
            "by_purpose": rows(await tallies.by(tx, desk.tenant, "purpose", *span)),
            "by_text": rows(await tallies.by(tx, desk.tenant, "notice_version", *span)),
            "counted": await oversight.tally_mark(tx),
            "newest": await choices.newest_seq(tx),
        }

    facts = await desk.state.db.read(work)
    total = Row("", *(sum(row[place] for row in facts["by_day"]) for place in range(1, 5)))
    chart = drawn(facts["by_day"], facts["first"], facts["days"])
    most = tallest(facts["by_day"])
    return rendering.page(
        desk, "overview.html", **facts, total=total, chart=chart, most=most, periods=_PERIODS, today=today
    )


def _utc_day(desk: Desk) -> date:
    """Return today as choices are counted: figures and their pictures end on the same day."""
    return date.fromisoformat(tallies.day_of(desk.now))


async def _period(tx: Reader, tenant: str, today: date) -> int:
    """Return a month, or a year where nobody chose anything within the month."""
    recent = await tallies.by(tx, tenant, "day", f"{today - timedelta(days=29)}", f"{today}")
    return 30 if recent else 365


def tallest(by_day: list[Row]) -> int:
    """Return the number that the longest bar stands for."""
    return max([1, *(max(row.yes, row.no) for row in by_day)])


def drawn(by_day: list[Row], first: date, days: int) -> Drawing:
    """Return the days as bars: yes above the line, no below it."""
    counts = {row.group: row for row in by_day}
    shown = [counts.get(f"{first + timedelta(days=place)}") for place in range(days)]
    return drawing.days([(0, 0) if row is None else (row.yes, row.no) for row in shown], _LEGEND)
