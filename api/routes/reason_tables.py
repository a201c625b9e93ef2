"""``/v1/reason-tables``: from a model's inputs to approved reasons, by system and place (ADP-07; Reg B 1002.9)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing
from api.access import requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.reason_tables import ReasonTableList, ReasonTableOut, ReasonTableVersionOut, ReasonTableVersions
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal
from explanations.reasons import service
from explanations.reasons.documents import KEY_PATTERN, ReasonTable
from explanations.reasons.service import TableView
from explanations.reasons.tables import ReasonTableVersion

router = APIRouter(prefix="/v1/reason-tables", tags=["reason tables"])
Reading = Annotated[Principal, Depends(requires("reasons.read"))]
Writing = Annotated[Principal, Depends(requires("reasons.write"))]
Approving = Annotated[Principal, Depends(requires("reasons.approve"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]


def _version_out(row: ReasonTableVersion) -> ReasonTableVersionOut:
    return ReasonTableVersionOut(
        version=row.version,
        sha256=row.sha256,
        drafted_by=service.writers_of(row.drafted_by),
        approved_by=row.approved_by,
        approved_at=rfc3339(row.approved_at),
        document=service.document_of(row.document),
    )


def _out(view: TableView) -> ReasonTableOut:
    head = view.head
    return ReasonTableOut(
        key=head.key,
        system=head.system,
        revision=head.revision,
        approved=None if view.approved is None else _version_out(view.approved),
        draft=view.draft,
        drafted_by=service.writers_of(head.drafted_by),
        created_at=rfc3339(head.created_at),
        retired_at=None if head.retired_at is None else rfc3339(head.retired_at),
    )


@router.post("", status_code=201, response_model=ReasonTableOut, summary="Draft a new reason table")
async def create(request: Request, by: Writing, body: ReasonTable, _: IdempotencyKey = None) -> Response:
    """Draft a table under a new key. It is used by nothing before a second person has approved it."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> Answer:
        view = await service.create(tx, by, body, clock.now())
        headers = (("ETag", etag.of(view.head.revision)), ("Location", f"/v1/reason-tables/{body.key}"))
        return Answer(201, _out(view).model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List reason tables")
async def list_reason_tables(
    request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None
) -> ReasonTableList:
    """List the reason tables of the caller's tenant by key, with their drafts."""
    page = await listing.by_key(
        request, caller, "reason-tables", service.listed, lambda view: view.head.key, limit, cursor
    )
    return ReasonTableList(items=[_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.get("/{key}", summary="Read a reason table")
async def read(request: Request, response: Response, key: Key, caller: Reading) -> ReasonTableOut:
    """Read a reason table; its `ETag` is what a change has to name."""
    view = await state_of(request).db.read(service.view, caller.tenant, key)
    response.headers["ETag"] = etag.of(view.head.revision)
    return _out(view)


@router.get("/{key}/versions", summary="List a reason table's versions")
async def list_versions(request: Request, key: Key, caller: Reading) -> ReasonTableVersions:
    """List every version ever approved, newest first, with who wrote and who approved it."""
    rows = await state_of(request).db.read(service.versions, caller.tenant, key)
    return ReasonTableVersions(items=[_version_out(row) for row in rows])


async def _checked(tx: Reader, by: Principal, key: str, if_match: str | None) -> int:
    """Return the revision a change applies to. Raises ``StaleError``, ``PreconditionRequiredError``."""
    return etag.matched(if_match, (await service.view(tx, by.tenant, key)).head.revision)


@router.put("/{key}", summary="Draft the next version of a reason table")
async def draft(
    request: Request, response: Response, key: Key, by: Writing, body: ReasonTable, if_match: IfMatch = None
) -> ReasonTableOut:
    """Write the draft of the next version; what is approved stays as it is until then."""
    etag.same_key(key, body.key)
    clock = state_of(request).clock

    async def work(tx: Tx) -> TableView:
        return await service.draft(tx, by, body, clock.now(), await _checked(tx, by, key, if_match))

    view = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(view.head.revision)
    return _out(view)


@router.post("/{key}/approve", summary="Approve a reason table's draft")
async def approve(
    request: Request, response: Response, key: Key, by: Approving, if_match: IfMatch = None
) -> ReasonTableOut:
    """Approve the draft as the next version, for ever unchanged. Whoever wrote on it is refused."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> TableView:
        return await service.approve(tx, by, key, clock.now(), await _checked(tx, by, key, if_match))

    view = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(view.head.revision)
    return _out(view)


@router.delete("/{key}", status_code=204, summary="Retire a reason table")
async def retire(request: Request, key: Key, by: Writing, if_match: IfMatch = None) -> Response:
    """Use a table no more; its versions stay on record, and with them the words of past explanations."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> None:
        await service.retire(tx, by, key, clock.now(), await _checked(tx, by, key, if_match))

    await state_of(request).db.transact(work)
    return Response(status_code=204)
