"""Whether this process lives, whether it should get requests, and what it has counted."""

import hmac
import ipaddress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from api import store
from api.access import declared_public
from api.metrics import MEDIA_TYPE
from api.problems import UnauthenticatedError
from api.state import AppState, state_of
from core.errors import UnavailableError
from core.telemetry import logger, told

router = APIRouter(tags=["health"])
_log = logger("api")
_REFUSED: dict[int | str, dict[str, Any]] = {401: {"$ref": "#/components/responses/Problem401"}}


class NotReadyError(UnavailableError):
    """Something this process needs does not hold."""

    code = "not-ready"
    title = "This process is not ready to serve."


@router.get("/health/live", summary="Whether the process lives")
@declared_public
async def live() -> JSONResponse:
    """Answer as long as the process can answer at all."""
    return JSONResponse({"status": "live"})


@router.get("/health/ready", summary="Whether the process should get requests")
@declared_public
async def ready(request: Request) -> JSONResponse:
    """Answer 200 when the store answers and every probe holds, 503 with the names of what does not otherwise."""
    state = state_of(request)
    failing = [name for name in ("store", *(p.name for p in state.probes)) if not await _holds(state, name)]
    if failing:
        raise NotReadyError(f"Not ready: {', '.join(failing)}.")
    return JSONResponse({"status": "ready"})


async def _holds(state: AppState, name: str) -> bool:
    try:
        if name == "store":
            return await state.db.read(store.answers)
        return await next(probe for probe in state.probes if probe.name == name).check()
    except Exception as error:  # noqa: BLE001 -- whatever fails, the answer is "not ready"
        _log.warning("probe-failed", name=name, **told(error))
        return False


@router.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse, responses=_REFUSED)
@declared_public
async def metrics(request: Request) -> PlainTextResponse:
    """Answer callers on this machine, or with the token of the settings where one is set."""
    state = state_of(request)
    token = state.settings.telemetry.metrics_token
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
            raise UnauthenticatedError
    elif not _from_this_machine(request):
        raise UnauthenticatedError("Set CANDOR__TELEMETRY__METRICS_TOKEN to read metrics from another machine.")
    return PlainTextResponse(state.metrics.exposition(), media_type=MEDIA_TYPE)


def _from_this_machine(request: Request) -> bool:
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
