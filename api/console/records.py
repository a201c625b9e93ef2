"""Consent records: every choice anybody made, by pseudonym; opt-outs; one record with the text shown and its proof."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.console import lists, live, rendering, views, wording
from api.console.desk import HOME, Desk
from api.console.lists import DATES, Filled, Filter
from api.console.people import reading
from api.console.proof import checked
from api.console.shown import text_shown
from api.console.telling import propagation
from api.console.telling.propagation import Told
from api.console.wording import STATES
from consent import listing, store
from consent.listing import Slice, Span
from consent.purposes import service as purposes
from consent.store import Happened
from core.clock import rfc3339
from core.database import Reader
from core.errors import NotFoundError

_NO = ("no", "Any no")
_MOST_PURPOSES = 200


class RecordNotFoundError(NotFoundError):
    """There is no such record within the caller's reach."""

    code = "record-not-found"
    title = "There is no such record."


def _words(*keys: str) -> tuple[tuple[str, str], ...]:
    return tuple((key, wording.word(key)) for key in keys)


async def _filters(tx: Reader, tenant: str) -> tuple[Filter, ...]:
    known = await purposes.listed(tx, tenant, "", _MOST_PURPOSES)
    return (
        Filter("purpose", "Purpose", "select", (*((v.purpose.key, v.purpose.key) for v in known), ("*", "all AI"))),
        Filter("state", "State", "select", (_NO, *STATES.items())),
        Filter("actor", "By", "select", _words("subject", "guardian", "agent", "staff", "signal", "system")),
        Filter("channel", "Channel"),
        Filter("notice_version", "Text version"),
        Filter("person", "Person"),
        *DATES,
    )


def _narrowing(filled: Filled) -> dict[str, Any]:
    values = {name: filled.values[name] for name in ("purpose", "state", "actor", "channel", "notice_version")}
    found: dict[str, Any] = {name: value for name, value in values.items() if value}
    if found.get("state") == "no":
        found = {**{name: value for name, value in found.items() if name != "state"}, "no": True}
    subject = lists.subject_of(filled.values["person"])
    return found if subject is None else {**found, "subject": subject}


async def _page(tx: Reader, desk: Desk, filled: Filled, before: int | None, limit: int) -> Slice:
    start, end = lists.dates(filled, desk)
    return await listing.page(tx, desk.tenant, _narrowing(filled), Span(start, end, before), limit)


async def listed(desk: Desk) -> Response:
    """Show consent records, newest first."""
    return await _list(desk, "records.html", "Consent records", {})


async def opt_outs(desk: Desk) -> Response:
    """Show every no: refused, withdrawn, objected, restricted, opted out."""
    return await _list(desk, "records.html", "Opt-outs and objections", {"state": "no"})


async def _list(desk: Desk, template: str, heading: str, fixed: Mapping[str, str]) -> Response:
    async def work(tx: Reader) -> tuple[Filled, Slice]:
        filters = await _filters(tx, desk.tenant)
        shown = tuple(one for one in filters if one.name not in fixed)
        filled = lists.of_desk(shown, desk)
        whole = Filled(filters, {**filled.values, **fixed})
        return filled, await _page(tx, desk, whole, lists.place(desk), lists.PAGE)

    filled, found = await desk.state.db.read(work)
    return rendering.page(
        desk,
        template,
        heading=heading,
        lead=_LEADS[bool(fixed)],
        empty_what=_EMPTY[bool(fixed)][0],
        empty_how=_EMPTY[bool(fixed)][1],
        filled=filled,
        events=found.events,
        count=len(found.events),
        older=found.older,
        searched=found.searched,
        views=await views.of_page(desk),
        live=live.of_list(desk, filled.query, found.events[0].seq if found.events else -1),
        export=(f"{desk.path}/export", "choices.export"),
        tabs=propagation.TABS if fixed and desk.may("propagation.list") else (),
    )


_LEADS = {
    False: "Every choice as it was made: who, about what, by which text. People appear by pseudonym.",
    True: "Every no that binds: refused, withdrawn, objected, restricted, opted out; by hand or by signal.",
}
_EMPTY = {
    False: (
        "No choice is on record yet.",
        "It appears here as soon as somebody chooses on a site, or a back-end posts to /v1/choices.",
    ),
    True: (
        "Nobody has said no yet.",
        "Refusals, withdrawals, objections and signals appear here the moment they bind the gate.",
    ),
}


async def count(desk: Desk, given: dict[str, str]) -> tuple[int, bool]:
    """Return how many records a saved view has among the newest, and whether these are all."""
    return await _count(desk, given, {})


async def count_opt_outs(desk: Desk, given: dict[str, str]) -> tuple[int, bool]:
    """Return the same for opt-outs."""
    return await _count(desk, given, {"state": "no"})


async def newer(desk: Desk, given: dict[str, str], newest: int) -> int:
    """Return how many records of a filter are newer than one."""
    return await _newer(desk, given, newest)


async def newer_opt_outs(desk: Desk, given: dict[str, str], newest: int) -> int:
    """Return the same for opt-outs."""
    return await _newer(desk, {**given, "state": "no"}, newest)


async def _newer(desk: Desk, given: dict[str, str], newest: int) -> int:
    async def work(tx: Reader) -> int:
        found = await _page(tx, desk, lists.read(await _filters(tx, desk.tenant), given), None, live.MOST)
        return sum(event.seq > newest for event in found.events)

    return await desk.state.db.read(work)


async def _count(desk: Desk, given: dict[str, str], fixed: dict[str, str]) -> tuple[int, bool]:
    async def work(tx: Reader) -> tuple[int, bool]:
        filled = lists.read(await _filters(tx, desk.tenant), {**given, **fixed})
        start, end = lists.dates(filled, desk)
        return await listing.count(tx, desk.tenant, _narrowing(filled), Span(start, end))

    return await desk.state.db.read(work)


async def export(desk: Desk) -> Response:
    """Give a file of exactly the present filter."""
    return await _export(desk, "consent-records", {})


async def export_opt_outs(desk: Desk) -> Response:
    """Give a file of the opt-outs as they are filtered."""
    return await _export(desk, "opt-outs", {"state": "no"})


async def _export(desk: Desk, what: str, fixed: dict[str, str]) -> Response:
    form = await desk.form("format")
    filled = lists.read(await desk.state.db.read(_filters, desk.tenant), {**form, **fixed})
    found: list[Happened] = []
    before: int | None = None
    while True:
        part: Slice = await desk.state.db.read(_page, desk, filled, before, 2000)
        found += part.events
        before = part.older
        if before is None or len(found) > lists.MOST_EXPORTED:
            break
    rows = [_row(event) for event in found[: lists.MOST_EXPORTED]]
    return await lists.export(desk, what, filled, form["format"], rows, lambda: len(found) > lists.MOST_EXPORTED)


def _row(event: Happened) -> dict[str, Any]:
    return {
        "entry": event.seq,
        "choice": event.id,
        "person": f"sub_{event.subject.hex()}",
        "purpose": event.purpose,
        "purpose_version": event.purpose_version,
        "system": event.system,
        "state": event.state,
        "actor": event.actor,
        "method": event.method,
        "channel": event.channel,
        "site": event.site or "",
        "notice_version": event.notice_version or "",
        "notice_hash": event.notice_hash or "",
        "locale": event.locale or "",
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(event.recorded_at),
        "receipt": event.receipt or "",
    }


async def _event(tx: Reader, tenant: str, text: str) -> Happened:
    seq = int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else -1
    found = [event for event in await store.events_of(tx, [seq]) if event.tenant == tenant]
    if not found:
        raise RecordNotFoundError
    return found[0]


async def one(desk: Desk) -> Response:
    """Show one record: its life, the exact text shown, the proof."""
    event = await desk.state.db.read(_event, desk.tenant, desk.params["seq"])

    async def show(reason: str) -> Response:
        async def work(tx: Reader) -> tuple[list[Happened], Any, list[Told]]:
            narrowed = {"subject": event.subject, "purpose": event.purpose, "system": event.system}
            life = await listing.page(tx, desk.tenant, narrowed, Span(), 20)
            return life.events, await text_shown(tx, event), await propagation.of_record(tx, desk.tenant, event.seq)

        life, text, told = await desk.state.db.read(work)
        person = f"sub_{event.subject.hex()}"
        facts = {"event": event, "life": life, "text": text, "person": person, "reason": reason}
        facts |= {"told": told, "stages": propagation.STAGES}
        return rendering.page(desk, "record.html", **facts, proof=await checked(desk.state, desk.tenant, event.seq))

    return await reading(desk, event.subject, "consent record", show, event.seq)


async def proof(desk: Desk) -> Response:
    """Check the proof of one record again, now; a part of the page for a script, else the whole."""
    event = await desk.state.db.read(_event, desk.tenant, desk.params["seq"])
    outcome = await checked(desk.state, desk.tenant, event.seq)
    if desk.partial:
        return rendering.fragment(desk, "proof.html", proof=outcome, seq=event.seq)
    return rendering.page(desk, "proof_page.html", proof=outcome, seq=event.seq)


views.COUNTERS[f"{HOME}/records"] = ("choices.list", count)
views.COUNTERS[f"{HOME}/opt-outs"] = ("choices.list", count_opt_outs)
live.NEWER[f"{HOME}/records"] = newer
live.NEWER[f"{HOME}/opt-outs"] = newer_opt_outs
