"""My work: what is due for the one who looks, requests and conversations, the most urgent first, with the next act."""

from typing import Any

from starlette.responses import Response

from api.console import rendering
from api.console.cases import board as requests
from api.console.cases import wording
from api.console.desk import Desk
from core.database import Reader
from explanations.requests import board
from explanations.requests.board import Filter
from handoff import store as handoffs
from oversight.training import service as courses
from oversight.training import store as training

_MOST = 20
_MOST_COURSES = 5
_START = -(10**17)


async def mine(desk: Desk) -> Response:
    """Show what the caller holds, what waits for a second pair of eyes, and what nobody has taken yet."""
    facts = await desk.state.db.read(_read, desk)
    template = "mine_now.html" if desk.partial else "mine.html"
    shown = rendering.fragment if desk.partial else rendering.page
    return shown(desk, template, w=wording, **facts)


async def _read(tx: Reader, desk: Desk) -> dict[str, Any]:
    async def lines(wanted: Filter) -> list[tuple[board.Line, wording.Clock]]:
        found = await board.page(tx, desk.tenant, wanted, None, _MOST, desk.now)
        return [(line, requests.clock_of(line, desk.now)) for line in found]

    me = desk.principal.id
    serves = desk.may("handoffs.serve")
    waiting = await handoffs.listed(tx, desk.tenant, ("queued", "deferred"), (_START, ""), _MOST) if serves else []
    return {
        "held": await lines(Filter(assignee=me)),
        "approving": await lines(Filter(state="in_review")),
        "contested": await lines(Filter(state="contested")),
        "free": await lines(Filter(nobodys=True)),
        "talking": await handoffs.of_agent(tx, desk.tenant, me, "offered", "active") if serves else [],
        "waiting": waiting,
        "trained": await training.listed(tx, desk.tenant, me, training.NEWEST, _MOST_COURSES),
        "today": courses.today(desk.state.desk.terms.zone, desk.now),
        "training_asked": desk.state.desk.terms.training,
        "counted": await board.owed(tx, desk.tenant, desk.now),
    }
