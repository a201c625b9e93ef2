"""``/v1/agents``: who is here, what waits for them, and what an agent does with a case."""

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from api import showing, streams
from api.access import requires
from api.paging import CursorText, Limit
from api.reaching import reached
from api.routes.handoffs import HandoffId, done, rung
from api.schemas.handoffs import (
    AgentIn,
    AgentOut,
    AgentsOut,
    FlagIn,
    HandoffOut,
    HandoffsOut,
    PackOut,
    ResolveIn,
    TransferIn,
)
from api.state import state_of
from core import canonical, crypto, subjects
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Principal
from handoff import cases, presence, routing, service, store
from handoff.cases import Case
from handoff.errors import HandoffNotFoundError
from handoff.presence import Here
from handoff.store import Agent

router = APIRouter(prefix="/v1/agents", tags=["agents"])
Serves = Annotated[Principal, Depends(requires("handoffs.serve"))]
SeesContext = Annotated[Principal, Depends(requires("handoffs.context"))]
SeesBoard = Annotated[Principal, Depends(requires("handoffs.figures"))]
_JSON = "application/json"
_STATES = {
    "waiting": ("queued", "deferred"),
    "mine": (),
    "active": ("active",),
    "ended": ("resolved", "cancelled"),
}
View = Annotated[str, Query(pattern="^(waiting|mine|active|ended)$", description="Which cases.")]


def _out(one: Agent, now: int, load: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "alias": one.alias,
        "presence": one.presence,
        "here": routing.is_here(one, now),
        "queues": json.loads(one.queues),
        "skills": json.loads(one.skills),
        "languages": json.loads(one.languages),
        "capacity": one.capacity,
        "load": load,
    }


@router.put("/me", response_model=AgentOut, summary="I am here")
async def say_here(request: Request, by: Serves, body: AgentIn) -> Response:
    """Say whether you take cases. Repeat it every 20 seconds: after a minute of silence offers go to others."""
    state = state_of(request)
    said = Here(body.presence, body.alias, body.queues, body.skills, body.languages, body.capacity)

    async def work(tx: Tx) -> dict[str, Any]:
        now = state.clock.now()
        one = await presence.say_here(tx, state.keyring, by, said, now)
        return _out(one, now, (await store.loads(tx, by.tenant)).get(by.id, 0))

    made = await state.db.transact(work)
    rung(state, by.tenant)
    return Response(showing.dumped(made), media_type=_JSON)


@router.get("", response_model=AgentsOut, summary="Who is here")
async def board(request: Request, by: SeesBoard) -> Response:
    """List every agent with presence and load."""
    state = state_of(request)

    async def work(tx: Reader) -> list[dict[str, Any]]:
        loads, now = await store.loads(tx, by.tenant), state.clock.now()
        return [_out(one, now, loads.get(one.id, 0)) for one in await store.agents(tx, by.tenant)]

    return Response(showing.dumped({"items": await state.db.read(work)}), media_type=_JSON)


@router.get("/me/cases", response_model=HandoffsOut, summary="Cases")
async def list_cases(
    request: Request, by: Serves, view: View = "mine", limit: Limit = 50, cursor: CursorText = None
) -> Response:
    """List cases in the order they should be served. `text/event-stream` tells instead when a list has changed."""
    state = state_of(request)
    if streams.wanted(request):
        return StreamingResponse(_changes(request, by), media_type=streams.MEDIA_TYPE)
    filters = {"list": "cases", "view": view}
    now: int = request.scope["candor.at"]
    opened: list[Any] = [-(10**17), ""] if cursor is None else state.cursors.open(cursor, by.tenant, filters, now)

    async def work(tx: Reader) -> tuple[list[dict[str, Any]], str | None]:
        if view == "mine":
            rows = await store.of_agent(tx, by.tenant, by.id, "offered", "active")
            return [await showing.view(tx, state, row, staff=True) for row in rows], None
        rows = await store.listed(tx, by.tenant, _STATES[view], (int(opened[0]), str(opened[1])), limit + 1)
        page = state.cursors.page(rows, limit, lambda row: [row.rank, row.id], by.tenant, filters, now)
        return [await showing.view(tx, state, row, staff=True) for row in page.items], page.next_cursor

    items, following = await state.db.read(work)
    return Response(showing.dumped({"items": items, "next_cursor": following}), media_type=_JSON)


def _changes(request: Request, by: Principal) -> AsyncIterator[bytes]:
    return streams.board(state_of(request), by.tenant)


@router.post("/me/next", response_model=HandoffOut, summary="Take the next case")
async def pull(request: Request, by: Serves) -> Response:
    """Take the case that should be served next; 404 when nothing waits that you could take."""
    state = state_of(request)

    async def work(tx: Tx) -> tuple[str, dict[str, Any]]:
        case = await service.pull(tx, state.keyring, by, state.clock.now())
        return case.row.id, await showing.view(tx, state, case.row, staff=True)

    handoff_id, made = await state.db.transact(work)
    rung(state, by.tenant, handoff_id)
    return Response(showing.dumped(made), media_type=_JSON)


@router.post("/me/cases/{handoff_id}/accept", response_model=HandoffOut, summary="Take a case")
async def accept(request: Request, handoff_id: HandoffId, by: Serves) -> Response:
    """Take a case that was offered to you or waits; exactly one of those who try has it, the others get 409."""

    async def act(tx: Tx, now: int) -> Case:
        return await service.accept(tx, state_of(request).keyring, by, handoff_id, now)

    return await done(request, by, handoff_id, act)


@router.post("/me/cases/{handoff_id}/decline", response_model=HandoffOut, summary="Give an offer back")
async def decline(request: Request, handoff_id: HandoffId, by: Serves) -> Response:
    """Give an offered case back; it goes to the next."""

    async def act(tx: Tx, now: int) -> Case:
        return await service.decline(tx, state_of(request).keyring, by, handoff_id, now)

    return await done(request, by, handoff_id, act)


@router.post("/me/cases/{handoff_id}/transfer", response_model=HandoffOut, summary="Pass a case on")
async def transfer(request: Request, handoff_id: HandoffId, by: Serves, body: TransferIn) -> Response:
    """Pass a case on to a queue; the customer keeps the place and is told."""

    async def act(tx: Tx, now: int) -> Case:
        verb = partial(service.transfer, queue=body.queue, reason=body.reason, now=now)
        return await verb(tx, state_of(request).keyring, by, handoff_id)

    return await done(request, by, handoff_id, act)


@router.post("/me/cases/{handoff_id}/resolve", response_model=HandoffOut, summary="End a case")
async def resolve(request: Request, handoff_id: HandoffId, by: Serves, body: ResolveIn) -> Response:
    """End a case with its outcome."""

    async def act(tx: Tx, now: int) -> Case:
        verb = partial(service.resolve, outcome=body.outcome, now=now, words=body.note)
        return await verb(tx, state_of(request).keyring, by, handoff_id)

    return await done(request, by, handoff_id, act)


@router.post("/me/cases/{handoff_id}/propose-return", response_model=HandoffOut, summary="Propose that the AI goes on")
async def propose_return(request: Request, handoff_id: HandoffId, by: Serves) -> Response:
    """Ask the customer whether the AI may go on; only a yes ends the case."""

    async def act(tx: Tx, now: int) -> Case:
        return await service.propose_return(tx, state_of(request).keyring, by, handoff_id, now)

    return await done(request, by, handoff_id, act)


@router.post("/me/cases/{handoff_id}/flags", response_model=HandoffOut, summary="Say what was wrong")
async def flag(request: Request, handoff_id: HandoffId, by: Serves, body: FlagIn) -> Response:
    """Note that something had to be asked again, or a fault of the AI or an idea about it (AGT-05)."""
    if body.kind != "reasked" and body.text is None:
        raise InvalidError.field("/text", "say what it was")

    async def act(tx: Tx, now: int) -> Case:
        verb = partial(service.flag, kind=body.kind, words=body.text, now=now)
        return await verb(tx, state_of(request).keyring, by, handoff_id)

    return await done(request, by, handoff_id, act)


@router.get("/me/cases/{handoff_id}/context", response_model=PackOut, summary="What is known of a case")
async def context(request: Request, handoff_id: HandoffId, by: SeesContext) -> Response:
    """Return the context pack as it was at the request, with its hash; `withheld` says what may not be shown."""
    state = state_of(request)
    row = await reached(state, by, handoff_id)
    dek = await state.db.read(subjects.data_key, state.keyring, row.tenant, row.subject)
    if row.pack is None or dek is None:
        raise HandoffNotFoundError("There is no context, or the customer was erased.")
    document: dict[str, Any] = canonical.loads(crypto.unseal(dek, row.pack, cases.pack_place(row)))
    return Response(showing.dumped({**document, "hash": row.pack_hash}), media_type=_JSON)
