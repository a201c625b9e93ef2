"""The audit log: every entry, newest first; who looked at whom; checkpoints; the proof of each entry."""

from random import SystemRandom
from typing import Any

from starlette.responses import Response

from api.console import lists, live, rendering, views
from api.console.desk import HOME, Desk
from api.console.lists import DATES, Filled, Filter
from api.console.proof import checked, log_checked
from core import canonical
from core.clock import rfc3339
from core.database import Reader
from core.errors import NotFoundError
from ledger import listing
from ledger import service as ledger
from ledger.entries import EntryRow
from ledger.listing import Slice, Wanted

_THINGS = (
    "choice",
    "decision",
    "record",
    "records",
    "subject",
    "purpose",
    "system",
    "site",
    "key",
    "tenant",
    "override",
)
FILTERS = (
    Filter("thing", "About", "select", tuple((thing, thing.capitalize()) for thing in _THINGS)),
    Filter("kind", "Kind"),
    Filter("by", "By"),
    Filter("person", "Person"),
    *DATES,
)


class NoEntryError(NotFoundError):
    """There is no such entry within the caller's reach."""

    code = "entry-not-here"
    title = "There is no such entry."


async def _page(tx: Reader, desk: Desk, filled: Filled, before: int | None, limit: int) -> Slice:
    start, end = lists.dates(filled, desk)
    values = filled.values
    wanted = Wanted(
        kind=values["kind"] or None,
        thing=values["thing"] or None,
        by=values["by"] or None,
        subject=lists.subject_of(values["person"]),
        start_at=start,
        end_at=end,
        before=before,
    )
    return await listing.page(tx, desk.tenant, wanted, limit)


class Told(dict[str, Any]):
    """What an entry says in public; what it does not say is nothing."""

    def __missing__(self, name: str) -> None:
        return None


def told(row: EntryRow) -> Told:
    """Return what an entry says in public, ready to be shown."""
    return Told(canonical.loads(row.body)["public"])


async def listed(desk: Desk) -> Response:
    """Show the log."""

    async def work(tx: Reader) -> tuple[Slice, Any, int]:
        filled = lists.of_desk(FILTERS, desk)
        found = await _page(tx, desk, filled, lists.place(desk), lists.PAGE)
        return found, await ledger.latest_checkpoint(tx), await ledger.size(tx)

    filled = lists.of_desk(FILTERS, desk)
    found, sealed, size = await desk.state.db.read(work)
    return rendering.page(
        desk,
        "audit.html",
        heading="Audit log",
        lead="Everything with legal effect, in order, tamper-evident: nobody can change or remove an entry unseen.",
        empty_what="The log is empty.",
        empty_how="Its first entry is written with the first change, such as a site or a purpose.",
        filled=filled,
        entries=[(row, told(row)) for row in found.entries],
        count=len(found.entries),
        older=found.older,
        searched=found.searched,
        sealed=sealed,
        size=size,
        views=await views.of_page(desk),
        live=live.of_list(desk, filled.query, found.entries[0].seq if found.entries else -1),
        export=(f"{HOME}/audit/export", "ledger.export"),
    )


async def one(desk: Desk) -> Response:
    """Show one entry with its proof, checked on the spot."""
    text = desk.params["seq"]
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise NoEntryError
    row = await desk.state.db.read(ledger.entry, desk.tenant, int(text))
    outcome = await checked(desk.state, desk.tenant, row.seq)
    if desk.partial:
        return rendering.fragment(desk, "proof.html", proof=outcome, seq=row.seq)
    return rendering.page(desk, "entry.html", row=row, told=told(row), proof=outcome, seq=row.seq)


async def verify(desk: Desk) -> Response:
    """Check the log's seals, and entries taken by chance, on the spot."""
    outcome = await log_checked(desk.state, desk.tenant, SystemRandom())
    if desk.partial:
        return rendering.fragment(desk, "log_proof.html", proof=outcome)
    return rendering.page(desk, "log_proof_page.html", proof=outcome)


async def count(desk: Desk, given: dict[str, str]) -> tuple[int, bool]:
    """Return how many entries a saved view has, up to a thousand."""

    async def work(tx: Reader) -> Slice:
        return await _page(tx, desk, lists.read(FILTERS, given), None, 1000)

    found = await desk.state.db.read(work)
    return len(found.entries), found.older is None


async def newer(desk: Desk, given: dict[str, str], newest: int) -> int:
    """Return how many entries of a filter are newer than one."""
    found = await desk.state.db.read(_page, desk, lists.read(FILTERS, given), None, live.MOST)
    return sum(row.seq > newest for row in found.entries)


async def export(desk: Desk) -> Response:
    """Give a file of exactly the present filter."""
    form = await desk.form("format")
    filled = lists.read(FILTERS, form)
    found: list[EntryRow] = []
    before: int | None = None
    while True:
        part: Slice = await desk.state.db.read(_page, desk, filled, before, 2000)
        found += part.entries
        before = part.older
        if before is None or len(found) > lists.MOST_EXPORTED:
            break
    rows = [
        {
            "entry": row.seq,
            "at": rfc3339(row.at),
            "kind": row.kind,
            "person": "" if row.subject is None else f"sub_{row.subject.hex()}",
            "says": canonical.dumps(told(row)).decode(),
            "leaf": row.leaf.hex(),
        }
        for row in found[: lists.MOST_EXPORTED]
    ]
    return await lists.export(desk, "audit-log", filled, form["format"], rows, lambda: len(found) > lists.MOST_EXPORTED)


views.COUNTERS[f"{HOME}/audit"] = ("ledger.read", count)
live.NEWER[f"{HOME}/audit"] = newer
