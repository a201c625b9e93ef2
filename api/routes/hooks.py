"""``/hooks``: what help desks deliver. Each is believed by its signature alone, applied once, answered at once."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api import strict_json
from api.access import declared_public
from api.problems import TooManyRequestsError
from api.state import state_of
from core.clock import MICROS
from handoff.delivery import incoming, setups, store
from handoff.errors import DeskNotFoundError
from handoff.port import Hook

router = APIRouter(prefix="/hooks", tags=["hooks"])
_MEDIA = (b"application/json", b"application/x-www-form-urlencoded", b"text/plain")
HOOK = strict_json.BodyRule(_MEDIA, bulk=True, longest_string=262_144, longest_array=10_000)
TenantId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")]
DeskKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


async def _take(request: Request, tenant: str, desk: str) -> Response:
    state = state_of(request)
    verdict = state.limiter.hit(("hook", tenant, desk), state.limiter.machine, request.scope["candor.at"])
    if not verdict.allowed:
        raise TooManyRequestsError(headers={"Retry-After": str(verdict.seconds)})
    row = await state.db.read(store.desk, tenant, desk)
    if row is None:
        raise DeskNotFoundError
    now = state.clock.now()
    maker, _ = setups.made(state.keyring, row, now)
    headers = {name.lower(): value for name, value in request.headers.items()}
    url = state.settings.serve.public_url.rstrip("/") + request.scope["path"]
    told = incoming.believed(maker, Hook(request.method, url, headers, await request.body(), now / MICROS))
    if told:
        for handoff in await state.db.transact(incoming.apply, state.keyring, tenant, desk, told, now):
            state.bell.changed(tenant, handoff)
    return Response(b"{}", media_type="application/json")


@router.post("/{tenant}/{desk}", include_in_schema=False)
@declared_public
@strict_json.accepts(HOOK)
async def deliver(request: Request, tenant: TenantId, desk: DeskKey) -> Response:
    """Take one delivery."""
    return await _take(request, tenant, desk)


@router.put("/{tenant}/{desk}/{rest:path}", include_in_schema=False)
@declared_public
@strict_json.accepts(HOOK)
async def deliver_below(request: Request, tenant: TenantId, desk: DeskKey, rest: str) -> Response:  # noqa: ARG001 -- its own path tells us nothing
    """Take one delivery of a desk that appends its own path, as Matrix does."""
    return await _take(request, tenant, desk)
