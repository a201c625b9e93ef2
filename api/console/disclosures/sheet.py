"""One notice as its page shows it: how each language stands, how it reads, and what keeps the draft back; pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.console.catalogue import Change, changes
from core import canonical
from disclosures.notices import readability, renderings, wording
from disclosures.notices.documents import NoticeDocument, NoticeText
from disclosures.notices.lint import Finding
from disclosures.notices.readability import Score
from disclosures.notices.service import NoticeView
from disclosures.notices.standing import document_of
from disclosures.notices.store import VersionRow

SOURCE, PRESENT, STALE = "the source", "of the present source", "of an earlier source"


class Language(NamedTuple):
    """How a notice stands in one language: its text, what it was made from, how it reads, what is wrong with it."""

    lang: str
    text: NoticeText
    made_from: str
    score: Score | None
    judged: bool  # whether vague wordings are known in this language
    findings: tuple[Finding, ...]


class Version(NamedTuple):
    """A published version, what it changed, and whether it had people told anew."""

    row: VersionRow
    changes: list[Change]


def _made_from(document: NoticeDocument, language: str, text: NoticeText) -> str:
    if language == document.source_language:
        return SOURCE
    source = document.texts.get(document.source_language)
    return PRESENT if source is not None and text.translated_from == source.sha256 else STALE


def languages(document: NoticeDocument, found: Sequence[Finding]) -> list[Language]:
    """Return how each language of a document stands, the source first."""
    order = sorted(document.texts, key=lambda language: (language != document.source_language, language))
    rows = []
    for language in order:
        text, base = document.texts[language], f"/texts/{language}"
        own = tuple(one for one in found if one.pointer == base or one.pointer.startswith(f"{base}/"))
        words = "\n".join(part for part in (text.text, text.more) if part)
        score = readability.score(words, language)
        judged = language.partition("-")[0] in wording.languages()
        rows.append(Language(language, text, _made_from(document, language, text), score, judged, own))
    return rows


def general(found: Sequence[Finding], rows: Sequence[Language]) -> list[Finding]:
    """Return the findings that are of no language the document has."""
    own = {one for row in rows for one in row.findings}
    return [one for one in found if one not in own]


def said(document: NoticeDocument) -> dict[str, Any]:
    """Return what two versions are compared by: hashes of sources tell a reader nothing."""
    texts = document.as_json()["texts"]
    return {
        **document.as_json(),
        "texts": {
            language: {name: value for name, value in text.items() if name != "translated_from" and value is not None}
            for language, text in texts.items()
        },
    }


def compared(before: NoticeDocument | None, after: NoticeDocument) -> list[Change]:
    """Return the fields in which a document differs from what stood before it."""
    return [] if before is None else changes(said(before), said(after))


def history(found: Sequence[VersionRow]) -> list[Version]:
    """Return every version, newest first, each with what it changed."""
    documents: list[NoticeDocument | None] = [document_of(row.document) for row in found]
    befores = [*documents, None][1:]
    return [
        Version(row, [] if document is None else compared(before, document))
        for row, document, before in zip(found, documents, befores, strict=True)
    ]


def standing(view: NoticeView) -> tuple[str, str]:
    """Return in a word how a notice stands, and the shape that goes with it."""
    row = view.notice
    if row.retired_at is not None:
        return "retired", "off"
    if view.draft is not None:
        if row.publish_at is not None:
            return "scheduled", "open"
        return ("approved, not published", "open") if row.approved_by else ("waits for approval", "open")
    if view.stale:
        return "register has changed", "wrong"
    return "in force", "good"


class Preview(NamedTuple):
    """A notice as a channel takes it: ``raw`` for text and speech, else what a reader has before her eyes."""

    lang: str
    channel: str
    media: str
    cannot: str | None
    raw: str | None
    title: str = ""
    lines: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    human: str | None = None
    label: str | None = None


def preview(document: NoticeDocument, language: str, channel: str) -> Preview:
    """Return a notice as a channel takes it, in the language it really comes in."""
    lang = document.nearest(language)
    text = document.texts[lang]
    content, cannot = renderings.render(text, channel, lang), renderings.cannot(text, channel)
    if isinstance(content, str):
        return Preview(lang, channel, renderings.MEDIA[channel], cannot, content)
    return Preview(
        lang,
        channel,
        renderings.MEDIA[channel],
        cannot,
        None,
        content.get("title") or content.get("subject", ""),
        _lines(content.get("text") or content.get("body")),
        _lines(content.get("more")),
        text.human if "human" in content or content.get("buttons") else None,
        content.get("label"),
    )


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line for line in (text or "").split("\n") if line)


def document_under(view: NoticeView, *, keeper: bool) -> NoticeDocument | None:
    """Return what a page speaks of: the draft for its keepers, else the version in force."""
    if keeper and view.draft is not None:
        return view.draft
    return None if view.published is None else document_of(view.published.document)


def stored(text: str) -> Any:
    """Return a stored JSON value."""
    return canonical.loads(text)
