"""Templates and assets of the consoles into answers: autoescaped Jinja2, scripts of our own only, no eval.

``require-trusted-types-for`` leaves exactly one way from text to elements: the policy ``candor`` that the fragments of
our own pages pass through (Trusted Types, CSP level 3). Assets carry their hash in the name and are kept for a year.
"""

from datetime import UTC
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.console import moments, undo, wording
from api.console.desk import Desk
from api.console.navigation import navigation
from api.console.tabulating import labelled
from api.pages.words import Words
from core.clock import rfc3339
from core.principal import Role

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types candor"
)
# not no-referrer: with it a browser sends its own forms with `Origin: null`
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, HX-Request",
}
ASSETS: Final = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "favicon.svg": "image/svg+xml",
}


def _file(folder: str, name: str) -> str:
    return files(__package__).joinpath(folder, name).read_text(encoding="utf-8")


@cache
def assets() -> dict[str, tuple[str, str]]:
    """Return text and media type of every asset by the name that carries its hash."""
    made = {}
    for name, media in ASSETS.items():
        text = _file("assets", name)
        stem, _, ending = name.rpartition(".")
        made[f"{stem}.{sha256(text.encode()).hexdigest()[:16]}.{ending}"] = (text, media)
    return made


def address(name: str) -> str:
    """Return the address of an asset."""
    stem, _, ending = name.rpartition(".")
    found = next(key for key in assets() if key.startswith(f"{stem}.") and key.endswith(f".{ending}"))
    return f"/console/assets/{found}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(lambda name: _file("templates", name)),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=address, span=moments.span, number=lambda value: f"{value:,}")
    made.globals["period"] = Words("en").period
    made.globals["numbered"] = lambda heads: [heads[0], *((head, "number") for head in heads[1:])]
    made.globals["counted_up"] = wording.counted_up
    made.globals["named"] = lambda keys: [(key, wording.word(key)) for key in keys]
    made.globals.update(
        state_word=wording.state,
        shape_of=wording.shape,
        word=wording.word,
        happened=wording.event,
        kind_word=wording.kind,
        short=wording.short,
    )
    return made


def _when(desk: Desk) -> dict[str, Any]:
    def when(at: int | None, *, exact: bool = False) -> Markup:
        if at is None:
            return Markup('<span class="none">none</span>')
        shown = (moments.exact if exact else moments.moment)(at, desk.zone)
        return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(rfc3339(at), moments.exact(at, UTC), shown)

    return {
        "when": when,
        "utc": lambda at: f"{moments.exact(at, UTC)} UTC",
        "field": lambda at: moments.field(at, desk.zone),
        "zone": moments.zone_name(desk.zone),
    }


ROLE_NAMES: Final = {
    Role.AGENT: "agent",
    Role.DPO: "data protection officer",
    Role.AUDITOR: "auditor",
    Role.ADMIN: "administrator",
}


def text(desk: Desk, template: str, **facts: Any) -> str:
    """Return a rendered template."""
    role = "" if desk.session is None else ROLE_NAMES[desk.session.principal.role]
    known = {"desk": desk, "may": desk.may, "token": desk.token, "role_name": role, "role_names": ROLE_NAMES}
    return labelled(_environment().get_template(template).render(**known, **_when(desk), **facts))


def page(desk: Desk, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a whole page as an answer."""
    shell = {"nav": navigation(desk), "undo": undo.offered(desk)}
    return HTMLResponse(text(desk, template, **shell, **facts), status, HEADERS)


def fragment(desk: Desk, template: str, **facts: Any) -> HTMLResponse:
    """Return a part of a page as an answer to one of our own scripts."""
    return HTMLResponse(text(desk, template, **facts), 200, HEADERS)
