"""The public register, its national exports, and marks on AI-made content (DIS-10, DIS-11)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import JSONResponse, Response

from api.access import public, requires
from api.pages.visitors import directory_of
from api.schemas.register import ExportOut, Incomplete, LabelIn, LabelOut, PublicRegister
from api.state import state_of
from api.widget.shelf import SiteNotFoundError
from core.clock import parse_rfc3339, rfc3339
from core.database import Reader
from core.errors import InvalidError
from core.principal import Principal
from disclosures import service as systems
from disclosures.register import labels, national
from disclosures.register import public as register
from disclosures.register.national import Standard
from disclosures.touchpoints import service as touchpoints

router = APIRouter(tags=["register"])
Exporting = Annotated[Principal, Depends(requires("register.export"))]
Marking = Annotated[Principal, Depends(requires("labels.make"))]
Slug = Annotated[str, Query(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description="The site's short name.")]
Wanted = Annotated[Standard, Path(description="`atrs` (United Kingdom) or `dutch` (Netherlands).")]


@router.get(
    "/.well-known/ai-register.json",
    response_model=PublicRegister,
    dependencies=[Depends(public())],
    summary="Read a site's public AI register",
)
async def public_register(request: Request, site: Slug) -> Response:
    """Say, for machines, where customers of a site meet AI, whose it is, and who the way to a person is."""
    state = state_of(request)
    known = await directory_of(state).site_by_slug(site)
    if known is None:
        raise SiteNotFoundError

    async def work(tx: Reader) -> list[dict[str, object]]:
        found = []
        for view in await touchpoints.at_site(tx, known.tenant, known.slug):
            system = (await systems.view(tx, known.tenant, view.document.system)).document
            found.append(register.record(view.touchpoint, view.document, system))
        return found

    document = register.document(known.name, await state.db.read(work), request.scope["candor.at"])
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return JSONResponse(document, headers=headers)


@router.get("/v1/register/{standard}", summary="Export the register in a national field set")
async def export(request: Request, standard: Wanted, caller: Exporting) -> ExportOut:
    """Export live touchpoints whose required fields are all stated; the others are named with what they lack."""
    state = state_of(request)
    organisation = state.settings.controller.name

    async def work(tx: Reader) -> list[national.Exported]:
        found = []
        for view in await touchpoints.of_tenant(tx, caller.tenant):
            if view.touchpoint.state not in {"pilot", "live"}:
                continue
            system = (await systems.view(tx, caller.tenant, view.document.system)).document
            found.append(national.exported(standard, view.touchpoint, view.document, system, organisation))
        return found

    found = await state.db.read(work)
    return ExportOut(
        standard=standard,
        schema_id=str(national.schema(standard)["$id"]),
        records=[one.record for one in found if not one.missing],
        incomplete=[Incomplete(touchpoint=one.key, missing=list(one.missing)) for one in found if one.missing],
    )


def _instant(text: str, pointer: str) -> str:
    try:
        return rfc3339(parse_rfc3339(text))
    except ValueError as error:
        raise InvalidError.field(pointer, str(error)) from error


@router.post("/v1/labels", summary="Mark AI-made content")
async def mark(request: Request, caller: Marking, body: LabelIn) -> LabelOut:
    """Return the words and the machine-readable marks for a content item; a marker that it has is handed through."""
    state = state_of(request)
    view = await state.db.read(touchpoints.view, caller.tenant, body.touchpoint)
    system = await state.db.read(systems.view, caller.tenant, view.document.system)
    made_at = rfc3339(state.clock.now()) if body.made_at is None else _instant(body.made_at, "/made_at")
    reviewed_at = None if body.reviewed is None else _instant(body.reviewed.at, "/reviewed/at")
    found = labels.label(body.making, body.lang, system.document.name, made_at, reviewed_at, body.manifest)
    return LabelOut(text=found.text, lang=found.lang, metadata=found.metadata)
