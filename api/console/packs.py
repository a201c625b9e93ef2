"""Rule packs: what the law of each place asks, with sources; what changes when; what this company changed in them."""

from datetime import date, timedelta

from starlette.responses import Response

from api.console import rendering
from api.console.desk import Desk
from core.errors import InvalidError
from disclosures.packs import differences, service
from disclosures.resolution import legal_day

_AHEAD = 365


def _day(text: str, otherwise: date, name: str) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError as error:
        raise InvalidError.field(f"?{name}", "write a day such as 2027-01-01") from error


async def listed(desk: Desk) -> Response:
    """Show every pack, and what begins or ends between two days."""
    today = legal_day(desk.now)
    after = _day(desk.query("after"), today, "after")
    until = _day(desk.query("until"), today + timedelta(days=_AHEAD), "until")
    packs = desk.state.packs
    found = [packs.packs[key] for key in sorted(packs.packs)]
    turns = differences.between(packs, after, until)
    return rendering.page(desk, "packs.html", packs=found, turns=turns, after=after, until=until)


async def one(desk: Desk) -> Response:
    """Show one pack as of a day: every rule with its citation, its standing, and the company's own overrides."""
    found = service.pack(desk.state.packs, desk.params["pack"])
    on = _day(desk.query("on"), legal_day(desk.now), "on")
    overrides = []
    if desk.may("overrides.read"):
        overrides = await desk.state.db.read(service.overrides_of, desk.tenant, found.id)
    digest = desk.state.packs.digests[found.id]
    return rendering.page(desk, "pack.html", pack=found, on=on, overrides=overrides, digest=digest)
