"""``/v1/disclosure-reviews``: what a vendor's update makes a person look at again, and how that ended (DIS-13)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from api import listing
from api.access import requires
from api.paging import CursorText, Limit
from api.schemas.disclosure_reviews import ReviewList, ReviewOut
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader
from core.principal import Principal
from disclosures.reviews import service, store
from disclosures.reviews.documents import Answer
from disclosures.reviews.tables import DisclosureReview

router = APIRouter(prefix="/v1/disclosure-reviews", tags=["disclosure reviews"])
Reading = Annotated[Principal, Depends(requires("disclosure-reviews.read"))]
Closing = Annotated[Principal, Depends(requires("disclosure-reviews.close"))]
ReviewId = Annotated[str, Path(pattern=r"^rev_[0-9a-f]{32}$")]
Standing = Annotated[store.Standing, Query(description="Which reviews to list.")]


def out(row: DisclosureReview) -> ReviewOut:
    """Return a review as the wire has it."""
    return ReviewOut.model_validate(
        {
            **row.model_dump(exclude={"tenant"}),
            "opened_at": rfc3339(row.opened_at),
            "closed_at": None if row.closed_at is None else rfc3339(row.closed_at),
        }
    )


@router.get("", summary="List reviews of disclosures")
async def list_reviews(
    request: Request, caller: Reading, standing: Standing = "all", limit: Limit = 50, cursor: CursorText = None
) -> ReviewList:
    """List the reviews that vendors' updates opened, oldest first; `standing=open` for those that wait."""

    async def listed(tx: Reader, tenant: str, after: str, most: int) -> list[DisclosureReview]:
        return await store.reviews(tx, tenant, standing, after, most)

    name = f"disclosure-reviews {standing}"
    page = await listing.by_key(request, caller, name, listed, lambda row: row.id, limit, cursor)
    return ReviewList(items=[out(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{review_id}", summary="Read a review of a disclosure")
async def read(request: Request, review_id: ReviewId, caller: Reading) -> ReviewOut:
    """Read a review: which notice at which touchpoint, after which update, and its outcome."""
    return out(await state_of(request).db.read(service.view, caller.tenant, review_id))


@router.post("/{review_id}/close", summary="Close a review of a disclosure")
async def close(request: Request, review_id: ReviewId, by: Closing, body: Answer) -> ReviewOut:
    """Say whether people have to be told anew; `new_version` takes one published since the review was opened."""
    state = state_of(request)
    return out(await state.db.transact(service.close, by, review_id, body, state.clock.now()))
