"""What is wrong now and what is due: each a sentence and where to look. Every question is bounded work, at any size."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

from api.console import waiting
from api.console.desk import HOME, Desk
from consent import store as choices
from consent.propagation import store as propagation
from consent.purposes import service as purposes
from core import queue
from core.clock import DAY, MICROS
from core.database import Reader
from disclosures import service as register
from disclosures.packs import differences
from disclosures.resolution import legal_day
from disclosures.reviews import store as reviews
from disclosures.showings import tallies as told
from explanations import listing as decisions
from explanations.kept import guard
from explanations.requests import board
from explanations.requests.board import Filter
from ledger import service as ledger
from oversight import store as oversight
from oversight import tallies

_MOST = 500
_MANY = 100
_ENDING_MOST = 1000
_LATE = 10 * MICROS
_WEEK = 7 * DAY


class Thing(NamedTuple):
    """Something wrong or due: its shape, a sentence, and where to look."""

    shape: str
    text: str
    link: str | None


Question = Callable[[Reader, Desk], Awaitable[list[Thing]]]


def _so_many(number: int, one: str, more: str, most: int = _MANY) -> str:
    """Return ``1 answer is`` or ``7 answers are``; a count that was stopped says so."""
    shown = f"{number:,}" if number < most else f"{most:,} or more"
    return f"{shown} {one if number == 1 else more}"


async def _unsealed(tx: Reader, desk: Desk) -> list[Thing]:
    sealed = await ledger.latest_checkpoint(tx)
    behind = await ledger.entries(tx, -1 if sealed is None else sealed.size - 1, 1)
    if not behind or desk.now - behind[0].at <= _LATE:
        return []
    return [Thing("wrong", "The log has entries that no checkpoint seals.", f"{HOME}/audit")]


async def _stopped(tx: Reader, desk: Desk) -> list[Thing]:
    found = len(await guard.waiting(tx, desk.tenant, _MOST))
    many = _so_many(found, "explanation was", "explanations were", _MOST)
    text = f"{many} stopped: a protected trait is among the reasons."
    return [Thing("wrong", text, f"{HOME}/stopped")] if found else []


async def _unpublished(tx: Reader, desk: Desk) -> list[Thing]:
    known = await purposes.listed(tx, desk.tenant, "", _MOST)
    live = {view.purpose.key for view in known if view.published is not None and view.purpose.retired_at is None}
    found = []
    for system in await register.listed(tx, desk.tenant, "", _MOST):
        lacking = [key for key in system.document.purposes if key not in live]
        if lacking and system.system.retired_at is None:
            text = f"{system.document.name} serves purposes that are not published: {', '.join(lacking)}."
            found.append(Thing("wrong", text, f"{HOME}/systems/{system.system.key}"))
    return found


async def _overdue(tx: Reader, desk: Desk) -> list[Thing]:
    found = len(await board.page(tx, desk.tenant, Filter(overdue=True), None, _MANY, desk.now))
    text = f"{_so_many(found, 'answer is', 'answers are')} late."
    return [Thing("wrong", text, f"{HOME}/requests?due=late")] if found else []


async def _untold(tx: Reader, desk: Desk) -> list[Thing]:
    first = tallies.day_of(desk.now - 6 * DAY)
    gaps = sum(one.number for one in await told.by(tx, desk.tenant, "day", first, "9999") if one.event == "gap")
    text = f"The AI was not named in time in {gaps:,} conversation{'s' if gaps > 1 else ''} of the last 7 days."
    return [Thing("wrong", text, f"{HOME}/told")] if gaps else []


async def _despite_a_no(tx: Reader, desk: Desk) -> list[Thing]:
    used = await decisions.page(tx, desk.tenant, {"allowed": False}, _MANY, start_at=desk.now - _WEEK)
    many = _so_many(len(used.decisions), "decision", "decisions")
    text = f"{many} of the last 7 days used somebody although the gate did not allow it."
    return [Thing("wrong", text, f"{HOME}/decisions?gate=no")] if used.decisions else []


async def _unconfirmed(tx: Reader, desk: Desk) -> list[Thing]:
    found = await propagation.standing(tx, desk.tenant, _MANY)
    link, things = f"{HOME}/propagation", []
    if found.overdue:
        many = _so_many(found.overdue, "message to a recipient was", "messages to recipients were")
        text = f"{many} not acknowledged within 15 business days of a no."
        things.append(Thing("wrong", text, f"{link}?state=overdue"))
    if found.given_up:
        many = _so_many(found.given_up, "message to a recipient was", "messages to recipients were")
        things.append(Thing("wrong", f"{many} given up: send them again.", f"{link}?state=given_up"))
    return things


async def _given_up(tx: Reader, desk: Desk) -> list[Thing]:
    dead = sum(number for _, state, number, _ in await queue.counts(tx) if state == queue.State.DEAD)
    link = f"{HOME}/jobs" if desk.may("jobs.read") else None
    many = _so_many(dead, "background job", "background jobs", _MOST)
    return [Thing("wrong", f"{many} gave up.", link)] if dead else []


async def _second_person(tx: Reader, desk: Desk) -> list[Thing]:
    erasures = [row for row in await oversight.requests(tx, desk.tenant, 100) if row.approved_at is None]
    many = len(erasures) + len(await waiting.found(tx, desk))
    link = f"{HOME}/approvals" if desk.may("subjects.erase") else None
    text = f"{_so_many(many, 'thing waits', 'things wait', _MOST)} for a second person."
    return [Thing("open", text, link)] if many else []


async def _soon(tx: Reader, desk: Desk) -> list[Thing]:
    week = Filter(due_before=desk.now + _WEEK)
    found = len(await board.page(tx, desk.tenant, week, (desk.now, ""), _MANY, desk.now))
    text = f"{_so_many(found, 'answer is', 'answers are')} due within a week."
    return [Thing("open", text, f"{HOME}/requests?due=week")] if found else []


async def _ending(tx: Reader, desk: Desk) -> list[Thing]:
    found = await choices.ending(tx, desk.tenant, desk.now, desk.now + 30 * DAY, _ENDING_MOST)
    text = f"{_so_many(found, 'consent ends', 'consents end', _ENDING_MOST)} within 30 days."
    return [Thing("open", text, f"{HOME}/records?state=given")] if found else []


async def _drafts(tx: Reader, desk: Desk) -> list[Thing]:
    keys = [view.purpose.key for view in await purposes.listed(tx, desk.tenant, "", _MOST) if view.draft is not None]
    return [Thing("open", f"{key} has a draft that is not published.", f"{HOME}/purposes/{key}") for key in keys]


async def _vendors(tx: Reader, desk: Desk) -> list[Thing]:
    found = await reviews.number_open(tx, desk.tenant, _MANY)
    text = f"{_so_many(found, 'review waits', 'reviews wait')} for an answer: a vendor has changed its AI."
    return [Thing("open", text, f"{HOME}/vendor-changes")] if found else []


async def _laws(tx: Reader, desk: Desk) -> list[Thing]:  # noqa: ARG001 -- asked as every other question is
    today = legal_day(desk.now)
    turns = differences.between(desk.state.packs, today, today + timedelta(days=90))
    if not turns:
        return []
    text = f"{len(turns)} rules of law begin or end within 90 days, the first on {turns[0].on:%-d %b %Y}."
    return [Thing("open", text, f"{HOME}/packs")]


_WRONG: tuple[Question, ...] = (
    _unsealed,
    _despite_a_no,
    _overdue,
    _unconfirmed,
    _stopped,
    _untold,
    _unpublished,
    _given_up,
)
_DUE: tuple[Question, ...] = (_second_person, _soon, _ending, _drafts, _vendors, _laws)


async def wrong(tx: Reader, desk: Desk) -> list[Thing]:
    """Return what is wrong now, the gravest first."""
    return [thing for question in _WRONG for thing in await question(tx, desk)]


async def due(tx: Reader, desk: Desk) -> list[Thing]:
    """Return what is due, what waits for people first."""
    return [thing for question in _DUE for thing in await question(tx, desk)]
