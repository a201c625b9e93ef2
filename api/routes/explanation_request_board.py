"""``/v1/explanation-requests``: the board, and the key figures of answers and reviews (DPO-07, GOV-06)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api import case_views
from api.access import requires
from api.paging import MOST
from api.schemas.explanation_request_board import (
    BoardOut,
    CohortOut,
    CountsOut,
    FiguresOut,
    IncidentOut,
    LawCountOut,
    ModelOut,
    ReviewerOut,
)
from api.state import state_of
from core.clock import DAY, rfc3339
from core.principal import Principal
from explanations.requests import board, store
from explanations.requests.board import Filter
from oversight.training import service as training

router = APIRouter(prefix="/v1/explanation-requests", tags=["explanation requests"])
Listing = Annotated[Principal, Depends(requires("requests.list"))]
Figuring = Annotated[Principal, Depends(requires("requests.figures"))]


class Wanted(BaseModel):
    """What the board is to show."""

    model_config = ConfigDict(extra="ignore")

    state: str | None = Field(None, max_length=40)
    law: str | None = Field(None, max_length=80, description="The right whose clock ends first.")
    assignee: str | None = Field(None, max_length=200, description="`me` for your own.")
    overdue: bool = False
    closed: bool = Field(default=False, description="Answered requests too.")
    limit: int = Field(50, ge=1, le=MOST, description="Most items on one page.")
    cursor: str | None = Field(None, min_length=1, max_length=1024, description="`next_cursor` of the page before.")


@router.get("", summary="The board: open requests by due date")
async def list_requests(request: Request, by: Listing, wanted: Annotated[Wanted, Query()]) -> BoardOut:
    """List requests whose answer is owed, the most urgent first; with `closed` all others too."""
    app = state_of(request)
    assignee = by.id if wanted.assignee == "me" else wanted.assignee
    asked = Filter(wanted.state, wanted.law, assignee, wanted.overdue, not wanted.closed)
    filters = {"list": "requests", **asked._asdict()}
    now: int = request.scope["candor.at"]
    after = None if wanted.cursor is None else app.cursors.open(wanted.cursor, by.tenant, filters, now)
    place = None if after is None else (int(after[0]), str(after[1]))
    found = await app.db.read(board.page, by.tenant, asked, place, wanted.limit + 1, now)
    page = app.cursors.page(found, wanted.limit, lambda row: [row.due_at, row.id], by.tenant, filters, now)
    return BoardOut(items=[case_views.line(row, now) for row in page.items], next_cursor=page.next_cursor)


@router.get("/counts", summary="How many answers are owed, by law")
async def read_counts(request: Request, by: Listing) -> CountsOut:
    """Count answers that are owed, late, or due within a week."""
    found = await state_of(request).db.read(board.counts, by.tenant, request.scope["candor.at"])
    return CountsOut(laws=[LawCountOut.model_validate(one._asdict()) for one in found])


@router.get("/figures", summary="Key figures of requests and reviews")
async def read_figures(request: Request, by: Figuring, days: Annotated[int, Query(ge=1, le=1100)] = 90) -> FiguresOut:
    """Tell how many were answered on time, how reviews ended, and who may only be rubber-stamping."""
    app = state_of(request)
    now: int = request.scope["candor.at"]
    since, terms = now - days * DAY, app.desk.terms
    found = await app.db.read(
        board.figures, by.tenant, since, now + 1, terms.quick_review_seconds, terms.rubber_stamp_reviews
    )
    cohorts = await app.db.read(training.cohorts, by.tenant, since, now + 1, terms.zone)
    incidents = await app.db.read(store.incidents, by.tenant)
    return FiguresOut(
        since=rfc3339(since),
        until=rfc3339(now),
        received=found.received,
        answered=found.answered,
        on_time=found.on_time,
        on_time_rate=round(found.on_time / found.answered, 3) if found.answered else None,
        median_days=found.median_days,
        models=[
            ModelOut(model=m.model, reviews=m.reviews, overturned=m.overturned, overturn_rate=m.overturned / m.reviews)
            for m in found.models
        ],
        reviewers=[ReviewerOut.model_validate(one._asdict()) for one in found.reviewers],
        cohorts=[
            CohortOut(
                cohort=c.cohort, reviews=c.reviews, overturned=c.overturned, overturn_rate=c.overturned / c.reviews
            )
            for c in cohorts
        ],
        incidents=[
            IncidentOut(
                id=i.id, model=i.model, cause=i.cause, overturns=i.overturns, opened_at=rfc3339(i.opened_at), seq=i.seq
            )
            for i in incidents
        ],
    )
