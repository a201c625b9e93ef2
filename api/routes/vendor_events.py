"""``/v1/systems/{key}/vendor-events``: what vendors say they changed; each opens reviews (DIS-13; ISO 42001 A.10.3)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import listing
from api.access import requires
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.routes.disclosure_reviews import out as review_out
from api.schemas.disclosure_reviews import VendorEventList, VendorEventOpened, VendorEventOut
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader, Tx
from core.principal import Principal
from disclosures.documents import KEY_PATTERN
from disclosures.reviews import service
from disclosures.reviews.documents import VendorUpdate
from disclosures.reviews.tables import VendorEvent

router = APIRouter(prefix="/v1/systems/{key}/vendor-events", tags=["disclosure reviews"])
Reading = Annotated[Principal, Depends(requires("disclosure-reviews.read"))]
Opening = Annotated[Principal, Depends(requires("disclosure-reviews.open"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]


def _out(row: VendorEvent) -> VendorEventOut:
    return VendorEventOut(
        id=row.id,
        system=row.system,
        recorded_by=row.recorded_by,
        recorded_at=rfc3339(row.recorded_at),
        document=service.document_of(row.document),
    )


@router.post("", status_code=201, response_model=VendorEventOpened, summary="Record a vendor's update")
async def record(request: Request, key: Key, by: Opening, body: VendorUpdate, _: IdempotencyKey = None) -> Response:
    """Record what a vendor changed in a system; a review is opened for each notice that told people of the system."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> Answer:
        event, reviews = await service.record(tx, by, key, body, clock.now())
        told = VendorEventOpened(**dict(_out(event)), reviews=[review_out(row) for row in reviews])
        return Answer(201, told.model_dump_json().encode())

    return await answer(request, by, work)


@router.get("", summary="List a system's vendor updates")
async def list_events(
    request: Request, key: Key, caller: Reading, limit: Limit = 50, cursor: CursorText = None
) -> VendorEventList:
    """List what vendors said they changed in a system, oldest first."""

    async def listed(tx: Reader, tenant: str, after: str, most: int) -> list[VendorEvent]:
        return await service.events(tx, tenant, key, after, most)

    name = f"vendor-events {key}"
    page = await listing.by_key(request, caller, name, listed, lambda row: row.id, limit, cursor)
    return VendorEventList(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)
