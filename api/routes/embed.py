"""HOT. ``/widget/{version}/{file}``: the scripts that pages embed, from memory, compressed, kept for a year."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import etag
from api.access import public
from api.problems import NotFoundOnWireError
from api.widget import files

router = APIRouter(prefix="/widget", include_in_schema=False, dependencies=[Depends(public())])


@router.get("/{version}/{name}")
async def pinned(request: Request, version: str, name: str) -> Response:
    """Serve a file of exactly this version; of another one there is none."""
    if version != files.lock().version:
        raise NotFoundOnWireError
    return _answer(request, name, pinned=True)


@router.get("/{name}")
async def latest(request: Request, name: str) -> Response:
    """Serve a file as this release has it, for pages that would rather follow than pin."""
    return _answer(request, name, pinned=False)


def _answer(request: Request, name: str, *, pinned: bool) -> Response:
    found = files.find(name)
    if found is None:
        raise NotFoundOnWireError
    packed = "gzip" in request.headers.get("accept-encoding", "")
    made = found.fields(packed=packed, pinned=pinned)
    if etag.unchanged(request.headers.get("if-none-match"), found.etag.decode()):
        answer = Response(status_code=304)
        made = [field for field in made if field[0] not in {b"content-length", b"content-type", b"content-encoding"}]
    else:
        answer = Response(found.packed if packed else found.plain)
    answer.raw_headers[:] = made
    return answer
