"""``/v1/me``: a person's own choices, withdrawals, opt-outs, history, receipts. Nobody needs an account (CCPA 7221)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import acting, recorded
from api.access import own_subject, requires
from api.idempotency import KEEP_CHOICE, Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.routes.choices import key_of
from api.schemas.choices import HistoryOut, OptOut, ReceiptsOut, Recorded, StandingOut, Withdrawal
from api.state import AppState, state_of
from consent import choices, signals, standing, store
from consent import recording as recording_room
from consent.asked import Asked, Circumstances
from core.database import Tx
from core.database.lane import Prefetch
from core.errors import InvalidError
from core.principal import Principal

router = APIRouter(prefix="/v1/me", tags=["me"])
Reading = Annotated[Principal, Depends(requires("choices.read.own"))]
Writing = Annotated[Principal, Depends(requires("choices.write.own"))]
ReadingReceipts = Annotated[Principal, Depends(requires("receipts.read.own"))]
_JSON = "application/json"


async def _honour(state: AppState, how: Circumstances) -> None:
    """Record what a signal has yet to set; most requests need no transaction for it."""
    if how.gpc and await state.db.read(choices.is_signal_due, state.notary, how):
        wanted = choices.prefetch(state.notary, how, ())
        await state.db.transact_prefetched(wanted, choices.honour, state.notary, how, state.clock)


@router.get("/choices", response_model=StandingOut, summary="How my choices stand")
async def my_choices(request: Request, caller: Reading) -> Response:
    """Show current choices, what each is worth, and what the gate says to each purpose. Nobody needs to be known."""
    state = state_of(request)
    gpc = signals.is_on(request.scope["headers"])
    now = state.clock.now()
    if caller.subject is None:
        nobody = await state.db.read(standing.of_nobody, state.notary, caller.tenant, now, signal=gpc)
        return Response(recorded.standing(None, nobody, gpc=gpc), media_type=_JSON)
    how = acting.own(request, caller)
    await _honour(state, how)
    found = await state.db.read(standing.now_of, state.notary, caller.tenant, how.subject.pseudonym, now)
    return Response(recorded.standing(how.subject.public_id, found, gpc=gpc), media_type=_JSON)


async def _act(
    request: Request,
    caller: Principal,
    how: Circumstances,
    act: Callable[[Tx], Awaitable[recording_room.Recorded]],
    prefetch: Prefetch,
) -> Response:
    state = state_of(request)

    async def work(tx: Tx) -> Answer:
        return Answer(200, recorded.recorded(how.subject.public_id, await act(tx), gpc=how.gpc))

    key = partial(key_of, state=state, how=how)
    return await answer(request, caller, work, key_of=key, lifetime=KEEP_CHOICE, prefetch=prefetch)


@router.post("/withdraw", response_model=Recorded, summary="Withdraw consent")
async def withdraw(request: Request, caller: Writing, body: Withdrawal, _: IdempotencyKey = None) -> Response:
    """Take back consent for a purpose, an AI system, or everything, in one step (GDPR Art. 7(3))."""
    named = body.purpose is not None or body.system is not None
    if named == bool(body.everything):
        raise InvalidError.field("/everything", "name a purpose or a system, or say everything: true")
    state, how = state_of(request), acting.own(request, caller)
    asked = [] if body.purpose is None else [Asked(body.purpose, "withdrawn")]
    if body.system is not None:
        asked.append(Asked("*", "opted_out", body.system))

    async def act(tx: Tx) -> recording_room.Recorded:
        return await choices.withdraw(tx, state.notary, how, state.clock, body.purpose, body.system)

    return await _act(request, caller, how, act, choices.prefetch(state.notary, how, asked))


@router.post("/opt-out", response_model=Recorded, summary="Opt out")
async def opt_out(request: Request, caller: Writing, body: OptOut, _: IdempotencyKey = None) -> Response:
    """Opt out of all AI, of a purpose or of an AI system; without account, identity check or reason."""
    state, how = state_of(request), acting.own(request, caller)
    asked = [Asked(body.purpose, "opted_out", body.system, jurisdiction=body.jurisdiction, reason=body.reason)]

    async def act(tx: Tx) -> recording_room.Recorded:
        return await choices.choose(tx, state.notary, how, asked, state.clock, "")

    return await _act(request, caller, how, act, choices.prefetch(state.notary, how, asked))


@router.get("/history", response_model=HistoryOut, summary="My choices so far")
async def history(request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None) -> Response:
    """List every choice ever recorded, newest first."""
    state, how = state_of(request), acting.own(request, caller)
    await _honour(state, how)
    filters = {"list": "history", "subject": how.subject.public_id}
    now: int = request.scope["candor.at"]
    before = None if cursor is None else int(state.cursors.open(cursor, caller.tenant, filters, now)[0])
    found = await state.db.read(store.history, caller.tenant, how.subject.pseudonym, before, limit + 1)
    page = state.cursors.page(found, limit, lambda event: [event.seq], caller.tenant, filters, now)
    body = recorded.page([recorded.choice(event) for event in page.items], page.next_cursor)
    return Response(body, media_type=_JSON)


@router.get("/receipts", response_model=ReceiptsOut, summary="My receipts")
async def my_receipts(
    request: Request, caller: ReadingReceipts, limit: Limit = 50, cursor: CursorText = None
) -> Response:
    """List every receipt, newest first, as it was issued."""
    state, subject = state_of(request), own_subject(caller)
    await _honour(state, acting.own(request, caller))
    filters = {"list": "receipts", "subject": subject.public_id}
    now: int = request.scope["candor.at"]
    before = None if cursor is None else int(state.cursors.open(cursor, caller.tenant, filters, now)[0])
    found = await state.db.read(store.receipts, caller.tenant, subject.pseudonym, before, limit + 1)
    page = state.cursors.page(found, limit, lambda row: [row.last_seq], caller.tenant, filters, now)
    body = recorded.page([recorded.kept_receipt(row) for row in page.items], page.next_cursor)
    return Response(body, media_type=_JSON)
