"""Templates and stylesheet into answers: autoescaped Jinja2, a strict policy, nothing from elsewhere (CSP level 3).

The stylesheet's address carries its hash, so it may be kept for a year and never be stale.
"""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from api.pages.view import ChoicesPage, PurposeRow, Text
from api.pages.words import Words
from core.clock import rfc3339

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# not no-referrer: with it a browser sends its own forms with `Origin: null`
_HEADERS: Final = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


def _file(folder: str, name: str) -> str:
    return files(__package__).joinpath(folder, name).read_text(encoding="utf-8")


@cache
def stylesheet() -> tuple[str, str]:
    """Return the stylesheet's text and the first 16 hex digits of its SHA-256."""
    text = _file("assets", "page.css")
    return text, sha256(text.encode()).hexdigest()[:16]


@cache
def _environment() -> "Environment":
    # 3 MB that a process keeps only once it was asked for a page
    from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 -- see above

    made = Environment(
        loader=FunctionLoader(lambda name: _file("templates", name)),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["stylesheet"] = f"/assets/page.{stylesheet()[1]}.css"
    return made


def bdi(text: object) -> Markup:
    """Return text of unknown direction, kept from disturbing what stands around it."""
    return Markup("<bdi>{}</bdi>").format(text)


def said(text: Text, words: Words) -> Markup:
    """Return an operator's text inside a sentence, marked where it is in another language than the page."""
    if text.language in {"", words.own.language}:
        return bdi(text.text)
    return Markup('<bdi lang="{}">{}</bdi>').format(text.language, text.text)


def _render(template: str, words: Words, **facts: object) -> str:
    def names(texts: Iterable[Text]) -> Markup:
        comma = "، " if words.dir == "rtl" else ", "
        return escape(comma).join(said(text, words) for text in texts)

    def what(text: Text | str) -> Markup:
        return said(text, words) if isinstance(text, Text) else words(text)

    return (
        _environment()
        .get_template(template)
        .render(w=words, bdi=bdi, said=lambda text: said(text, words), names=names, what=what, iso=rfc3339, **facts)
    )


def text(template: str, words: Words, **facts: object) -> str:
    """Return a whole page as text."""
    return _render(template, words, **facts)


def page(template: str, words: Words, status: int = 200, **facts: object) -> HTMLResponse:
    """Return a whole page as an answer."""
    headers = {**_HEADERS, "Content-Language": words.own.language}
    return HTMLResponse(_render(template, words, **facts), status, headers)


def wording(use: PurposeRow, shown: ChoicesPage, words: Words, *, unfolded: bool = False) -> tuple[Markup, str]:
    """Return the HTML that says what a use of AI is, and its SHA-256 in hex.

    The same bytes stand on the page and behind the hash in the record: they depend on what is published and on the
    language, never on the visitor.
    """
    text = _render("wording.html", words, use=use, page=shown, unfolded=unfolded)
    return Markup(text), sha256(text.encode()).hexdigest()  # noqa: S704 - rendered by the autoescaping environment


def notice_version(what: str, version: int, words: Words) -> str:
    """Return the name of what was shown: the published version and the edition of the page's own words."""
    return f"{what[:32]}.{version}.{words.own.language}.{words.own.sha256[:8]}"
