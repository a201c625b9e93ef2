"""``/v1/purposes``: what people can choose about. Drafted, published as immutable versions, retired (CON-01)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing, pressing_words
from api.access import allowed, requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.purposes import (
    Publication,
    PurposeList,
    PurposeOut,
    PurposeVersionOut,
    PurposeVersions,
)
from api.state import state_of
from consent.errors import PurposeNotFoundError
from consent.purposes import service
from consent.purposes.documents import KEY_PATTERN, PurposeDocument
from consent.purposes.service import PurposeView
from consent.purposes.store import VersionRow
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal

router = APIRouter(prefix="/v1/purposes", tags=["purposes"])
Reading = Annotated[Principal, Depends(requires("purposes.read"))]
Writing = Annotated[Principal, Depends(requires("purposes.write"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]


def _version_out(row: VersionRow) -> PurposeVersionOut:
    return PurposeVersionOut(
        version=row.version,
        sha256=row.sha256,
        material_since=row.material,
        published_at=rfc3339(row.published_at),
        document=service.document_of(row.document),
    )


def _out(view: PurposeView, *, keeper: bool) -> PurposeOut:
    purpose = view.purpose
    return PurposeOut(
        key=purpose.key,
        revision=purpose.revision,
        published=None if view.published is None else _version_out(view.published),
        draft=view.draft if keeper else None,
        created_at=rfc3339(purpose.created_at),
        retired_at=None if purpose.retired_at is None else rfc3339(purpose.retired_at),
    )


async def _visible(tx: Reader, caller: Principal, key: str) -> PurposeView:
    """Return a purpose; one that was never published is there for its keepers only."""
    view = await service.view(tx, caller.tenant, key)
    if view.published is None and not allowed(caller, "purposes.write"):
        raise PurposeNotFoundError
    return view


@router.post("", status_code=201, response_model=PurposeOut, summary="Draft a new purpose")
async def create(request: Request, by: Writing, body: PurposeDocument, _: IdempotencyKey = None) -> Response:
    """Draft a purpose under a new key. Nothing is asked of anyone before it is published."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> Answer:
        view = await service.create(tx, by, body, clock.now())
        headers = (("ETag", etag.of(view.purpose.revision)), ("Location", f"/v1/purposes/{body.key}"))
        return Answer(201, _out(view, keeper=True).model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List purposes")
async def list_purposes(request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None) -> PurposeList:
    """List the purposes of the caller's tenant by key; drafts that were never published only for their keepers."""
    keeper = allowed(caller, "purposes.write")
    page = await listing.by_key(
        request, caller, "purposes", service.listed, lambda view: view.purpose.key, limit, cursor
    )
    shown = [_out(view, keeper=keeper) for view in page.items if keeper or view.published is not None]
    return PurposeList(items=shown, next_cursor=page.next_cursor)


@router.get("/{key}", summary="Read a purpose")
async def read(request: Request, response: Response, key: Key, caller: Reading) -> PurposeOut:
    """Read a purpose; its `ETag` is what a change has to name."""
    view = await state_of(request).db.read(_visible, caller, key)
    response.headers["ETag"] = etag.of(view.purpose.revision)
    return _out(view, keeper=allowed(caller, "purposes.write"))


@router.get("/{key}/versions", summary="List a purpose's versions")
async def list_versions(request: Request, key: Key, caller: Reading) -> PurposeVersions:
    """List every version ever published, newest first."""

    async def work(tx: Reader) -> list[VersionRow]:
        await _visible(tx, caller, key)
        return await service.versions(tx, caller.tenant, key)

    return PurposeVersions(items=[_version_out(row) for row in await state_of(request).db.read(work)])


async def _checked(tx: Reader, by: Principal, key: str, if_match: str | None) -> int:
    """Return the revision a change applies to. Raises ``StaleError``, ``PreconditionRequiredError``."""
    return etag.matched(if_match, (await service.view(tx, by.tenant, key)).purpose.revision)


@router.put("/{key}", summary="Draft the next version")
async def draft(
    request: Request, response: Response, key: Key, by: Writing, body: PurposeDocument, if_match: IfMatch = None
) -> PurposeOut:
    """Write the draft of the next version; what is published stays as it is until then."""
    etag.same_key(key, body.key)
    clock = state_of(request).clock

    async def work(tx: Tx) -> PurposeView:
        return await service.draft(tx, by, body, clock.now(), await _checked(tx, by, key, if_match))

    view = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(view.purpose.revision)
    return _out(view, keeper=True)


@router.post("/{key}/publish", summary="Publish the draft")
async def publish(
    request: Request, response: Response, key: Key, by: Writing, body: Publication, if_match: IfMatch = None
) -> PurposeOut:
    """Publish the draft as the next version, for ever unchanged. A material one asks everybody again."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> PurposeView:
        revision = await _checked(tx, by, key, if_match)
        await pressing_words.guard(tx, by, key, body.despite, clock.now())
        return await service.publish(tx, by, key, clock.now(), material=body.material, revision=revision)

    view = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(view.purpose.revision)
    return _out(view, keeper=True)


@router.delete("/{key}", status_code=204, summary="Retire a purpose")
async def retire(request: Request, key: Key, by: Writing, if_match: IfMatch = None) -> Response:
    """Retire a purpose for good: the gate denies it from now on; its versions and choices stay on record."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> None:
        await service.retire(tx, by, key, clock.now(), await _checked(tx, by, key, if_match))

    await state_of(request).db.transact(work)
    return Response(status_code=204)
