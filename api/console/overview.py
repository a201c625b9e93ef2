"""The DPO's overview: what is wrong now, what is due, and figures with pictures beside their tables (DPO-03)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from starlette.responses import Response

from api.console import drawing, rendering, waiting
from api.console.desk import HOME, Desk
from api.console.drawing import Drawing
from consent import store as choices
from consent.lifecycle import NO, YES
from consent.purposes import service as purposes
from core import queue
from core.clock import DAY, MICROS
from core.database import Reader
from disclosures import service as register
from disclosures.packs import differences
from disclosures.showings import tallies as told
from explanations.kept import guard
from explanations.requests import board
from explanations.requests.board import LawCount
from ledger import service as ledger
from oversight import store as oversight
from oversight import tallies
from oversight.tallies import Figure

_MOST = 500
_LATE = 10 * MICROS
_LEGEND = (("yes", "yes, above the line"), ("no", "no, below it"))
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
    today = _utc_day(desk)
    days = _PERIODS.get(desk.query("days"), 0)
    await desk.state.db.transact(tallies.catch_up)  # a job counts too; this brings the last seconds in

    async def work(tx: Reader) -> dict[str, Any]:
        shown = days or await _period(tx, desk.tenant, today)
        first = today - timedelta(days=shown - 1)
        span = (f"{first}", f"{today}")
        laws = await board.counts(tx, desk.tenant, desk.now)
        return {
            "days": shown,
            "first": first,
            "wrong": await _wrong(tx, desk, laws),
            "due": await _due(tx, desk, today, laws),
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


async def _wrong(tx: Reader, desk: Desk, laws: list[LawCount]) -> list[Thing]:
    found = []
    sealed = await ledger.latest_checkpoint(tx)
    waiting = await ledger.entries(tx, -1 if sealed is None else sealed.size - 1, 1)
    if waiting and desk.now - waiting[0].at > _LATE:
        found.append(Thing("wrong", "The log has entries that no checkpoint seals.", f"{HOME}/audit"))
    stopped = len(await guard.waiting(tx, desk.tenant, _MOST))
    if stopped:
        many = "explanations were" if stopped > 1 else "explanation was"
        text = f"{stopped} {many} stopped: a protected trait is among the reasons."
        found.append(Thing("wrong", text, f"{HOME}/stopped"))
    known = await purposes.listed(tx, desk.tenant, "", _MOST)
    live = {view.purpose.key for view in known if view.published is not None and view.purpose.retired_at is None}
    for system in await register.listed(tx, desk.tenant, "", _MOST):
        lacking = [key for key in system.document.purposes if key not in live]
        if lacking and system.system.retired_at is None:
            text = f"{system.document.name} serves purposes that are not published: {', '.join(lacking)}."
            found.append(Thing("wrong", text, f"{HOME}/systems/{system.system.key}"))
    late = sum(law.overdue for law in laws)
    if late:
        text = f"{late:,} {'answers are' if late > 1 else 'answer is'} late."
        found.append(Thing("wrong", text, f"{HOME}/requests?due=late"))
    week = str(_utc_day(desk) - timedelta(days=6))
    gaps = sum(one.number for one in await told.by(tx, desk.tenant, "day", week, "9999") if one.event == "gap")
    if gaps:
        text = f"The AI was not named in time in {gaps:,} conversation{'s' if gaps > 1 else ''} of the last 7 days."
        found.append(Thing("wrong", text, f"{HOME}/told"))
    dead = sum(number for _, state, number, _ in await queue.counts(tx) if state == queue.State.DEAD)
    if dead:
        found.append(
            Thing("wrong", f"{dead} background jobs gave up.", f"{HOME}/jobs" if desk.may("jobs.read") else None)
        )
    return found


async def _due(tx: Reader, desk: Desk, today: date, laws: list[LawCount]) -> list[Thing]:
    found = []
    erasures = [row for row in await oversight.requests(tx, desk.tenant, 100) if row.approved_at is None]
    many = len(erasures) + len(await waiting.found(tx, desk))
    if many:
        link = f"{HOME}/approvals" if desk.may("subjects.erase") else None
        found.append(Thing("open", f"{many} {'things wait' if many > 1 else 'thing waits'} for a second person.", link))
    due = sum(law.due_within_week for law in laws)
    if due:
        text = f"{due:,} {'answers are' if due > 1 else 'answer is'} due within a week."
        found.append(Thing("open", text, f"{HOME}/requests?due=week"))
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


def tallest(by_day: list[Row]) -> int:
    """Return the number that the longest bar stands for."""
    return max([1, *(max(row.yes, row.no) for row in by_day)])


def drawn(by_day: list[Row], first: date, days: int) -> Drawing:
    """Return the days as bars: yes above the line, no below it."""
    counts = {row.group: row for row in by_day}
    shown = [counts.get(f"{first + timedelta(days=place)}") for place in range(days)]
    return drawing.days([(0, 0) if row is None else (row.yes, row.no) for row in shown], _LEGEND)
