"""Documents at well-known places (RFC 8615): the keys that sign receipts, and support for Global Privacy Control."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.access import declared_public
from api.schemas.wellknown import GpcSupport, KeySet
from api.state import state_of
from ledger import jws

router = APIRouter(prefix="/.well-known", tags=["well-known"])
# the day on which this service began to honour the signal as it does now
_GPC = GpcSupport(gpc=True, lastUpdate="2026-11-21")


class KeySetResponse(JSONResponse):
    """A key set with its registered media type (RFC 7517, section 8.5)."""

    media_type = "application/jwk-set+json"


@router.get("/jwks.json", response_model=KeySet, response_class=KeySetResponse, summary="Keys that sign receipts")
@declared_public
async def keys(request: Request) -> Response:
    """Return every key that ever signed receipts, so that old receipts verify."""
    headers = {"Cache-Control": "public, max-age=300"}
    return KeySetResponse(jws.key_set(state_of(request).keyring), headers=headers)


@router.get("/gpc.json", response_model=GpcSupport, summary="Support for Global Privacy Control")
@declared_public
async def gpc() -> Response:
    """Say that `Sec-GPC: 1` is honoured on every customer route."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(_GPC.model_dump_json(by_alias=True), headers=headers, media_type="application/json")
