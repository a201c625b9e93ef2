"""The widget's configuration of one site in one language: uses of AI, notices, choices, words; nothing personal.

Texts are the operator's, in the language asked for or the nearest there is; an object in another language says which.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from api.auth.snapshot import KnownSite
from api.pages import reading
from api.pages.reading import Published, Telling, document_of
from api.pages.words import Words
from consent.purposes.service import PurposeView
from core import canonical
from core.database import Reader
from disclosures.experiments.serving import Cohort
from disclosures.notices import renderings, standing
from disclosures.notices import store as notice_store
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.store import VersionRow
from disclosures.touchpoints import service as touchpoints
from disclosures.touchpoints.service import TouchpointView
from disclosures.widget.words import direction_of, words_of

_DIGITS = 16
# a notice of these kinds belongs to the use it is shown at
_AT_A_USE = ("ai_interaction", "emotion_or_biometrics", "automated_decision", "price", "synthetic_content")


class Configuration(NamedTuple):
    """What everybody is shown; ``offered`` is the text that offers stand for, ``purposes`` what can be chosen."""

    document: dict[str, Any]
    offered: dict[str, Any]
    offered_sha256: str
    purposes: Mapping[str, int]
    cohorts: tuple[Cohort, ...] = ()

    @property
    def version(self) -> str:
        """Return what changes with anything in the document."""
        return str(self.document["version"])


def nearest(site: KnownSite, language: str) -> str:
    """Return the language of the site to show to somebody who wants ``language`` (RFC 4647, lookup)."""
    for wanted in (language, language.partition("-")[0]):
        for there in site.languages:
            if there.lower() == wanted.lower():
                return there
    main = language.partition("-")[0].lower()
    return next((there for there in site.languages if there.partition("-")[0].lower() == main), site.languages[0])


async def configuration(tx: Reader, site: KnownSite, language: str, cohorts: tuple[Cohort, ...] = ()) -> Configuration:
    """Read what a site shows in one of its languages, as it is at this moment; to people of ``cohorts`` alone if any.

    Then the notices of those experiments say so: whoever reads what was offered sees which variant it was.
    """
    facts = await reading.published(tx, site.tenant)
    met = await touchpoints.at_site(tx, site.tenant, site.slug)
    notices = [await _in_cohort(tx, site.tenant, one, cohorts) for one in await standing.in_force(tx, site.tenant)]
    words = Words(language)
    telling = Telling(words, site.languages)
    shown = [{**one, **_said_of(one["id"], cohorts)} for one in _notices(notices, met, telling)]
    purposes = [_purpose(view, telling, language) for view in _purposes(facts, met)]
    offered: dict[str, Any] = {
        "lang": language,
        "org": site.name,
        "uses": [_use(one, facts, shown, telling, language) for one in met],
        "notices": shown,
        "purposes": purposes,
    }
    routes = sorted({one.document.human_route for one in met if one.document.human_route})
    contacts = [facts.systems[one.document.system].document.contact for one in met if one.document.human_route]
    rest = {
        "dir": direction_of(language),
        "languages": list(site.languages),
        "page": f"/t/{site.slug}/{language}",
        "choices": f"/t/{site.slug}/{language}/choices",
        "human": {"routes": routes, "contact": contacts[0] if contacts else None},
        "messages": words_of(language),
    }
    document: dict[str, Any] = {**offered, **rest}
    version = sha256(canonical.dumps(document)).hexdigest()[:_DIGITS]
    return Configuration(
        {**document, "version": version},
        offered,
        sha256(canonical.dumps(offered)).hexdigest(),
        {one["id"]: one["version"] for one in purposes},
        cohorts,
    )


async def _in_cohort(
    tx: Reader, tenant: str, one: tuple[VersionRow, NoticeDocument], cohorts: Sequence[Cohort]
) -> tuple[VersionRow, NoticeDocument]:
    """Return the version of a notice that people of some cohorts are shown."""
    wanted = next((cohort.version for cohort in cohorts if cohort.notice == one[0].key), one[0].version)
    row = None if wanted == one[0].version else await notice_store.version(tx, tenant, one[0].key, wanted)
    return one if row is None else (row, standing.document_of(row.document))


def _said_of(notice: str, cohorts: Sequence[Cohort]) -> dict[str, str]:
    found = next((one for one in cohorts if one.notice == notice), None)
    return {} if found is None else {"experiment": found.experiment, "variant": found.variant}


def _purposes(facts: Published, met: Sequence[TouchpointView]) -> list[PurposeView]:
    """Return the purposes of the uses at this site; of everything while no use is registered."""
    wanted = {key for one in met for key in one.document.purposes}
    return [view for key, view in facts.purposes.items() if not met or key in wanted]


def _foreign(made: dict[str, Any], language: str, wanted: str) -> dict[str, Any]:
    return made if language in {wanted, wanted.partition("-")[0]} else {**made, "lang": language}


def _purpose(view: PurposeView, telling: Telling, wanted: str) -> dict[str, Any]:
    document = document_of(view)
    language = telling.pick(document.texts)
    made = {
        "id": document.key,
        "version": view.purpose.latest_version,
        "name": document.texts[language].name,
        "text": document.texts[language].text,
        "on": document.mechanism != "opt_in",
        "locked": document.mechanism == "notice_only",
        "explicit": document.explicit,
        "gpc": document.gpc,
    }
    return _foreign(made, language, wanted)


def _use(
    one: TouchpointView, facts: Published, shown: Sequence[dict[str, Any]], telling: Telling, wanted: str
) -> dict[str, Any]:
    document = one.document
    language = telling.pick(document.texts)
    system = facts.systems.get(document.system)
    made = {
        "id": document.key,
        "kind": document.kind,
        "name": document.name,
        "text": document.texts[language],
        "purposes": [key for key in document.purposes if key in facts.purposes],
        "notice": next((notice["id"] for notice in shown if document.key in notice["uses"]), None),
        "human": document.human_route is not None,
        "contact": system.document.contact if system is not None and document.human_route else None,
    }
    return _foreign(made, language, wanted)


def _notices(
    published: Sequence[tuple[VersionRow, NoticeDocument]], met: Sequence[TouchpointView], telling: Telling
) -> list[dict[str, Any]]:
    """Return the notices that belong to the uses of this site, in the order of the kinds."""
    uses: dict[str, list[str]] = {}
    for kind in _AT_A_USE:
        for one in met:
            found = standing.for_touchpoint(published, one.document.key, kind)
            if found is not None and _fits(kind, one):
                uses.setdefault(found[0].key, []).append(one.document.key)
    by_key = {row.key: (row, document) for row, document in published}
    return [_notice(*by_key[key], there, telling) for key, there in uses.items()]


def _fits(kind: str, one: TouchpointView) -> bool:
    if kind == "emotion_or_biometrics":
        return one.document.emotion_or_biometrics or one.document.kind == "sentiment"
    return True


def _notice(row: VersionRow, document: NoticeDocument, uses: list[str], telling: Telling) -> dict[str, Any]:
    language = telling.pick(document.texts)
    text = document.texts[language]
    made = {
        "id": row.key,
        "version": row.version,
        "kind": document.kind,
        "title": text.title,
        "text": text.text,
        "more": renderings.second_layer(text),
        "human": text.human,
        "label": text.label,
        "uses": uses,
    }
    return _foreign(made, language, telling.wanted)
