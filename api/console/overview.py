"""The DPO's overview: what is wrong now, what is due, and figures with pictures beside their tables (DPO-03)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk
from consent import store as choices
from consent.lifecycle import NO, YES
from consent.purposes import service as purposes
from core import queue
from core.clock import DAY, MICROS
from core.database import Reader
from disclosures import service as register
from disclosures.packs import differences
from disclosures.resolution import legal_day
from ledger import service as ledger
from oversight import store as oversight
from oversight import tallies
from oversight.tallies import Figure

_MOST = 500
_LATE = 10 * MICROS
_PERIODS = {"7": 7, "30": 30, "90": 90, "365": 365}
_ENDING_MOST = 1000


class Thing(NamedTuple):
    """Something wrong or due: its shape, a sentence, and where to look."""

    shape: str
    text: str
    link: str | None


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
    today = legal_day(desk.now)
    days = _PERIODS.get(desk.query("days"), 0)
    await desk.state.db.transact(tallies.catch_up)  # a job counts too; this brings the last seconds in

    async def work(tx: Reader) -> dict[str, Any]:
        shown = days or await _period(tx, desk.tenant, today)
        first = today - timedelta(days=shown - 1)
        span = (f"{first}", f"{today}")
        return {
            "days": shown,
            "first": first,
            "wrong": await _wrong(tx, desk),
            "due": await _due(tx, desk, today),
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


async def _period(tx: Reader, tenant: str, today: date) -> int:
    """Return a month, or a year where nobody chose anything within the month."""
    recent = await tallies.by(tx, tenant, "day", f"{today - timedelta(days=29)}", f"{today}")
    return 30 if recent else 365


async def _wrong(tx: Reader, desk: Desk) -> list[Thing]:
    found = []
    sealed = await ledger.latest_checkpoint(tx)
    waiting = await ledger.entries(tx, -1 if sealed is None else sealed.size - 1, 1)
    if waiting and desk.now - waiting[0].at > _LATE:
        found.append(Thing("wrong", "The log has entries that no checkpoint seals.", f"{HOME}/audit"))
    known = await purposes.listed(tx, desk.tenant, "", _MOST)
    live = {view.purpose.key for view in known if view.published is not None and view.purpose.retired_at is None}
    for system in await register.listed(tx, desk.tenant, "", _MOST):
        lacking = [key for key in system.document.purposes if key not in live]
        if lacking and system.system.retired_at is None:
            text = f"{system.document.name} serves purposes that are not published: {', '.join(lacking)}."
            found.append(Thing("wrong", text, f"{HOME}/systems/{system.system.key}"))
    dead = sum(number for _, state, number, _ in await queue.counts(tx) if state == queue.State.DEAD)
    if dead:
        found.append(
            Thing("wrong", f"{dead} background jobs gave up.", f"{HOME}/jobs" if desk.may("jobs.read") else None)
        )
    return found


async def _due(tx: Reader, desk: Desk, today: date) -> list[Thing]:
    found = []
    waiting = [row for row in await oversight.requests(tx, desk.tenant, 100) if row.approved_at is None]
    if waiting:
        link = f"{HOME}/approvals" if desk.may("subjects.erase") else None
        many = len(waiting)
        found.append(Thing("open", f"{many} erasure{'s wait' if many > 1 else ' waits'} for a second person.", link))
    soon = await choices.ending(tx, desk.tenant, desk.now, desk.now + 30 * DAY, _ENDING_MOST)
    if soon:
        many_words = f"{soon:,}" if soon < _ENDING_MOST else f"At least {_ENDING_MOST:,}"
        found.append(Thing("open", f"{many_words} consents end within 30 days.", f"{HOME}/records?state=given"))
    drafts = [view for view in await purposes.listed(tx, desk.tenant, "", _MOST) if view.draft is not None]
    found += [
        Thing("open", f"{view.purpose.key} has a draft that is not published.", f"{HOME}/purposes/{view.purpose.key}")
        for view in drafts
    ]
    turns = differences.between(desk.state.packs, today, today + timedelta(days=90))
    if turns:
        text = f"{len(turns)} rules of law begin or end within 90 days, the first on {turns[0].on:%-d %b %Y}."
        found.append(Thing("open", text, f"{HOME}/packs"))
    return found


_WIDTH, _HEIGHT = 720, 160


def tallest(by_day: list[Row]) -> int:
    """Return the number that the longest bar stands for."""
    return max([1, *(max(row.yes, row.no) for row in by_day)])


def drawn(by_day: list[Row], first: date, days: int) -> Markup:
    """Return the days as bars: yes above the line, no below it."""
    counts, most = {row.group: row for row in by_day}, tallest(by_day)
    middle, reach = _HEIGHT / 2, _HEIGHT / 2 - 4
    step = _WIDTH / days
    parts = [Markup('<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>').format(_WIDTH, middle, middle)]
    for place in range(days):
        row = counts.get(f"{first + timedelta(days=place)}")
        if row is None:
            continue
        x, width = round(place * step, 1), round(max(2.0, step * 0.7), 1)
        for number, kind in ((row.yes, "yes"), (row.no, "no")):
            height = round(reach * number / most, 1)
            y = round(middle - height, 1) if kind == "yes" else middle
            parts.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(kind, x, y, width, height)
            )
    return Markup("").join(parts)
