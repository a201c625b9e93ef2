"""The released answer as a page and as a tagged PDF (WCAG 2.2, EN 301 549; PDF/UA-1, ISO 14289-1).

WeasyPrint makes the PDF, the optional extra ``pdf``, with the system's Pango; without them there is the page alone.
"""

import asyncio
from collections.abc import Mapping
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from api.pages import rendering
from api.pages.words import Words
from explanations.requests.wording import Wording


@cache
def has_pdf() -> bool:
    """Tell whether answers can be had as PDF here: WeasyPrint is installed, and Pango, which it draws with."""
    return find_spec("weasyprint") is not None and find_library("pango-1.0") is not None


def saying(words: Wording) -> Any:
    """Return the function that writes a text as HTML, marked where it is in another language than the page."""

    def say(key: str, **fields: object) -> Markup:
        said = words(key, **fields)
        if said.language == words.language:
            return Markup("{}").format(said.text)
        return Markup('<span lang="{}" dir="ltr">{}</span>').format(said.language, said.text)

    return say


def facts(document: Mapping[str, Any], controller: str, path: str, *, printed: bool) -> dict[str, object]:
    """Return what the answer's template takes."""
    words = Wording(str(document["language"]))
    return {
        "t": words,
        "say": saying(words),
        "document": document,
        "controller": controller,
        "path": path,
        "printed": printed,
        "pdf": has_pdf(),
    }


def page(document: Mapping[str, Any], controller: str, path: str) -> Response:
    """Return the answer as a page."""
    return rendering.page("answer.html", Words("en"), 200, **facts(document, controller, path, printed=False))


def preview(document: Mapping[str, Any], controller: str) -> Response:
    """Return a draft as the page that the person will get, without what only a released answer leads to."""
    told = {**facts(document, controller, "", printed=False), "pdf": False}
    return rendering.page("answer.html", Words("en"), 200, **told)


async def pdf(document: Mapping[str, Any], controller: str) -> bytes:
    """Return the answer as tagged PDF/UA; made in a thread, nothing is fetched from anywhere."""
    html = rendering.text("answer.html", Words("en"), **facts(document, controller, "", printed=True))
    return await asyncio.to_thread(_pdf, html)


def _pdf(html: str) -> bytes:
    import weasyprint  # noqa: PLC0415 -- 0.3 s and 30 MB that only this needs

    class Nothing(weasyprint.URLFetcher):  # type: ignore[misc]  # untyped
        """Fetches nothing."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("an answer refers to nothing outside itself")

    made: bytes = weasyprint.HTML(string=html, url_fetcher=Nothing()).write_pdf(pdf_variant="pdf/ua-1")
    return made
