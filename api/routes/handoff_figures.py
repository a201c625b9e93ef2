"""``/v1/handoff-figures``: how handing over to people goes: friction F1 to F14, waits, causes, who received what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api import showing
from api.access import requires
from api.schemas.handoff_figures import FiguresOut
from api.state import state_of
from core.clock import DAY, parse_rfc3339, rfc3339
from core.errors import InvalidError
from core.principal import Principal
from handoff import counting

router = APIRouter(prefix="/v1/handoff-figures", tags=["handoff-figures"])
Sees = Annotated[Principal, Depends(requires("handoffs.figures"))]
Instant = Annotated[str | None, Query(max_length=40, description="RFC 3339; the last 30 days if left out.")]
_LONGEST = 400 * DAY


def _instant(text: str | None, name: str, otherwise: int) -> int:
    if text is None:
        return otherwise
    try:
        instant = parse_rfc3339(text)
    except ValueError as error:
        raise InvalidError.field(f"?{name}", str(error)) from error
    if instant < _LONGEST:
        raise InvalidError.field(f"?{name}", "name an instant after 1971")
    return instant


@router.get("", response_model=FiguresOut, summary="How handing over goes")
async def read(request: Request, by: Sees, start: Instant = None, end: Instant = None) -> Response:
    """Compute the figures of handoffs opened in a period, at most 400 days; exportable as they are."""
    state = state_of(request)
    until = _instant(end, "end", state.clock.now() + 1)
    since = _instant(start, "start", until - 30 * DAY)
    if not 0 < until - since <= _LONGEST:
        raise InvalidError.field("?start", "the period must end after it begins and last 400 days at most")
    made = await state.db.read(counting.report, by.tenant, since, until)
    for one in made["processors"]:
        one["first_at"], one["last_at"] = rfc3339(one["first_at"]), rfc3339(one["last_at"])
    body = {"start": rfc3339(since), "end": rfc3339(until), **made}
    return Response(showing.dumped(body), media_type="application/json")
