"""Explanations that were stopped because a protected trait was among the reasons: until somebody has looked at them."""

from typing import Final

from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk, go
from api.console.page import Page
from core.errors import InvalidError
from explanations.kept import guard

_MOST: Final = 200
_HERE: Final = f"{HOME}/stopped"
_LONGEST: Final = 500


async def listed(desk: Desk) -> Response:
    """Show what waits, oldest first."""
    found = await desk.state.db.read(guard.waiting, desk.tenant, _MOST)
    return rendering.page(desk, "explaining/stopped.html", rows=found)


async def look(desk: Desk) -> Response:
    """Note what was found; the alarm is over."""
    form = await desk.form("note")
    note = form["note"].strip()
    if not 1 <= len(note) <= _LONGEST or not note.isprintable():
        raise InvalidError.field("/note", f"1 to {_LONGEST} characters in one line")
    await desk.state.db.transact(guard.look, desk.principal, desk.params["explanation"], note, desk.now)
    return go(_HERE)


PAGES: Final = (
    Page("GET", _HERE, "decisions.list", listed),
    Page("POST", f"{_HERE}/{{explanation}}", "reasons.approve", look),
)
