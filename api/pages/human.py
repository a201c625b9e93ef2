"""``/t/{site}/{language}/human``: reaching a person without scripts and without an account (WCAG 2.2; F12).

What the widget does, by forms alone: one button asks. Every act is a form, every answer to one is 303 back to the page,
which shows what is so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import access, handing, showing
from api.bell import board_key
from api.pages import forms, rendering, visitors
from api.pages.arrival import Arrival, arrive
from api.pages.human_words import Tongue
from api.pages.plainly import NoSuchPageError, in_plain_words
from api.pages.words import Words
from api.strict_json import FORM, accepts
from core.clock import parse_rfc3339
from core.database import Reader
from core.errors import ConflictError, InvalidError
from handoff import asking, receipts, service, store
from handoff.asking import Asking
from handoff.rows import HandoffRow
from handoff.service import Words as Said

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public())])
_PAGE = "/t/{site}/{language}/human"
_CHOICES = {"ticket": "ticket", "callback": "callback", "keep": "keep_place"}
_ACTS = frozenset({"ask", "say", "leave", "reopen", "survey", "return-yes", "return-no", *_CHOICES})
_MARKS = {str(mark): mark for mark in range(1, 6)}
_MOST = 500


def _path(arrival: Arrival) -> str:
    return f"/t/{arrival.site.slug}/{arrival.language}/human"


async def _latest(arrival: Arrival) -> HandoffRow | None:
    if arrival.subject is None:
        return None
    rows = await arrival.state.db.read(store.of_subject, arrival.tenant, arrival.subject.pseudonym, 1)
    return rows[0] if rows else None


@router.get(_PAGE)
@in_plain_words
async def show(request: Request, site: str, language: str) -> Response:
    """Show how the visitor's latest case stands, or the button."""
    arrival = await arrive(request, site, language)
    visitors.admit(arrival.visitor, request, arrival.state, "handoffs.read")
    row = await _latest(arrival)
    case, said = None, []
    if row is not None:
        case, said = await arrival.state.db.read(_view, arrival, row), await _said(arrival, row)
    tongue = Tongue(arrival.language)
    token = visitors.form_token(arrival.state, arrival.site, arrival.visitor, "human")
    due = _plainly((case or {}).get("due_at") or "")
    shown = {
        "t": tongue,
        "path": _path(arrival),
        "token": token,
        "case": case,
        "can": {step["code"] for step in (case or {}).get("steps", ())},
        "stands": "" if case is None else tongue.standing(case, due),
        "lines": [line for one in said if (line := tongue.line(one)) is not None],
        "surveyed": row is not None and row.score is not None,
        "slots": [(slot, _plainly(slot)) for slot in (case or {}).get("slots", ())],
    }
    return rendering.page("human.html", Words("en"), 200, **shown)


def _plainly(instant: str) -> str:
    return instant[:16].replace("T", " ") + " UTC" if instant else ""


async def _view(tx: Reader, arrival: Arrival, row: HandoffRow) -> dict[str, Any]:
    return await showing.view(tx, arrival.state, row, staff=False)


async def _said(arrival: Arrival, row: HandoffRow) -> list[dict[str, Any]]:
    found, _ = await showing.events(arrival.state, row, 0, _MOST, staff=False)
    return found


@router.post(_PAGE + "/{act}")
@accepts(FORM)
@in_plain_words
async def press(request: Request, site: str, language: str, act: str) -> Response:
    """Do what a button says, and show the page again."""
    if act not in _ACTS:
        raise NoSuchPageError
    arrival = await arrive(request, site, language)
    form = await forms.fields(request, "token")
    visitors.check_form(request, arrival.state, arrival.site, arrival.visitor, "human", form["token"])
    arrival = replace(arrival, visitor=visitors.with_device(arrival.visitor, arrival.state, arrival.site))
    visitors.admit(arrival.visitor, request, arrival.state, "handoffs.ask")
    row = await _latest(arrival)
    if act == "ask":
        await _ask(arrival)
    elif row is None:
        raise NoSuchPageError
    else:
        await _act(arrival, row, act, form)
        arrival.state.bell.ring(row.id)
    arrival.state.bell.ring(board_key(arrival.tenant))
    answer = RedirectResponse(_path(arrival), 303)
    visitors.keep_device(answer, arrival.visitor, arrival.state)
    return answer


async def _ask(arrival: Arrival) -> None:
    state, by = arrival.state, arrival.visitor.principal
    wanted = Asking(
        arrival.tenant,
        access.own_subject(by),
        actor_ref=by.id,
        channel="page",
        touchpoint="page",
        language=arrival.language,
        site=arrival.site.id,
    )
    pack = await handing.pack_of(state, wanted, {})
    await state.db.transact(asking.ask, state.keyring, wanted, pack, state.clock.now())


async def _act(arrival: Arrival, row: HandoffRow, act: str, form: Mapping[str, str]) -> None:
    state, now = arrival.state, arrival.state.clock.now()
    where = (state.keyring, arrival.tenant, row.id)
    try:
        if act == "say":
            text = form.get("text", "").strip()
            if text:
                await state.db.transact(service.say, *where, Said("customer", arrival.visitor.principal.id, text), now)
        elif act == "leave":
            await state.db.transact(service.cancel, *where, arrival.visitor.principal.id, now)
        elif act == "reopen":
            await state.db.transact(service.reopen, *where, "customer", arrival.visitor.principal.id, now)
        elif act == "survey":
            human, ai = _MARKS.get(form.get("human", "")), _MARKS.get(form.get("ai", ""))
            if human is not None:
                await state.db.transact(service.survey, *where, human, ai, None, now)
        elif act in _CHOICES:
            slot = _slot(form, now) if act == "callback" else None
            await state.db.transact(service.choose, *where, _CHOICES[act], slot, now)
        else:
            await state.db.transact(service.answer_return, *where, agreed=act == "return-yes", now=now)
    except ConflictError:
        return  # things have moved on meanwhile: the page shows how they are


def _slot(form: Mapping[str, str], now: int) -> int:
    try:
        slot = parse_rfc3339(form.get("slot", ""))
    except ValueError as error:
        raise InvalidError.field("/slot", str(error)) from error
    if slot <= now:
        raise InvalidError.field("/slot", "this time has passed")
    return slot


@router.get(_PAGE + "/record")
@in_plain_words
async def record(request: Request, site: str, language: str) -> Response:
    """Download the signed record of the latest conversation."""
    arrival = await arrive(request, site, language)
    visitors.admit(arrival.visitor, request, arrival.state, "handoffs.read")
    row = await _latest(arrival)
    if row is None:
        raise NoSuchPageError
    state = arrival.state
    said = [
        {name: one[name] for name in ("seq", "kind", "actor", "name", "at", "text")}
        for one in await _said(arrival, row)
    ]
    made = receipts.document(row, said, state.settings.controller.name)
    signed = receipts.sign(made, state.keyring.signing("receipt"), state.clock.now())
    headers = {"Content-Disposition": f'attachment; filename="handoff-{row.reference}.json"'}
    body = showing.dumped({"document": made, "jws": signed})
    return Response(body, headers=headers, media_type="application/json")
