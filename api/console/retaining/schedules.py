"""How long what is kept: what the law asks, what a schedule would delete today, and the second person's approval."""

from typing import Any, Final

from starlette.responses import Response

from api import retaining
from api.console import forms, rendering
from api.console.desk import HOME, Desk, go
from api.console.fields import lines_of
from api.console.forms import Form
from api.problems import StaleError
from core.database import Tx
from core.errors import InvalidError
from disclosures.resolution import legal_day
from oversight.retention import schedules
from oversight.retention.minimums import Where
from oversight.retention.schedules import Standing, Wish

PAGE: Final = f"{HOME}/retention"
TABS: Final = (("Schedules", PAGE), ("Legal holds", f"{HOME}/holds"), ("Certificates", f"{HOME}/deletions"))
_FIELDS: Final = ("revision", "period", "reason", "places", "sectors", "set_aside")


async def listed(desk: Desk) -> Response:
    """Show every sort of records: how long it is kept, and what the law asks."""
    views = await desk.state.db.read(schedules.every, desk.tenant, desk.state.packs)
    rows = [(view, view.suggested(desk.now)) for view in views]
    return rendering.page(desk, "retaining/schedules.html", rows=rows, tabs=TABS)


async def one(desk: Desk) -> Response:
    """Show one sort of records, what a schedule would delete now, and the form to change it."""
    view = await _view(desk)
    shown = view.waiting or view.current
    wish = None if shown is None else schedules.wish_of(shown)
    return await _page(desk, view, forms.filled(_values(view, wish, view.suggested(desk.now))))


def _values(view: Standing, wish: Wish | None, suggested: str | None) -> dict[str, Any]:
    if wish is None:
        return {**dict.fromkeys(_FIELDS, ""), "period": suggested or "", "revision": view.tag}
    return {
        "revision": view.tag,
        "period": wish.period or "",
        "reason": wish.reason,
        "places": ", ".join(wish.where.places),
        "sectors": ", ".join(wish.where.sectors or ()),
        "set_aside": ", ".join(wish.set_aside),
    }


async def _view(desk: Desk) -> Standing:
    return await desk.state.db.read(schedules.standing, desk.tenant, desk.state.packs, desk.params["sort"])


async def _page(desk: Desk, view: Standing, form: Form, status: int = 200) -> Response:
    considered, seen, complete = desk.query("period", 40), None, True
    fault = ""
    try:
        wish = schedules.considered(view, considered or None)
        considered = wish.period or ""
        _, seen, complete = await retaining.preview(desk.state, desk.tenant, view.sort.key, wish, desk.now)
    except InvalidError as error:
        fault = error.fields[0].detail
    return rendering.page(
        desk,
        "retaining/schedule.html",
        status,
        view=view,
        form=form,
        seen=seen,
        complete=complete,
        considered=considered,
        fault=fault,
        here=f"{PAGE}/{view.sort.key}",
        wish_of=schedules.wish_of,
        today=legal_day(desk.now),
        tabs=TABS,
    )


def _wish(form: dict[str, str]) -> Wish:
    sectors = tuple(lines_of(form["sectors"])) or None
    where = Where(tuple(one.upper() for one in lines_of(form["places"])), sectors)
    return Wish(form["period"].strip() or None, form["reason"].strip(), where, tuple(lines_of(form["set_aside"])))


def _same(there: Standing, form: dict[str, str]) -> None:
    """Raise ``StaleError`` where somebody changed the schedule since the form was made."""
    if there.tag != form["revision"]:
        raise StaleError


async def change(desk: Desk) -> Response:
    """Change how long records are kept; shorter holds once a second person approves."""
    form, packs, sort = await desk.form(*_FIELDS), desk.state.packs, desk.params["sort"]

    async def work(tx: Tx) -> None:
        _same(await schedules.standing(tx, desk.tenant, packs, sort), form)
        await schedules.propose(tx, desk.principal, packs, sort, _wish(form), desk.now)

    try:
        await desk.state.db.transact(work)
    except InvalidError as error:
        return await _page(desk, await _view(desk), forms.again(form, error), 422)
    return go(f"{PAGE}/{sort}")


async def approve(desk: Desk) -> Response:
    """Let the version hold that somebody else proposed."""
    form, packs, sort = await desk.form("revision"), desk.state.packs, desk.params["sort"]

    async def work(tx: Tx) -> None:
        _same(await schedules.standing(tx, desk.tenant, packs, sort), form)
        await schedules.approve(tx, desk.principal, packs, sort, desk.now)

    await desk.state.db.transact(work)
    return go(f"{PAGE}/{sort}")
