"""``/console``: the pages where staff work. Nothing of them is loaded before somebody asks for the first."""

from fastapi import APIRouter, Request, Response

from api.access import declared_public
from api.strict_json import FORM, accepts

router = APIRouter(include_in_schema=False)


@router.api_route("/console", methods=["GET"])
@router.api_route("/console/{rest:path}", methods=["GET", "POST"])
@declared_public  # each page's own permission stands in api/console/plan.py, checked by api/console/front.py
@accepts(FORM)
async def console(request: Request) -> Response:
    """Serve a page of the consoles."""
    from api.console import front  # noqa: PLC0415 -- templates and pages cost start-up time and memory

    return await front.serve(request)
