"""``/v1/reference-groups``: whom people are compared with, as a recorded policy choice (Reg B 1002.9(b)(2))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import listing, strict_json
from api.access import requires
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.reference_groups import GroupIn, GroupList, GroupOut
from api.state import state_of
from core.clock import rfc3339
from core.database import Tx
from core.principal import Principal
from explanations.deployed import service, store
from explanations.deployed.documents import KEY_PATTERN
from explanations.deployed.store import GroupRow

router = APIRouter(prefix="/v1/reference-groups", tags=["reference-groups"])
Reading = Annotated[Principal, Depends(requires("models.read"))]
Writing = Annotated[Principal, Depends(requires("models.write"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]


def _out(row: GroupRow) -> GroupOut:
    return GroupOut(
        key=row.key,
        version=row.version,
        document=service.reference_document(row),
        size=row.size,
        sha256=row.sha256,
        published_at=rfc3339(row.published_at),
        published_by=row.published_by,
    )


@router.post("", status_code=201, response_model=GroupOut, summary="Publish a reference group")
@strict_json.accepts(strict_json.BULK)
async def publish(request: Request, by: Writing, body: GroupIn, _: IdempotencyKey = None) -> Response:
    """Publish a group, or the next version of one. Explanations name the version they rest on."""
    state = state_of(request)

    async def work(tx: Tx) -> Answer:
        row = await service.publish(tx, state.keyring, by, body.document, body.rows, state.clock.now())
        headers = (("Location", f"/v1/reference-groups/{row.key}"),)
        return Answer(201, _out(row).model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List reference groups")
async def list_groups(request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None) -> GroupList:
    """List the newest versions of the caller's groups by key."""
    page = await listing.by_key(
        request, caller, "reference-groups", store.groups_after, lambda row: row.key, limit, cursor
    )
    return GroupList(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{key}", summary="Read a reference group")
async def read(request: Request, key: Key, caller: Reading) -> GroupOut:
    """Read the newest version of a group; its rows are not shown."""
    return _out(await state_of(request).db.read(service.group, caller.tenant, key))
