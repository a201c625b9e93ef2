"""``/v1/queues``: the rules of queues, and what anybody may know before asking: hours, wait, call-back slots."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api import showing
from api.access import requires
from api.schemas.queues import AvailabilityOut, QueueIn, QueueOut, QueuesOut
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader
from core.principal import Principal
from handoff import routing, rulebook
from handoff.queues import QueueRules, rules_of

router = APIRouter(prefix="/v1/queues", tags=["queues"])
Reads = Annotated[Principal, Depends(requires("queues.read"))]
Writes = Annotated[Principal, Depends(requires("queues.write"))]
QueueKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


def _out(rules: QueueRules) -> dict[str, Any]:
    return {**rules.document(), "version": rules.version}


@router.get("", response_model=QueuesOut, summary="Queues")
async def list_queues(request: Request, by: Reads) -> Response:
    """List every queue; `main` is there even if nobody has written it."""
    found = await state_of(request).db.read(rulebook.every, by.tenant)
    return Response(showing.dumped({"items": [_out(one) for one in found]}), media_type="application/json")


@router.put("/{queue_key}", response_model=QueueOut, summary="Write a queue's rules")
async def write(request: Request, queue_key: QueueKey, by: Writes, body: QueueIn) -> Response:
    """Write the rules of a queue. A queue that never opens is refused: it would be a dead end."""
    state = state_of(request)
    rules = rules_of({**body.model_dump(), "key": queue_key})
    made = await state.db.transact(rulebook.write, by, rules, state.clock.now())
    return Response(showing.dumped(_out(made)), media_type="application/json")


@router.get("/{queue_key}/availability", response_model=AvailabilityOut, summary="How soon could I reach a person?")
async def availability(request: Request, queue_key: QueueKey, by: Reads) -> Response:
    """Tell hours, the usual wait and call-back slots; the public page of waiting times."""
    state = state_of(request)

    async def work(tx: Reader) -> dict[str, Any]:
        now = state.clock.now()
        rules = await rulebook.one(tx, by.tenant, queue_key)
        here, wait = await routing.outlook(tx, by.tenant, queue_key, rules.target_seconds, now)
        return {
            "queue": queue_key,
            "name": rules.name,
            "is_open": rules.hours.is_open(now),
            "next_opening": showing.when(rules.hours.next_opening(now)),
            "agents_here": here,
            "wait_seconds": wait,
            "modes": ["live", "ticket", "callback"],
            "slots": [rfc3339(slot) for slot in rules.hours.slots(now, rules.slot_minutes)],
            "target_seconds": rules.target_seconds,
        }

    return Response(showing.dumped(await state.db.read(work)), media_type="application/json")
