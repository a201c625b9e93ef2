"""``/v1/handoffs``: asking for a person, and what the customer does from there to the end; see docs/handoff.md."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import Response

from api import acting, handing, showing, streams
from api.access import own_subject, requires
from api.bell import board_key
from api.idempotency import Answer, IdempotencyKey, answer
from api.reaching import is_staff, reached
from api.schemas.handoffs import (
    ChooseIn,
    EventOut,
    EventsOut,
    HandoffIn,
    HandoffOut,
    HandoffsOut,
    MessageIn,
    RecordOut,
    ReturnIn,
    SurveyIn,
    TypingIn,
)
from api.state import AppState, state_of
from core import subjects
from core.clock import parse_rfc3339
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Principal, Role, Subject
from handoff import asking, receipts, service, store
from handoff.asking import Asking
from handoff.cases import Case
from handoff.rows import HandoffRow
from handoff.service import Words
from handoff.triggers import PRIORITY

router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])
Asks = Annotated[Principal, Depends(requires("handoffs.ask"))]
Reads = Annotated[Principal, Depends(requires("handoffs.read"))]
Speaks = Annotated[Principal, Depends(requires("handoffs.speak"))]
HandoffId = Annotated[str, Path(pattern=r"^hnd_[0-9a-f]{32}$")]
After = Annotated[int, Query(ge=0, le=10**12, description="The last sequence number you have.")]
Wait = Annotated[int, Query(ge=0, le=25, description="Seconds to wait for news (long poll).")]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=20, description="Where a stream goes on.")]
_JSON = "application/json"
_FOR_BACK_ENDS = ("subject", "space", "skills", "why")


def instant(text: str | None, pointer: str) -> int | None:
    """Read an instant of a body. Raises ``InvalidError``."""
    if text is None:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        raise InvalidError.field(pointer, str(error)) from error


def _whose(request: Request, by: Principal, body: HandoffIn) -> Subject:
    if not acting.is_browser(by):
        if body.subject is None:
            raise InvalidError.field("/subject", "whose request?")
        return acting.named(request, by.tenant, body.space or "customer", body.subject)
    for name in _FOR_BACK_ENDS:
        if name in body.model_fields_set:
            raise InvalidError.field(f"/{name}", "a browser asks for itself: leave it out")
    return own_subject(by)


def _asking(request: Request, by: Principal, body: HandoffIn) -> Asking:
    subject = _whose(request, by, body)
    slot = instant(body.slot, "/slot")
    if body.mode == "callback" and slot is None:
        raise InvalidError.field("/slot", "when shall we call? take one of the slots of the queue's availability")
    why = {} if body.why is None else body.why.model_dump(exclude_none=True)
    trigger, rule = why.pop("trigger", "explicit"), why.pop("rule", "asked/1")
    return Asking(
        by.tenant,
        subject,
        actor="customer" if trigger == "explicit" else "system",
        actor_ref=by.id,
        conversation=body.conversation or "",
        mode=body.mode,
        slot=slot if body.mode == "callback" else None,
        touchpoint=body.touchpoint,
        language=body.language,
        jurisdiction=body.jurisdiction,
        site=by.site,
        system=body.system,
        decision=body.decision,
        rule=rule,
        trigger=trigger,
        because=why,
        queue=body.queue,
        skills=tuple(body.skills),
        priority=PRIORITY.get(trigger, 0),
    )


@router.post(
    "",
    status_code=201,
    response_model=HandoffOut,
    responses={200: {"model": HandoffOut, "description": "One is open in this conversation: that one."}},
    summary="Ask for a person",
)
async def create(request: Request, by: Asks, body: HandoffIn, _: IdempotencyKey = None) -> Response:
    """Ask for a human: `{}` is enough, and it is never refused. Asked again, the open handoff is the answer."""
    state = state_of(request)
    wanted = _asking(request, by, body)
    pack = await handing.pack_of(state, wanted, {"needs": body.needs} if body.needs else {})
    changed: list[str] = []

    async def work(tx: Tx) -> Answer:
        case, fresh = await asking.ask(tx, state.keyring, wanted, pack, state.clock.now())
        if body.message is not None and fresh:
            words = Words("customer", by.id, body.message)
            case, _, _ = await service.say(tx, state.keyring, by.tenant, case.row.id, words, state.clock.now())
        changed[:] = [case.row.id]
        made = await showing.view(tx, state, case.row, staff=is_staff(by))
        headers = (("Location", f"/v1/handoffs/{case.row.id}"),)
        return Answer(201 if fresh else 200, showing.dumped(made), headers)

    async def key_of(tx: Tx) -> bytes | None:
        return await subjects.known_key(tx, state.keyring, by.tenant, wanted.subject.pseudonym)

    response = await answer(request, by, work, key_of=key_of)
    rung(state, by.tenant, *changed)
    return response


def rung(state: AppState, tenant: str, *handoffs: str) -> None:
    """Wake whoever listens to these handoffs, and the tenant's agents."""
    for one in handoffs:
        state.bell.ring(one)
    state.bell.ring(board_key(tenant))


async def done(request: Request, by: Principal, handoff_id: str, act: Callable[[Tx, int], Awaitable[Case]]) -> Response:
    """Run a verb on a reachable handoff and answer how it stands then."""
    state = state_of(request)
    await reached(state, by, handoff_id)

    async def work(tx: Tx) -> dict[str, Any]:
        case = await act(tx, state.clock.now())
        row = await store.handoff(tx, by.tenant, case.row.id)
        return await showing.view(tx, state, row or case.row, staff=is_staff(by))

    made = await state.db.transact(work)
    rung(state, by.tenant, handoff_id)
    return Response(showing.dumped(made), media_type=_JSON)


@router.get("", response_model=HandoffsOut, summary="My handoffs")
async def own(request: Request, by: Reads) -> Response:
    """List a browser's own handoffs, newest first; agents have `/v1/agents/me/cases`."""
    state = state_of(request)
    subject = own_subject(by)

    async def work(tx: Reader) -> list[dict[str, Any]]:
        rows = await store.of_subject(tx, by.tenant, subject.pseudonym)
        return [await showing.view(tx, state, row, staff=False) for row in rows]

    found = await state.db.read(work)
    return Response(showing.dumped({"items": found, "next_cursor": None}), media_type=_JSON)


@router.get("/{handoff_id}", response_model=HandoffOut, summary="How a handoff stands")
async def read(request: Request, handoff_id: HandoffId, by: Reads) -> Response:
    """Tell state, place, wait and what the customer can do next."""
    state = state_of(request)
    row = await reached(state, by, handoff_id)
    made = await state.db.read(showing.view, state, row, staff=is_staff(by))
    return Response(showing.dumped(made), media_type=_JSON)


@router.get("/{handoff_id}/events", response_model=EventsOut, summary="What happened, as it happens")
async def events(
    request: Request, handoff_id: HandoffId, by: Reads, after: After = 0, wait: Wait = 0, _: LastEventId = None
) -> Response:
    """Return events after a number. `Accept: text/event-stream` streams them; `wait` polls for up to 25 s.

    Customers and back-ends never see what is internal.
    """
    state = state_of(request)
    row = await reached(state, by, handoff_id)
    after = streams.resume_at(request, after)
    if streams.wanted(request):
        return streams.stream(state, row, after, staff=is_staff(by))
    made = await streams.poll(state, row, after, wait, staff=is_staff(by))
    return Response(showing.dumped(made), media_type=_JSON)


_SAID: dict[int | str, dict[str, Any]] = {200: {"model": EventOut, "description": "It was said before under this key."}}


@router.post(
    "/{handoff_id}/messages", status_code=201, response_model=EventOut, responses=_SAID, summary="Say something"
)
async def say(
    request: Request, handoff_id: HandoffId, by: Speaks, body: MessageIn, key: IdempotencyKey = None
) -> Response:
    """Say something, once for each `Idempotency-Key`. An agent's `internal` words are a note for colleagues."""
    state = state_of(request)
    await reached(state, by, handoff_id)
    is_agent = by.role is Role.AGENT
    if body.internal and not is_agent:
        raise InvalidError.field("/internal", "only agents write notes")
    words = Words("agent" if is_agent else "customer", by.id, body.text, key, body.internal)
    now = state.clock.now()
    case, event, fresh = await state.db.transact(service.say, state.keyring, by.tenant, handoff_id, words, now)
    rung(state, by.tenant, handoff_id)
    made = showing.event(case.row, case.dek, event, staff=is_staff(by))
    return Response(showing.dumped(made), 201 if fresh else 200, media_type=_JSON)


@router.post("/{handoff_id}/typing", status_code=204, summary="Somebody is typing")
async def typing(request: Request, handoff_id: HandoffId, by: Speaks, body: TypingIn) -> Response:
    """Pass on that somebody types; nothing is stored."""
    state = state_of(request)
    await reached(state, by, handoff_id)
    actor = "agent" if by.role is Role.AGENT else "customer"
    state.bell.type(handoff_id, {"actor": actor, "typing": body.typing})
    return Response(status_code=204)


@router.post("/{handoff_id}/choose", response_model=HandoffOut, summary="Choose another way than waiting")
async def choose(request: Request, handoff_id: HandoffId, by: Speaks, body: ChooseIn) -> Response:
    """Take a ticket, book a call-back at one of the slots, or keep the place."""
    slot = instant(body.slot, "/slot")
    if body.choice == "callback" and (slot is None or slot <= state_of(request).clock.now()):
        raise InvalidError.field("/slot", "when shall we call? take one of the slots")
    verb = partial(service.choose, choice=body.choice, slot=slot)
    return await done(request, by, handoff_id, _plain(request, by, handoff_id, verb))


def _plain(
    request: Request, by: Principal, handoff_id: str, verb: Callable[..., Awaitable[Case]]
) -> Callable[[Tx, int], Awaitable[Case]]:
    keyring = state_of(request).keyring

    async def act(tx: Tx, now: int) -> Case:
        return await verb(tx, keyring, by.tenant, handoff_id, now=now)

    return act


@router.post("/{handoff_id}/cancel", response_model=HandoffOut, summary="Leave")
async def cancel(request: Request, handoff_id: HandoffId, by: Speaks) -> Response:
    """Leave in one action, at any time; the AI may go on afterwards."""
    return await done(request, by, handoff_id, _plain(request, by, handoff_id, partial(service.cancel, by=by.id)))


@router.post("/{handoff_id}/reopen", response_model=HandoffOut, summary="Take a resolved case up again")
async def reopen(request: Request, handoff_id: HandoffId, by: Speaks) -> Response:
    """Go on with a resolved case within the days of its queue, as the customer or as an agent."""
    actor = "agent" if by.role is Role.AGENT else "customer"
    verb = partial(service.reopen, actor=actor, by=by.id)
    return await done(request, by, handoff_id, _plain(request, by, handoff_id, verb))


@router.post("/{handoff_id}/return", response_model=HandoffOut, summary="May the AI go on?")
async def answer_return(request: Request, handoff_id: HandoffId, by: Speaks, body: ReturnIn) -> Response:
    """Answer the agent's proposal; without a yes nothing returns to the AI."""
    if by.role is Role.AGENT:
        raise InvalidError.field("/agreed", "the customer answers this, not an agent")
    verb = partial(service.answer_return, agreed=body.agreed)
    return await done(request, by, handoff_id, _plain(request, by, handoff_id, verb))


@router.post("/{handoff_id}/survey", response_model=HandoffOut, summary="How was it?")
async def survey(request: Request, handoff_id: HandoffId, by: Speaks, body: SurveyIn) -> Response:
    """Answer the survey once, after the end."""
    if by.role is Role.AGENT:
        raise InvalidError.field("/human", "the customer answers this, not an agent")
    verb = partial(service.survey, human=body.human, ai=body.ai, words=body.text)
    return await done(request, by, handoff_id, _plain(request, by, handoff_id, verb))


@router.get("/{handoff_id}/receipt", response_model=RecordOut, summary="The record of the conversation, to keep")
async def receipt(request: Request, handoff_id: HandoffId, by: Reads) -> Response:
    """Download what was asked, who answered and what came of it, signed."""
    state = state_of(request)
    row = await reached(state, by, handoff_id)
    made = await _record(state, row)
    signed = receipts.sign(made, state.keyring.signing("receipt"), state.clock.now())
    headers = {"Content-Disposition": f'attachment; filename="handoff-{row.reference}.json"'}
    return Response(showing.dumped({"document": made, "jws": signed}), headers=headers, media_type=_JSON)


async def _record(state: AppState, row: HandoffRow) -> dict[str, Any]:
    said: list[dict[str, Any]] = []
    after = 0
    while True:
        found, after = await showing.events(state, row, after, 500, staff=False)
        said += [{name: one[name] for name in ("seq", "kind", "actor", "name", "at", "text")} for one in found]
        if len(found) < 500:
            break
    fresh = await state.db.read(store.handoff, row.tenant, row.id)
    return receipts.document(fresh or row, said, state.settings.controller.name)
