"""Languages: in which ones Candor and the company speak, what is missing in each, and what a machine wrote (UX-04).

Candor's own words come with the release; the company's are in its purposes and notices. A language counts as spoken
where a site offers it; what is missing there is shown in English and marked as English.
"""

from typing import NamedTuple

from starlette.responses import Response

from api.auth import service as auth
from api.console import rendering
from api.console.desk import Desk
from api.pages.words import FALLBACK, catalogues
from consent.purposes import service as purposes
from core.database import Reader
from disclosures.notices import service as notices
from disclosures.notices import standing
from disclosures.widget import words as widget

_MOST = 500


class Spoken(NamedTuple):
    """One language: which sites offer it, and how much of each sort of words there is in it."""

    tag: str
    name: str
    sites: tuple[str, ...]
    widget: int
    pages: int
    reviewed: bool
    purposes: tuple[int, tuple[str, ...]]  # how many, and which lack it
    notices: tuple[int, tuple[str, ...]]

    @property
    def whole(self) -> bool:
        """Tell whether nothing of the company's own is missing."""
        return not self.purposes[1] and not self.notices[1]


class Texts(NamedTuple):
    """Which languages each published purpose and notice has texts in, and each site offers."""

    sites: dict[str, list[str]]
    purposes: dict[str, set[str]]
    notices: dict[str, set[str]]


async def coverage(desk: Desk) -> Response:
    """Show every language that a site offers, and the others that Candor itself can speak."""
    texts = await desk.state.db.read(_texts, desk)
    offered = sorted({tag for tags in texts.sites.values() for tag in tags})
    others = [tag for tag in widget.languages() if tag not in offered]
    return rendering.page(
        desk,
        "languages.html",
        rows=[_spoken(tag, texts) for tag in offered],
        others=[_spoken(tag, texts) for tag in others],
        purposes=len(texts.purposes),
        notices=len(texts.notices),
    )


async def _texts(tx: Reader, desk: Desk) -> Texts:
    sites = {view.site.name: view.languages for view in await auth.sites(tx, desk.principal)}
    found = [view.published for view in await purposes.listed(tx, desk.tenant, "", _MOST)]
    told = [view.published for view in await notices.listed(tx, desk.tenant, "", _MOST)]
    return Texts(
        sites,
        {row.key: set(purposes.document_of(row.document).texts) for row in found if row is not None},
        {row.key: set(standing.document_of(row.document).texts) for row in told if row is not None},
    )


def _spoken(tag: str, texts: Texts) -> Spoken:
    own = widget.nearest(tag)
    meta = widget.catalogue(own).get("_meta", {})
    reviewed = own == FALLBACK or (isinstance(meta, dict) and not str(meta.get("review", "")).startswith("needs"))
    return Spoken(
        tag,
        catalogues()[tag].name if tag in catalogues() else "",
        tuple(name for name, tags in texts.sites.items() if tag in tags),
        _share(set(widget.catalogue(own)), set(widget.catalogue(FALLBACK))) if own.split("-")[0] == _main(tag) else 0,
        _share(set(catalogues()[tag].texts), set(catalogues()[FALLBACK].texts)) if tag in catalogues() else 0,
        reviewed,
        _lacking(tag, texts.purposes),
        _lacking(tag, texts.notices),
    )


def _main(tag: str) -> str:
    return tag.partition("-")[0]


def _share(there: set[str], wanted: set[str]) -> int:
    return 100 * len(there & wanted) // max(1, len(wanted))


def _lacking(tag: str, found: dict[str, set[str]]) -> tuple[int, tuple[str, ...]]:
    lack = tuple(key for key, tags in found.items() if tag not in tags and _main(tag) not in tags)
    return len(found) - len(lack), lack
