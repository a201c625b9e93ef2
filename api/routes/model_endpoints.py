"""``/v1/model-endpoints``: where the models that decide are served, and how to ask them (ADP-01)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing
from api.access import requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.model_addresses import reachable
from api.paging import CursorText, Limit
from api.schemas.model_endpoints import CheckOut, EndpointIn, EndpointList, EndpointOut, TrialIn, TrialOut
from api.state import AppState, state_of
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal
from explanations.deployed import service
from explanations.deployed.service import EndpointView

router = APIRouter(prefix="/v1/model-endpoints", tags=["model-endpoints"])
Reading = Annotated[Principal, Depends(requires("models.read"))]
Writing = Annotated[Principal, Depends(requires("models.write"))]
Id = Annotated[str, Path()]


def _out(view: EndpointView) -> EndpointOut:
    row = view.row
    return EndpointOut(
        id=row.id,
        revision=row.revision,
        document=view.document,
        credentials=list(view.credentials),
        recorded_at=rfc3339(row.recorded_at),
        retired=row.retired,
    )


@router.post("", status_code=201, response_model=EndpointOut, summary="Say where a model is served")
async def create(request: Request, by: Writing, body: EndpointIn, _: IdempotencyKey = None) -> Response:
    """Register the endpoint of an AI system's model. Try it with `POST .../test` before decisions depend on it."""
    state = state_of(request)
    await reachable(state, body.document, body.credentials)

    async def work(tx: Tx) -> Answer:
        at = state.clock.now()
        view = await service.register(tx, state.keyring, by, body.document, body.credentials or {}, at)
        headers = (("ETag", etag.of(view.row.revision)), ("Location", f"/v1/model-endpoints/{view.row.id}"))
        return Answer(201, _out(view).model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List model endpoints")
async def list_endpoints(
    request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None
) -> EndpointList:
    """List the endpoints of the caller's tenant, retired ones too."""
    keyring = state_of(request).keyring

    async def listed(tx: Reader, tenant: str, after: str, most: int) -> list[EndpointView]:
        return await service.listed(tx, keyring, tenant, after, most)

    page = await listing.by_key(request, caller, "model-endpoints", listed, lambda view: view.row.id, limit, cursor)
    return EndpointList(items=[_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.get("/{endpoint_id}", summary="Read a model endpoint")
async def read(request: Request, response: Response, endpoint_id: Id, caller: Reading) -> EndpointOut:
    """Read an endpoint; its `ETag` is what a change has to name."""
    state = state_of(request)
    view = await state.db.read(service.view, state.keyring, caller.tenant, endpoint_id)
    response.headers["ETag"] = etag.of(view.row.revision)
    return _out(view)


async def _checked(tx: Reader, state: AppState, by: Principal, endpoint_id: str, if_match: str | None) -> None:
    view = await service.view(tx, state.keyring, by.tenant, endpoint_id)
    etag.require(if_match, etag.of(view.row.revision))


@router.put("/{endpoint_id}", summary="Change a model endpoint")
async def change(
    request: Request, response: Response, endpoint_id: Id, by: Writing, body: EndpointIn, if_match: IfMatch = None
) -> EndpointOut:
    """Say something else of an endpoint; what was said before stays on record, replaced credentials are wiped."""
    state = state_of(request)
    await reachable(state, body.document, body.credentials)

    async def work(tx: Tx) -> EndpointView:
        await _checked(tx, state, by, endpoint_id, if_match)
        now = state.clock.now()
        return await service.change(tx, state.keyring, by, endpoint_id, body.document, body.credentials, now)

    view = await state.db.transact(work)
    response.headers["ETag"] = etag.of(view.row.revision)
    return _out(view)


@router.delete("/{endpoint_id}", status_code=204, summary="Retire a model endpoint")
async def retire(request: Request, endpoint_id: Id, by: Writing, if_match: IfMatch = None) -> Response:
    """Take an endpoint out of use; explanations that rest on it stay, its credentials are wiped."""
    state = state_of(request)

    async def work(tx: Tx) -> None:
        await _checked(tx, state, by, endpoint_id, if_match)
        await service.retire(tx, by, endpoint_id, state.clock.now())

    await state.db.transact(work)
    return Response(status_code=204)


@router.post("/{endpoint_id}/test", summary="Try a model endpoint")
async def test(request: Request, endpoint_id: Id, by: Writing, body: TrialIn) -> TrialOut:
    """Ask the endpoint a row, as an explanation would, and say what works. Nothing is recorded."""
    made = await state_of(request).explainer.test(by.tenant, endpoint_id, body.row)
    return TrialOut(
        usable=made.usable,
        output=made.output,
        version=made.version,
        checks=[CheckOut(name=one.name, outcome=one.outcome, said=one.said) for one in made.checks],
        milliseconds=made.milliseconds,
    )
