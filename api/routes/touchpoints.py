"""``/v1/touchpoints``: the register of places where customers meet AI systems (DIS-01; EU AI Act Art. 26, 50)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing
from api.access import requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.touchpoints import StateIn, TouchpointList, TouchpointOut, TouchpointVersionOut, TouchpointVersions
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal
from disclosures import service as systems
from disclosures.documents import KEY_PATTERN
from disclosures.notices import standing
from disclosures.packs import service as packs
from disclosures.touchpoints import service
from disclosures.touchpoints.documents import TouchpointDocument
from disclosures.touchpoints.service import TouchpointView

router = APIRouter(prefix="/v1/touchpoints", tags=["touchpoints"])
Reading = Annotated[Principal, Depends(requires("touchpoints.read"))]
Writing = Annotated[Principal, Depends(requires("touchpoints.write"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]


async def _out(tx: Reader, view: TouchpointView) -> TouchpointOut:
    row, document = view
    models = list(document.model_versions)
    if not models:
        known = (await systems.view(tx, row.tenant, document.system)).document.versions
        models = [known[-1].version] if known else []
    return TouchpointOut.model_validate(
        {
            "key": row.key,
            "state": row.state,
            "revision": row.revision,
            "document": document,
            "models": models,
            "created_at": rfc3339(row.created_at),
            "changed_at": rfc3339(row.changed_at),
        }
    )


@router.post("", status_code=201, response_model=TouchpointOut, summary="Enter a touchpoint")
async def create(request: Request, by: Writing, body: TouchpointDocument, _: IdempotencyKey = None) -> Response:
    """Enter a touchpoint as a draft. It needs an owner, a purpose, and a route to a human or a reason why none."""
    clock = state_of(request).clock
    packs.check_words(state_of(request).packs, list(body.facts), None, None)

    async def work(tx: Tx) -> Answer:
        out = await _out(tx, await service.enter(tx, by, body, clock.now()))
        headers = (("ETag", etag.of(out.revision)), ("Location", f"/v1/touchpoints/{body.key}"))
        return Answer(201, out.model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List touchpoints")
async def list_touchpoints(
    request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None
) -> TouchpointList:
    """List the touchpoints of the caller's tenant by key, each with its live model versions."""

    async def listed(tx: Reader, tenant: str, after: str, most: int) -> list[TouchpointOut]:
        return [await _out(tx, view) for view in await service.listed(tx, tenant, after, most)]

    page = await listing.by_key(request, caller, "touchpoints", listed, lambda one: one.key, limit, cursor)
    return TouchpointList(items=page.items, next_cursor=page.next_cursor)


@router.get("/{key}", summary="Read a touchpoint")
async def read(request: Request, response: Response, key: Key, caller: Reading) -> TouchpointOut:
    """Read what the register says of a touchpoint; its `ETag` is what a change has to name."""

    async def work(tx: Reader) -> TouchpointOut:
        return await _out(tx, await service.view(tx, caller.tenant, key))

    found = await state_of(request).db.read(work)
    response.headers["ETag"] = etag.of(found.revision)
    return found


@router.get("/{key}/versions", summary="List what the register said of a touchpoint")
async def list_versions(request: Request, key: Key, caller: Reading) -> TouchpointVersions:
    """List everything the register ever said of a touchpoint, newest first."""
    rows = await state_of(request).db.read(service.versions, caller.tenant, key)
    items: list[dict[str, Any]] = [
        {
            "revision": row.revision,
            "state": row.state,
            "sha256": row.sha256,
            "recorded_at": rfc3339(row.recorded_at),
            "document": service.document_of(row.document),
        }
        for row in rows
    ]
    return TouchpointVersions(items=[TouchpointVersionOut.model_validate(item) for item in items])


async def _checked(tx: Reader, by: Principal, key: str, if_match: str | None) -> int:
    """Return the revision a change applies to. Raises ``StaleError``, ``PreconditionRequiredError``."""
    return etag.matched(if_match, (await service.view(tx, by.tenant, key)).touchpoint.revision)


@router.put("/{key}", summary="Change a touchpoint")
async def change(
    request: Request, response: Response, key: Key, by: Writing, body: TouchpointDocument, if_match: IfMatch = None
) -> TouchpointOut:
    """Say something else of a touchpoint; what was said before stays on record."""
    etag.same_key(key, body.key)
    clock = state_of(request).clock
    packs.check_words(state_of(request).packs, list(body.facts), None, None)

    async def work(tx: Tx) -> TouchpointOut:
        revision = await _checked(tx, by, key, if_match)
        return await _out(tx, await service.change(tx, by, body, clock.now(), revision, standing.ready))

    found = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(found.revision)
    return found


@router.post("/{key}/state", summary="Put a touchpoint into service, or out of it")
async def move(
    request: Request, response: Response, key: Key, by: Writing, body: StateIn, if_match: IfMatch = None
) -> TouchpointOut:
    """Move a touchpoint; what customers meet has to be complete and to have its notices published."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> TouchpointOut:
        revision = await _checked(tx, by, key, if_match)
        view = await service.move(tx, by, key, body.state, clock.now(), revision, standing.ready)
        return await _out(tx, view)

    found = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(found.revision)
    return found
