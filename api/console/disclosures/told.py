"""What people were told and when: showings counted by day, notice, language and touchpoint; and every gap (DIS-04)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.console import drawing, lists, people, rendering
from api.console.desk import HOME, Desk
from api.console.page import Page
from consent import standing
from core.database import Reader
from core.errors import InvalidError
from disclosures.resolution import legal_day
from disclosures.showings import store, tallies
from disclosures.showings.tallies import Count
from disclosures.tables import Showing

_PERIODS: Final = {"7": 7, "30": 30, "90": 90, "365": 365}
_LEGEND: Final = (("yes", "shown, above the line"), ("no", "gaps, below it"))
_GROUPS: Final = (("notice", "Notice and version"), ("lang", "Language"), ("touchpoint", "Touchpoint"))


class Told(NamedTuple):
    """How often people were shown something, how often late, and in how many conversations not in time."""

    group: str
    shown: int
    late: int
    gaps: int


def rows(counts: Iterable[Count]) -> list[Told]:
    """Add counts up by their group; what was shown late counts as shown too."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"shown": 0, "late": 0, "gap": 0})
    for count in counts:
        found[count.group][count.event] += count.number
    return [
        Told(group, one["shown"] + one["late"], one["late"], one["gap"])
        for group, one in sorted(found.items())
        if group.strip() not in {"", "0"}
    ]


async def report(desk: Desk) -> Response:
    """Show the figures of a period as a picture and as tables, and a page of gaps, the newest first."""
    asked, today = _PERIODS.get(desk.query("days"), 0), legal_day(desk.now)
    before = lists.place(desk) or store.END
    while await desk.state.db.transact(tallies.catch_up):  # a job counts too; this brings the last seconds in
        pass

    async def work(tx: Reader) -> dict[str, Any]:
        days = asked or await _period(tx, desk.tenant, today)
        span = (f"{_first(today, days)}", f"{today}")
        gaps = await store.gaps(tx, desk.tenant, before, lists.PAGE + 1)
        return {
            "days": days,
            "by_day": rows(await tallies.by(tx, desk.tenant, "day", *span)),
            "groups": [(title, rows(await tallies.by(tx, desk.tenant, column, *span))) for column, title in _GROUPS],
            "gaps": gaps[: lists.PAGE],
            "older": gaps[lists.PAGE - 1].seq if len(gaps) > lists.PAGE else None,
        }

    facts = await desk.state.db.read(work)
    first = _first(today, facts["days"])
    total = Told("", *(sum(row[place] for row in facts["by_day"]) for place in range(1, 4)))
    return rendering.page(
        desk,
        "disclosures/told.html",
        **facts,
        total=total,
        picture=_picture(facts["by_day"], first, facts["days"]),
        first=first,
        today=today,
        periods=_PERIODS,
    )


def _first(today: date, days: int) -> date:
    return today - timedelta(days=days - 1)


async def _period(tx: Reader, tenant: str, today: date) -> int:
    """Return a month, or a year where nothing was shown within the month."""
    recent = await tallies.by(tx, tenant, "day", f"{_first(today, 30)}", f"{today}")
    return 30 if recent else 365


def _picture(by_day: Iterable[Told], first: date, days: int) -> drawing.Drawing:
    counts = {row.group: row for row in by_day}
    none = Told("", 0, 0, 0)
    found = [counts.get(f"{first + timedelta(days=place)}", none) for place in range(days)]
    return drawing.days([(row.shown, row.gaps) for row in found], _LEGEND)


async def conversation(desk: Desk) -> Response:
    """Show what was shown in one conversation or session, and when its AI first spoke."""
    by, value = desk.query("by") or "conversation", desk.query("id")
    if by not in store.FILTERS:
        raise InvalidError.field("?by", "not one of the choices")

    async def work(tx: Reader) -> tuple[list[Showing], Any]:
        shown = await store.showings(tx, desk.tenant, by, value, limit=lists.PAGE) if value else []
        return shown, await store.speaker(tx, desk.tenant, value) if by == "conversation" and value else None

    shown, speaker = await desk.state.db.read(work)
    return rendering.page(
        desk, "disclosures/shown.html", by=by, value=value, shown=shown, speaker=speaker, filters=store.FILTERS
    )


async def person(desk: Desk) -> Response:
    """Show which notices a person was shown, in which version and language, and when."""
    pseudonym = lists.subject_of(desk.params["subject"]) or b""
    before = lists.place(desk) or store.END

    async def show(reason: str) -> Response:
        found = await desk.state.db.read(store.showings, desk.tenant, "subject", pseudonym, before, lists.PAGE + 1)
        return rendering.page(
            desk,
            "disclosures/person.html",
            person=f"sub_{pseudonym.hex()}",
            reason=reason,
            shown=found[: lists.PAGE],
            older=found[lists.PAGE - 1].seq if len(found) > lists.PAGE else None,
        )

    await desk.state.db.read(standing.must_be_known, desk.tenant, pseudonym)
    return await people.reading(desk, pseudonym, "notices shown", show)


PAGES: Final = (
    Page("GET", f"{HOME}/people/{{subject}}/shown", "showings.read", person),
    Page("GET", f"{HOME}/told", "figures.read", report),
    Page("GET", f"{HOME}/told/proof", "showings.read", conversation),
)
