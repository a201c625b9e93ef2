"""``/t/{site}/{language}`` and ``.../history``: how a site uses AI, and what has changed in that. No script, no cookie.

The first says what the widget says, from the same configuration; the second reads the versions of the register and
of the notices, which never change (EU AI Act Art. 50; ISO/IEC 42001 A.8.5).
"""

from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import access
from api.pages import rendering
from api.pages.arrival import Arrival, arrive
from api.pages.plainly import in_plain_words
from api.pages.view import Text, Tongue
from api.pages.words import Words
from api.widget import changes
from api.widget.shelf import shelf_of

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public())])
_HOME = "/t/{site}/{language}"


@router.get(_HOME)
@in_plain_words
async def about(request: Request, site: str, language: str) -> Response:
    """Show where AI acts on this site, what it does, and the way to choices and to people."""
    arrival = await arrive(request, site, language)
    if arrival.language != language:
        return RedirectResponse(f"/t/{arrival.site.slug}/{arrival.language}", 307)
    config = (await shelf_of(arrival.state).of_site(arrival.site, arrival.language)).made.document
    notices = {one["id"]: one for one in config["notices"]}
    uses = [(one, [notice for notice in notices.values() if one["id"] in notice["uses"]]) for one in config["uses"]]
    return rendering.page(
        "about.html", arrival.words, config=config, uses=uses, place="", **_frame(arrival), said_in=_said_in(arrival)
    )


@router.get(_HOME + "/history")
@in_plain_words
async def history(request: Request, site: str, language: str) -> Response:
    """Show what has changed in how this site uses AI, newest first."""
    arrival = await arrive(request, site, language)
    if arrival.language != language:
        return RedirectResponse(f"/t/{arrival.site.slug}/{arrival.language}/history", 307)
    found = await arrival.state.db.read(changes.at_site, arrival.tenant, arrival.site.slug, arrival.language)
    return rendering.page("changes.html", arrival.words, changes=found, place="/history", **_frame(arrival))


def _frame(arrival: Arrival) -> dict[str, Any]:
    tongues = [Tongue(code, Words(code).own.name, code == arrival.language) for code in arrival.site.languages]
    return {"site": arrival.site, "home": f"/t/{arrival.site.slug}/{arrival.language}", "tongues": tongues}


def _said_in(arrival: Arrival) -> object:
    """Return what makes a text of the configuration into one with its language."""

    def text(owner: dict[str, str], name: str) -> Text:
        return Text(str(owner[name]), owner.get("lang") or arrival.words.own.language)

    return text
