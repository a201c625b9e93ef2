"""What a period came to, in numbers that a DPO hands to management or an authority (GDPR 5(2), 31; ISO 42001 A.8.3).

Every part is a table; every number is counted from records that the log holds, by the same verbs as the pages'. Nobody
can be told from it: there are sums only, and groups of fewer than five conversations are left out (GOV-07).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from consent.lifecycle import NO, YES
from core.clock import MICROS
from core.database import Reader
from disclosures.showings import tallies as told
from explanations.requests import board
from explanations.requests.board import Figures
from handoff import counting
from ledger import service as ledger
from oversight import store, tallies
from oversight.tallies import Figure

Value = int | float | str | None
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_ERASURES = 10_000
_FEWEST = 5


class Table(NamedTuple):
    """A part of a report: what it is about, what each column holds, its rows; the first column names the row."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: list[tuple[Value, ...]]


class Period(NamedTuple):
    """UTC days, both included."""

    first: date
    last: date

    @property
    def start(self) -> int:
        """Return the first instant, microseconds."""
        return _instant(self.first)

    @property
    def end(self) -> int:
        """Return the first instant after it."""
        return _instant(self.last + timedelta(days=1))

    @property
    def span(self) -> tuple[str, str]:
        """Return both days as the tallies name them."""
        return f"{self.first}", f"{self.last}"


def _instant(day: date) -> int:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int((at - _EPOCH) / timedelta(seconds=1)) * MICROS


async def of_period(tx: Reader, tenant: str, period: Period, quick_seconds: int, least_reviews: int) -> list[Table]:
    """Return every table of a period."""
    cases = await board.figures(tx, tenant, period.start, period.end, quick_seconds, least_reviews)
    return [
        _chosen("purpose", await tallies.by(tx, tenant, "purpose", *period.span)),
        _chosen("text", await tallies.by(tx, tenant, "notice_version", *period.span)),
        await _shown(tx, tenant, period),
        _answered(cases),
        _reviewed(cases),
        await _handed_over(tx, tenant, period),
        await _on_record(tx, tenant, period),
    ]


def _chosen(group: str, figures: Iterable[Figure]) -> Table:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for figure in figures:
        counts = found[figure.group]
        counts[0] += figure.number if figure.state in YES else 0
        counts[1] += figure.number if figure.state in NO else 0
        counts[2] += figure.number if figure.state in NO and figure.actor == "signal" else 0
        counts[3] += figure.number if figure.state == "withdrawn" else 0
        counts[4] += figure.number if figure.state == "opt_out_reversed" else 0
    heads = (group.capitalize(), "Yes", "No", "of these by signal", "of these withdrawn", "Opt-outs taken back")
    rows: list[tuple[Value, ...]] = [
        ({"*": "all AI", "": "none named"}.get(name, name), *counts) for name, counts in sorted(found.items())
    ]
    return Table(f"choices-by-{group}", f"What people chose, by {group}", heads, rows)


async def _shown(tx: Reader, tenant: str, period: Period) -> Table:
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"shown": 0, "late": 0, "gap": 0})
    for count in await told.by(tx, tenant, "notice", *period.span):
        found[count.group][count.event] += count.number
    rows: list[tuple[Value, ...]] = [
        (group.strip() or "no notice", one["shown"] + one["late"], one["late"], one["gap"])
        for group, one in sorted(found.items())
    ]
    heads = ("Notice", "Shown", "of these late", "Conversations not told in time")
    return Table("told", "What people were told", heads, rows)


def _answered(cases: Figures) -> Table:
    late = cases.answered - cases.on_time
    rows: list[tuple[Value, ...]] = [
        ("requests received", cases.received),
        ("of these answered", cases.answered),
        ("answered on time", cases.on_time),
        ("answered late", late),
        ("days to an answer, the middle one", cases.median_days),
    ]
    return Table("requests", "Requests for an explanation, and complaints", ("Measure", "Value"), rows)


def _reviewed(cases: Figures) -> Table:
    rows: list[tuple[Value, ...]] = [(one.model, one.reviews, one.overturned) for one in cases.models]
    return Table("reviews", "Reviews by a person, by model", ("Model", "Reviews", "Overturned"), rows)


async def _handed_over(tx: Reader, tenant: str, period: Period) -> Table:
    found = await counting.report(tx, tenant, period.start, period.end)
    quality = found["quality"]
    rows: list[tuple[Value, ...]] = [
        ("conversations that asked for a person", quality["requests"]),
        ("asked again, per case", quality["reasked_per_case"]),
        ("passed on, per case", quality["transfers_per_case"]),
        ("share of outcomes that changed what was decided", quality["overturned"]),
    ]
    for one in found["touchpoints"]:
        if one["requests"] >= _FEWEST:
            name = one["touchpoint"] or "everywhere else"
            rows.append((f"{name}: wait for a person, p50, seconds", one["wait_p50_seconds"]))
            rows.append((f"{name}: wait for a person, p95, seconds", one["wait_p95_seconds"]))
    return Table("people", "Reaching a person", ("Measure", "Value"), rows)


async def _on_record(tx: Reader, tenant: str, period: Period) -> Table:
    asked = await store.requests(tx, tenant, _MOST_ERASURES)
    done = [row for row in asked if row.approved_at is not None and period.start <= row.approved_at < period.end]
    sealed = await ledger.latest_checkpoint(tx)
    rows: list[tuple[Value, ...]] = [
        ("people erased", len(done)),
        ("erasures that wait for a second person", sum(row.approved_at is None for row in asked)),
        ("entries in the log, today", await ledger.size(tx)),
        ("entries sealed by the newest checkpoint", 0 if sealed is None else sealed.size),
        ("root of the newest checkpoint", None if sealed is None else sealed.root.hex()),
    ]
    return Table("record", "The record itself", ("Measure", "Value"), rows)
