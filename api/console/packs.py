"""Rule packs: what the law of each place asks, with sources; what changes when; what this company changed in them."""

from datetime import date, timedelta

from starlette.responses import Response

from api import pack_impact
from api.console import forms, rendering
from api.console.desk import Desk
from api.console.fields import json_of
from api.console.forms import Form
from core.errors import InvalidError
from disclosures.notices.impact import Impact
from disclosures.packs import differences, service
from disclosures.packs.documents import Pack
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
    return await _page(desk, found, on, forms.filled({}))


async def _page(
    desk: Desk, found: Pack, on: date, form: Form, impact: Impact | None = None, status: int = 200
) -> Response:
    packs, overrides, concerned = desk.state.packs, [], None
    if desk.may("overrides.read"):
        overrides = await desk.state.db.read(service.overrides_of, desk.tenant, found.id)
        concerned = await desk.state.db.read(pack_impact.concerned, desk.tenant, packs, found)
    return rendering.page(
        desk,
        "pack.html",
        status,
        pack=found,
        on=on,
        overrides=overrides,
        concerned=concerned,
        form=form,
        impact=impact,
        digest=packs.digests[found.id],
    )


async def impact(desk: Desk) -> Response:
    """Show what another version of a pack would change; nothing is installed or kept."""
    form = await desk.form("document")
    packs, today = desk.state.packs, legal_day(desk.now)
    found = service.pack(packs, desk.params["pack"])
    try:
        together, tried = pack_impact.trial(packs, json_of(form["document"]), found.id)
    except InvalidError as error:
        return await _page(desk, found, today, forms.again(form, error), status=422)
    told = await desk.state.db.read(pack_impact.impact_of, desk.tenant, packs, together, tried)
    return await _page(desk, found, today, forms.filled(form), told)
