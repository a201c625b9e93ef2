"""The text a person saw when she chose, put together again from what was published then.

A record keeps the name of the text (purpose, version, language, edition of the page's words) and the SHA-256 of the
very bytes shown. The text is rebuilt and hashed: only if the hash is the recorded one is it called exact. What a
company's own site showed is known by its hash alone.
"""

import json
import re
from typing import NamedTuple

from markupsafe import Markup

from api.auth import store as auth
from api.catalogue import catalogue_at
from api.pages import rendering
from api.pages.reading import Published, Telling
from api.pages.standing import Person, of_everything
from api.pages.view import ChoicesPage
from api.pages.words import Words, catalogues
from consent.lifecycle import ALL
from consent.purposes import store as purposes
from consent.purposes.service import PurposeView
from consent.store import Happened
from consent.tables import Purpose
from core.database import Reader
from disclosures import service as register
from disclosures import store as systems
from disclosures.service import SystemView
from disclosures.tables import AiSystem

_NAME = re.compile(r"(?P<what>.{1,32})\.(?P<version>[0-9]+)\.(?P<language>[A-Za-z-]+)\.(?P<edition>[0-9a-f]{8})")


class Shown(NamedTuple):
    """A text as it was shown, or why it can't be; ``exact`` says that its hash is the recorded one."""

    html: Markup | None
    exact: bool
    language: str
    dir: str
    why: str


def _not(why: str) -> Shown:
    return Shown(None, exact=False, language="", dir="ltr", why=why)


async def text_shown(tx: Reader, event: Happened) -> Shown:
    """Return the text that stood beside the button of one choice."""
    if event.notice_hash is None or event.notice_version is None:
        return _not("No text is on record with this choice.")
    named = _NAME.fullmatch(event.notice_version)
    version = await purposes.version(tx, event.tenant, event.purpose, event.purpose_version)
    if named is None or version is None or event.purpose == ALL:
        return _not("This text was shown outside Candor's own pages. The record holds its name and its hash.")
    if named["language"] not in catalogues():
        return _not("The page's words in this language are not part of this release.")
    words = Words(named["language"])
    if words.own.sha256[:8] != named["edition"]:
        return _not("The page's own words have changed since; this release can't rebuild them to the byte.")
    facts = await _facts(tx, event, PurposeView(_purpose(event), None, version))
    sites = await _sites(tx, event)
    for unfolded in (False, True):
        for site in sites:
            html, digest = _rebuilt(words, facts, event, site, unfolded=unfolded)
            if digest == event.notice_hash:
                return Shown(html, exact=True, language=words.own.language, dir=words.dir, why="")
    return _not(
        "Rebuilt from what was published then, the text has another hash: it is not shown, for it would prove nothing."
    )


def _purpose(event: Happened) -> Purpose:
    return Purpose(tenant=event.tenant, key=event.purpose, latest_version=event.purpose_version, created_at=0)


async def _facts(tx: Reader, event: Happened, view: PurposeView) -> Published:
    known = {}
    for key, text, retired_at in await systems.documents_at(tx, event.tenant, event.recorded_at):
        if retired_at is None or retired_at > event.recorded_at:
            row = AiSystem(tenant=event.tenant, key=key, document=text, created_at=0)
            known[key] = SystemView(row, register.document_of(text))
    catalogue = await catalogue_at(tx, event.tenant, event.recorded_at)
    return Published({event.purpose: view}, dict(sorted(known.items())), catalogue)


async def _sites(tx: Reader, event: Happened) -> list[tuple[str, tuple[str, ...]]]:
    """Return name and languages of the sites the text may have stood on: of the record's own, if it names one."""
    return [(site.name, tuple(json.loads(site.languages))) for site in await auth.sites(tx, event.tenant, event.site)]


def _rebuilt(
    words: Words, facts: Published, event: Happened, site: tuple[str, tuple[str, ...]], *, unfolded: bool
) -> tuple[Markup, str]:
    name, languages = site
    telling = Telling(words, languages)
    use = telling.use(facts.purposes[event.purpose], facts, Person({}), event.recorded_at)
    page = ChoicesPage("", name, words.own.language, (), "nobody", of_everything(Person({})), (), ())
    return rendering.wording(use, page, words, unfolded=unfolded)
