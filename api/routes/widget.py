"""HOT. ``/v1/widget`` and ``/v1/offers``: what a widget shows, and proof of what a person was offered (DIS-03)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.access import public, requires
from api.schemas.widget import OffersOut, Surface, WidgetConfig
from api.state import state_of
from api.widget import lane, personal
from api.widget.shelf import shelf_of
from core.principal import Principal

router = APIRouter(tags=["widget"])
Asking = Annotated[Principal, Depends(requires("offers.ask"))]
SiteKey = Annotated[str, Path(pattern=r"^pk_[A-Za-z0-9_-]{8,64}$", description="The site's publishable key.")]
Language = Annotated[str, Path(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", examples=["de"])]
Wanted = Annotated[str, Query(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", examples=["de"])]


@router.get(
    "/v1/widget/{site_key}/{lang}",
    response_model=WidgetConfig,
    dependencies=[Depends(public())],
    responses={304: {"description": "You have this version already."}},
    summary="Read a site's widget configuration",
)
async def configuration(request: Request, site_key: SiteKey, lang: Language) -> Response:
    """Read everything a widget shows to everybody, in one language. Takes no credential; made to be cached."""
    ready = await shelf_of(state_of(request)).take(site_key, lang)
    given = request.headers.get("if-none-match", "").encode("latin-1")
    if given and not lane.wants(ready, given):
        answer = Response(status_code=304)
        answer.raw_headers[:] = lane.fields(ready, packed=False, length=None)
        return answer
    accepts = request.headers.get("accept-encoding", "")
    packed = "gzip" in accepts and "gzip;q=0" not in accepts
    body = ready.packed if packed else ready.plain
    answer = Response(body)
    answer.raw_headers[:] = lane.fields(ready, packed=packed, length=len(body))
    return answer


@router.get("/v1/offers", summary="Ask for an offer")
async def offer(request: Request, caller: Asking, lang: Wanted = "en", surface: Surface = "panel") -> OffersOut:
    """Say how things stand for the person, and prove what is offered to her: bring the offer back with a choice."""
    return await personal.offered(request, caller, lang, surface)
