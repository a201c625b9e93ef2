"""Sites: where customers meet the company; what to paste into their pages, in which colours, and who vouches."""

from typing import Any

from starlette.responses import Response

from api import etag
from api.auth import api_keys, service
from api.auth.errors import SiteNotFoundError
from api.auth.service import SiteSheet, SiteView
from api.console import colours, forms, rendering, undo
from api.console.desk import HOME, Desk, go
from api.console.fields import lines_of
from api.console.forms import Form
from core import ids
from core.database import Reader
from core.errors import InvalidError


async def list_sites(desk: Desk) -> Response:
    """Show the sites, and the way to a new one."""
    return await _list(desk, forms.filled({"languages": "en"}))


async def _list(desk: Desk, form: Form, status: int = 200) -> Response:
    found = await desk.state.db.read(service.sites, desk.principal)
    return rendering.page(desk, "sites.html", status, rows=found, form=form)


async def create_site(desk: Desk) -> Response:
    """Register a site."""
    form = await desk.form("slug", "name", "languages", "origins")
    lists = (tuple(lines_of(form["languages"])), tuple(lines_of(form["origins"])))
    sheet = SiteSheet(form["slug"].strip(), form["name"].strip(), *lists)
    site_id, key = ids.new("site", desk.now), api_keys.new_publishable_key()
    try:
        _check(sheet)
        await desk.state.db.transact(service.create_site, desk.principal, site_id, key, sheet, desk.now)
    except InvalidError as error:
        return await _list(desk, forms.again(form, error), 422)
    return go(f"{HOME}/sites/{site_id}")


def _check(sheet: SiteSheet) -> None:
    """Hold a site to what the API asks of it. Raises ``InvalidError``."""
    from pydantic import ValidationError  # noqa: PLC0415 -- the wire's own rules, asked for here alone

    from api.schemas.sites import SiteIn  # noqa: PLC0415 -- the same

    try:
        SiteIn(
            slug=sheet.slug,
            name=sheet.name,
            languages=list(sheet.languages),
            origins=list(sheet.origins),
            anonymous_choices=sheet.anonymous_choices,
        )
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        raise InvalidError.field("/" + "/".join(map(str, faults[0]["loc"])), faults[0]["msg"]) from error


async def site(desk: Desk) -> Response:
    """Show one site: what to paste into its pages, its looks, its fields, its keys."""
    view, keys = await _found(desk)
    return _page(desk, view, keys, forms.filled(_fields(view)))


def _fields(view: SiteView) -> dict[str, Any]:
    return {
        "name": view.site.name,
        "languages": ", ".join(view.languages),
        "origins": "\n".join(view.origins),
        "anonymous_choices": view.site.anonymous_choices,
    }


def _page(desk: Desk, view: SiteView, keys: Any, form: Form, status: int = 200) -> Response:
    base = desk.state.settings.serve.public_url.rstrip("/")
    path = f"/t/{view.site.slug}/{view.languages[0]}/choices"
    chosen = _chosen(desk)
    facts = {"page": base + path, "snippet": _snippet(base, view, path), "base": base}
    looks = {"chosen": chosen, "pairs": colours.pairs(chosen), "style": colours.style(chosen)}
    return rendering.page(desk, "site.html", status, view=view, keys=keys, form=form, **facts, **looks)


def _chosen(desk: Desk) -> dict[str, str]:
    return colours.read({name: desk.query(name, 10) for name in colours.DEFAULTS})


async def preview(desk: Desk) -> Response:
    """Draw the widget in the colours of the address; a picture of its own, so that nothing in it is a page's."""
    await _found(desk)
    return Response(colours.drawn(_chosen(desk)), media_type="image/svg+xml", headers=rendering.HEADERS)


async def _found(desk: Desk) -> tuple[SiteView, Any]:
    if not ids.is_id(desk.params["site"], "site"):
        raise SiteNotFoundError

    async def work(tx: Reader) -> tuple[SiteView, Any]:
        view = await service.site(tx, desk.principal, desk.params["site"])
        return view, await service.token_keys(tx, desk.principal, view.site.id)

    return await desk.state.db.read(work)


def _snippet(base: str, view: SiteView, path: str) -> str:
    from api.widget import files  # noqa: PLC0415 -- reads the scripts, which this page alone shows

    return files.snippet(base, view.site.publishable_key, view.languages[0], path)


async def change_site(desk: Desk) -> Response:
    """Change a site over the very version that was read; for ten seconds it can be taken back."""
    form = await desk.form("name", "languages", "origins", "version")
    before, keys = await _found(desk)
    given: dict[str, Any] = {
        "name": form["name"].strip(),
        "languages": lines_of(form["languages"]),
        "origins": lines_of(form["origins"]),
        "anonymous_choices": form.get("anonymous_choices") == "yes",
    }
    site_id, match = before.site.id, etag.of(form["version"])
    was = _fields(before)
    try:
        _check(SiteSheet("some-site", given["name"], tuple(given["languages"]), tuple(given["origins"])))
        after = await desk.state.db.transact(service.change_site, desk.principal, site_id, match, given, desk.now)
    except InvalidError as error:
        return _page(desk, before, keys, forms.again(form, error), 422)
    ticked = "yes" if was["anonymous_choices"] else "no"
    fields = {**was, "anonymous_choices": ticked, "version": str(after.site.version)}
    path = f"{HOME}/sites/{site_id}"
    return undo.offer(desk, go(path), undo.Undo(f"Changed {given['name']}.", path, fields))
