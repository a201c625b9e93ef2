"""``/v1/retention/holds``: legal holds, which no schedule and no erasure passes by (EVI-03; GDPR Art. 17(3)(e))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import listing
from api.access import requires
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.retention import HoldIn, HoldList, HoldOut, ReleaseIn
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal
from oversight.retention import holds, store
from oversight.retention.holds import Reach
from oversight.retention.store import HoldRow

router = APIRouter(prefix="/v1/retention/holds", tags=["legal-holds"])
Reading = Annotated[Principal, Depends(requires("retention.read"))]
Writing = Annotated[Principal, Depends(requires("retention.write"))]
HoldId = Annotated[str, Path(pattern=r"^hld_[0-9a-f]{32}$")]
Standing = Annotated[bool, Query(description="Only those that stand.")]


def _out(row: HoldRow) -> HoldOut:
    told = row._asdict()
    del told["tenant"]
    told["subject"] = None if row.subject is None else f"sub_{row.subject.hex()}"
    told["placed_at"] = rfc3339(row.placed_at)
    told["released_at"] = None if row.released_at is None else rfc3339(row.released_at)
    return HoldOut.model_validate(told)


@router.get("", summary="List legal holds")
async def list_holds(
    request: Request, caller: Reading, standing: Standing = False, limit: Limit = 50, cursor: CursorText = None
) -> HoldList:
    """List holds, the oldest first, released ones too unless `standing=true`."""

    async def listed(tx: Reader, tenant: str, after: str, most: int) -> list[HoldRow]:
        return await store.holds(tx, tenant, after, most, standing=standing)

    page = await listing.by_key(request, caller, f"holds {standing}", listed, lambda row: row.id, limit, cursor)
    return HoldList(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=HoldOut, summary="Hold records")
async def place(request: Request, by: Writing, body: HoldIn, _: IdempotencyKey = None) -> Response:
    """Keep a person's records, one record or all of a sort from being deleted, until the hold is released."""
    state = state_of(request)
    subject = None if body.subject is None else bytes.fromhex(body.subject[4:])
    reach = Reach(body.scope, body.record_type, body.record, subject)

    async def work(tx: Tx) -> Answer:
        now = state.clock.now()
        row = await holds.place(tx, state.keyring, by, reach, body.ground, body.reference, now)
        return Answer(201, _out(row).model_dump_json().encode())

    return await answer(request, by, work)


@router.get("/{hold_id}", summary="Read a legal hold")
async def read(request: Request, hold_id: HoldId, caller: Reading) -> HoldOut:
    """Read what a hold is on, who placed it and for which matter, and who released it."""
    return _out(await state_of(request).db.read(holds.one, caller.tenant, hold_id))


@router.post("/{hold_id}/release", response_model=HoldOut, summary="Release a legal hold")
async def release(
    request: Request, hold_id: HoldId, by: Writing, body: ReleaseIn, _: IdempotencyKey = None
) -> Response:
    """Release a hold for good: what has run its course goes with the next run, and erasures may be approved."""
    state = state_of(request)

    async def work(tx: Tx) -> Answer:
        row = await holds.release(tx, state.keyring, by, hold_id, body.because, state.clock.now())
        return Answer(200, _out(row).model_dump_json().encode())

    return await answer(request, by, work)
