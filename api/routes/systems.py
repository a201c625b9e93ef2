"""``/v1/systems``: the register of AI systems (EU AI Act Art. 26, 50): whose, for what, and who helps instead."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing
from api.access import requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.systems import SystemList, SystemOut, SystemVersionOut, SystemVersions
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal
from disclosures import service
from disclosures.documents import KEY_PATTERN, ModelVersion, SystemDocument
from disclosures.service import SystemView

router = APIRouter(prefix="/v1/systems", tags=["systems"])
Reading = Annotated[Principal, Depends(requires("systems.read"))]
Writing = Annotated[Principal, Depends(requires("systems.write"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]


def _out(view: SystemView) -> SystemOut:
    system = view.system
    return SystemOut(
        key=system.key,
        revision=system.revision,
        document=view.document,
        created_at=rfc3339(system.created_at),
        retired_at=None if system.retired_at is None else rfc3339(system.retired_at),
    )


@router.post("", status_code=201, response_model=SystemOut, summary="Register an AI system")
async def create(request: Request, by: Writing, body: SystemDocument, _: IdempotencyKey = None) -> Response:
    """Enter a system under a new key. It needs an owner, purposes, and a human alternative or a reason why none."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> Answer:
        view = await service.register(tx, by, body, clock.now())
        headers = (("ETag", etag.of(view.system.revision)), ("Location", f"/v1/systems/{body.key}"))
        return Answer(201, _out(view).model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List AI systems")
async def list_systems(request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None) -> SystemList:
    """List the AI systems of the caller's tenant by key, retired ones too."""
    page = await listing.by_key(request, caller, "systems", service.listed, lambda view: view.system.key, limit, cursor)
    return SystemList(items=[_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.get("/{key}", summary="Read an AI system")
async def read(request: Request, response: Response, key: Key, caller: Reading) -> SystemOut:
    """Read what the register says of a system; its `ETag` is what a change has to name."""
    view = await state_of(request).db.read(service.view, caller.tenant, key)
    response.headers["ETag"] = etag.of(view.system.revision)
    return _out(view)


@router.get("/{key}/versions", summary="List what the register said of an AI system")
async def list_versions(request: Request, key: Key, caller: Reading) -> SystemVersions:
    """List everything the register ever said of a system, newest first."""
    found = await state_of(request).db.read(service.versions, caller.tenant, key)
    items = [
        SystemVersionOut(
            revision=row.revision,
            sha256=row.sha256,
            recorded_at=rfc3339(row.recorded_at),
            document=service.document_of(row.document),
        )
        for row in found
    ]
    return SystemVersions(items=items)


async def _checked(tx: Reader, by: Principal, key: str, if_match: str | None) -> int:
    """Return the revision a change applies to. Raises ``StaleError``, ``PreconditionRequiredError``."""
    return etag.matched(if_match, (await service.view(tx, by.tenant, key)).system.revision)


@router.put("/{key}", summary="Change an AI system")
async def change(
    request: Request, response: Response, key: Key, by: Writing, body: SystemDocument, if_match: IfMatch = None
) -> SystemOut:
    """Say something else of a system; what was said before stays on record."""
    etag.same_key(key, body.key)
    clock = state_of(request).clock

    async def work(tx: Tx) -> SystemView:
        return await service.change(tx, by, body, clock.now(), await _checked(tx, by, key, if_match))

    view = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(view.system.revision)
    return _out(view)


@router.post("/{key}/model-versions", summary="Note another version of the model")
async def add_model_version(
    request: Request, response: Response, key: Key, by: Writing, body: ModelVersion, if_match: IfMatch = None
) -> SystemOut:
    """Note that the system now runs another version of its model."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> SystemView:
        revision = await _checked(tx, by, key, if_match)
        return await service.add_model_version(tx, by, key, body, clock.now(), revision)

    view = await state_of(request).db.transact(work)
    response.headers["ETag"] = etag.of(view.system.revision)
    return _out(view)


@router.delete("/{key}", status_code=204, summary="Retire an AI system")
async def retire(request: Request, key: Key, by: Writing, if_match: IfMatch = None) -> Response:
    """Take a system out of service: the gate denies it from now on."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> None:
        await service.retire(tx, by, key, clock.now(), await _checked(tx, by, key, if_match))

    await state_of(request).db.transact(work)
    return Response(status_code=204)
