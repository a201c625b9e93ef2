"""``/v1/schemas``: what the documents look like that Candor hands out, for whoever reads them by machine."""

from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.access import declared_public

router = APIRouter(prefix="/v1/schemas", tags=["schemas"])
_MEDIA = "application/schema+json"


@cache
def _explanation() -> bytes:
    return files("explanations").joinpath("explanation-1.schema.json").read_bytes()


_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {_MEDIA: {"schema": {"type": "object"}}}}}


@router.get(
    "/explanation-1.json", response_class=Response, responses=_ANSWER, summary="The JSON Schema of explanations"
)
@declared_public
async def explanation() -> Response:
    """Return the JSON Schema (2020-12) of `explanation/1`: every explanation is read and written by it."""
    return Response(_explanation(), headers={"Cache-Control": "public, max-age=86400"}, media_type=_MEDIA)
