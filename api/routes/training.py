"""``/v1/training-records``: training of staff, which reviewing may ask for (AGT-04; AI Act Art. 4, 26(2))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.access import requires
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.training import PERSON, TrainingIn, TrainingList, TrainingOut
from api.state import state_of
from core.clock import rfc3339
from core.database import Tx
from core.principal import Principal
from oversight.training import service, store
from oversight.training.store import TrainingRow

router = APIRouter(prefix="/v1/training-records", tags=["training"])
Reading = Annotated[Principal, Depends(requires("training.read"))]
Writing = Annotated[Principal, Depends(requires("training.write"))]
Person = Annotated[str | None, Query(pattern=PERSON, description="Only this principal's.")]


def _out(row: TrainingRow) -> TrainingOut:
    told = row._asdict()
    del told["tenant"]
    return TrainingOut.model_validate({**told, "recorded_at": rfc3339(row.recorded_at)})


@router.post("", status_code=201, response_model=TrainingOut, summary="Record that somebody was trained")
async def create(request: Request, by: Writing, body: TrainingIn, _: IdempotencyKey = None) -> Response:
    """Record a course that a colleague completed; nobody records his own."""
    state = state_of(request)
    told = service.read_course(body.model_dump())

    async def work(tx: Tx) -> Answer:
        row = await service.record(tx, by, told, state.desk.terms.zone, state.clock.now())
        return Answer(201, _out(row).model_dump_json().encode())

    return await answer(request, by, work)


@router.get("", summary="List records of training")
async def list_records(
    request: Request, by: Reading, person: Person = None, limit: Limit = 50, cursor: CursorText = None
) -> TrainingList:
    """List what staff were trained in, newest first; of one person if named."""
    state = state_of(request)
    filters = {"list": "training", "person": person}
    now: int = request.scope["candor.at"]
    before = store.NEWEST if cursor is None else int(state.cursors.open(cursor, by.tenant, filters, now)[0])
    found = await state.db.read(store.listed, by.tenant, person, before, limit + 1)
    page = state.cursors.page(found, limit, lambda row: [row.seq], by.tenant, filters, now)
    return TrainingList(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)
