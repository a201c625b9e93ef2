"""``/v1/desks``: help desks of others: how they are reached, and whether they answer; see docs/desks.md."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api import desks, showing
from api.access import requires
from api.schemas.desks import CheckOut, DeskIn, DeskOut, DesksOut
from api.state import state_of
from core.principal import Principal
from handoff import registry
from handoff.delivery import setups, store

router = APIRouter(prefix="/v1/desks", tags=["desks"])
Reads = Annotated[Principal, Depends(requires("desks.read"))]
Writes = Annotated[Principal, Depends(requires("desks.write"))]
DeskKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


@router.get("", response_model=DesksOut, summary="Help desks")
async def list_desks(request: Request, by: Reads) -> Response:
    """List every desk without its secrets, and the kinds that are installed."""
    state = state_of(request)
    rows = await state.db.read(store.desks, by.tenant)
    made = {"items": [desks.shown(state, row) for row in rows], "kinds": registry.kinds()}
    return Response(showing.dumped(made), media_type="application/json")


@router.put("/{desk_key}", response_model=DeskOut, summary="Write a help desk")
async def write(request: Request, desk_key: DeskKey, by: Writes, body: DeskIn) -> Response:
    """Write how a desk is reached. It serves once a queue names it in its chain."""
    state = state_of(request)
    row = await desks.written(state, by, desk_key, body)
    return Response(showing.dumped(desks.shown(state, row)), media_type="application/json")


@router.delete("/{desk_key}", status_code=204, summary="Remove a help desk")
async def remove(request: Request, desk_key: DeskKey, by: Writes) -> Response:
    """Remove a desk; cases it has go on with the next of the chain."""
    state = state_of(request)

    await state.db.transact(setups.remove, by, desk_key, state.clock.now())
    return Response(status_code=204)


@router.post("/{desk_key}/check", response_model=CheckOut, summary="Does it answer?")
async def check(request: Request, desk_key: DeskKey, by: Writes) -> Response:
    """Ask the desk now."""
    up, why = await desks.asked(state_of(request), by.tenant, desk_key)
    return Response(showing.dumped({"up": up, "why": why}), media_type="application/json")
