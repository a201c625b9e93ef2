"""``/v1/claims``: what a company says its AI can do, and by what it can show it (DIS-12; ISO/IEC 42001 A.8.2)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing
from api.access import requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.claims import ClaimList, ClaimOut, ClaimVersionOut, ClaimVersions
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal
from disclosures.claims import service
from disclosures.claims.documents import ClaimDocument
from disclosures.claims.service import ClaimView
from disclosures.documents import KEY_PATTERN
from disclosures.notices import quoting, standing
from disclosures.notices.documents import NoticeDocument
from disclosures.resolution import legal_day

router = APIRouter(prefix="/v1/claims", tags=["claims"])
Reading = Annotated[Principal, Depends(requires("claims.read"))]
Writing = Annotated[Principal, Depends(requires("claims.write"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]


async def _published(tx: Reader, tenant: str) -> list[NoticeDocument]:
    return [document for _, document in await standing.in_force(tx, tenant)]


def _out(view: ClaimView, published: list[NoticeDocument], at: int) -> ClaimOut:
    last = view.document.holds_until
    return ClaimOut.model_validate(
        {
            "key": view.row.key,
            "revision": view.row.revision,
            "standing": quoting.standing(view, legal_day(at)),
            "holds_until": None if last is None else last.isoformat(),
            "said_in": quoting.quoting(view, published),
            "recorded_at": rfc3339(view.row.recorded_at),
            "sha256": view.row.sha256,
            "document": view.document,
        }
    )


@router.post("", status_code=201, response_model=ClaimOut, summary="Enter a claim")
async def create(request: Request, by: Writing, body: ClaimDocument, _: IdempotencyKey = None) -> Response:
    """Enter something the company says its AI can do; without evidence that holds no notice may say it."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> Answer:
        view = await service.make(tx, by, body, clock.now())
        out = _out(view, await _published(tx, by.tenant), clock.now())
        headers = (("ETag", etag.of(out.revision)), ("Location", f"/v1/claims/{body.key}"))
        return Answer(201, out.model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List claims")
async def list_claims(request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None) -> ClaimList:
    """List the claims of the caller's tenant by key, each with how it stands and the notices that say it."""
    at: int = request.scope["candor.at"]

    async def listed(tx: Reader, tenant: str, after: str, most: int) -> list[ClaimOut]:
        published = await _published(tx, tenant)
        return [_out(view, published, at) for view in await service.listed(tx, tenant, after, most)]

    page = await listing.by_key(request, caller, "claims", listed, lambda one: one.key, limit, cursor)
    return ClaimList(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/{key}", summary="Read a claim")
async def read(request: Request, response: Response, key: Key, caller: Reading) -> ClaimOut:
    """Read a claim; its `ETag` is what a change has to name."""
    at: int = request.scope["candor.at"]

    async def work(tx: Reader) -> ClaimOut:
        return _out(await service.view(tx, caller.tenant, key), await _published(tx, caller.tenant), at)

    found = await state_of(request).db.read(work)
    response.headers["ETag"] = etag.of(found.revision)
    return found


@router.get("/{key}/versions", summary="List what was claimed before")
async def list_versions(request: Request, key: Key, caller: Reading) -> ClaimVersions:
    """List everything the register ever said of a claim, newest first."""
    found = await state_of(request).db.read(service.versions, caller.tenant, key)
    return ClaimVersions(
        items=[
            ClaimVersionOut(
                revision=row.revision,
                retired=row.retired,
                recorded_at=rfc3339(row.recorded_at),
                sha256=row.sha256,
                document=document,
            )
            for row, document in found
        ]
    )


async def _checked(tx: Reader, by: Principal, key: str, if_match: str | None) -> int:
    """Return the revision a change applies to. Raises ``StaleError``, ``PreconditionRequiredError``."""
    return etag.matched(if_match, (await service.view(tx, by.tenant, key)).row.revision)


@router.put("/{key}", summary="Change a claim")
async def change(
    request: Request, response: Response, key: Key, by: Writing, body: ClaimDocument, if_match: IfMatch = None
) -> ClaimOut:
    """Say something else of a claim, or bring newer evidence; what was said before stays on record."""
    etag.same_key(key, body.key)
    clock = state_of(request).clock

    async def work(tx: Tx) -> ClaimOut:
        view = await service.change(tx, by, body, clock.now(), await _checked(tx, by, key, if_match))
        return _out(view, await _published(tx, by.tenant), clock.now())

    found = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(found.revision)
    return found


@router.delete("/{key}", status_code=204, summary="Take a claim back")
async def retire(request: Request, key: Key, by: Writing, if_match: IfMatch = None) -> Response:
    """Take a claim back: from now on no notice may say it; the record stays."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> None:
        await service.retire(tx, by, key, clock.now(), await _checked(tx, by, key, if_match))

    await state_of(request).db.transact(work)
    return Response(status_code=204)
