"""What a draft has to be held against before anybody is shown it (DIS-07, 08, 09, 14, 15; GDPR Art. 12(1)).

Errors keep a draft from being approved and published; warnings are told. Pure: touchpoints and packs come in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from disclosures.notices import readability, renderings, wording
from disclosures.notices.documents import NoticeDocument, NoticeText, Pressure
from disclosures.packs import languages
from disclosures.packs.documents import Disclosure, Pack
from disclosures.packs.loading import PackSet
from disclosures.touchpoints.documents import TouchpointDocument

# what the first layer itself conveys if it says plainly that AI is at work
_IDENTITY: Final = frozenset(
    {"is_ai", "is_ai_not_human", "not_human", "artificial_not_human", "is_bot", "uses_ai", "ai_generated_label"}
)
# conveyed by a mark in the content itself, not by words
MARKS: Final = frozenset({"machine_readable_mark", "implicit_metadata", "latent_and_manifest_marks"})
_TELLS_OF_AI: Final = frozenset({"ai_interaction"})


class Finding(NamedTuple):
    """One thing about a draft: where (JSON pointer), what, how bad, and the rule that asks for it, if one does."""

    pointer: str
    code: str
    detail: str
    error: bool
    rule: str | None = None
    citation: str | None = None


class Asked(NamedTuple):
    """A rule that a notice has to satisfy, and its pack."""

    rule: Disclosure
    pack: Pack


def rules_about(kind: str, names: Iterable[str], packs: PackSet) -> list[Asked]:
    """Return the rules of the packs named that are about a topic."""
    triggers = packs.vocabulary.triggers
    return [
        Asked(rule, packs.packs[name])
        for name in names
        if name in packs.packs
        for rule in packs.packs[name].disclosures
        if triggers[rule.trigger].topic == kind
    ]


def findings(
    document: NoticeDocument, touchpoints: Mapping[str, TouchpointDocument | None], packs: PackSet
) -> list[Finding]:
    """Return everything to be said of a draft; ``touchpoints`` by key, ``None`` for one that is not registered."""
    found = [*_references(document, touchpoints, packs), *_translations(document), *_languages(document, packs)]
    there = [one for one in touchpoints.values() if one is not None]
    rules = rules_about(document.kind, document.packs, packs)
    for language, text in document.texts.items():
        base = f"/texts/{language}"
        found += _wording(base, language, text, document.kind)
        found += _pressing(base, language, text, document.despite)
        found += _complete(base, text, rules, plain=not _is_vague(language, text))
        found += _locked(base, text, rules)
        found += _channels(base, text, there)
        found += _ways_out(base, text, document.kind, there)
    return found


def errors(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those findings that keep a draft from going out."""
    return tuple(one for one in found if one.error)


def _is_vague(language: str, text: NoticeText) -> bool:
    return any(wording.vague(text.text, language, tells_of_ai=True))


def _references(
    document: NoticeDocument, touchpoints: Mapping[str, TouchpointDocument | None], packs: PackSet
) -> Iterator[Finding]:
    for number, key in enumerate(document.touchpoints):
        if touchpoints.get(key) is None:
            yield Finding(f"/touchpoints/{number}", "unknown-touchpoint", "there is no such touchpoint", error=True)
    for number, name in enumerate(document.packs):
        if name not in packs.packs:
            yield Finding(f"/packs/{number}", "unknown-pack", "there is no such rule pack", error=True)


def _translations(document: NoticeDocument) -> Iterator[Finding]:
    source = document.texts.get(document.source_language)
    if source is None:
        yield Finding("/source_language", "no-source", "there is no text in the source language", error=True)
        return
    for language, text in document.texts.items():
        if language == document.source_language or text.translated_from == source.sha256:
            continue
        never = text.translated_from is None
        detail = "say which source text this was made from" if never else "the source text has changed since"
        yield Finding(f"/texts/{language}/translated_from", "stale-translation", detail, error=True)


def _languages(document: NoticeDocument, packs: PackSet) -> Iterator[Finding]:
    """Ask for the languages that the packs named prescribe for everything people are told (UX-02)."""
    for name in document.packs:
        for duty in packs.packs[name].duties if name in packs.packs else ():
            if duty.about != "language":
                continue
            for language in languages.prescribed(duty):
                if not any(languages.speaks(there, language) for there in document.texts):
                    detail = "this pack wants everything told in this language too"
                    yield Finding(
                        f"/texts/{language}", "language-missing", detail, error=True, rule=duty.id, citation=duty.cite
                    )


def _wording(base: str, language: str, text: NoticeText, kind: str) -> Iterator[Finding]:
    for member in ("text", "more"):
        words = getattr(text, member)
        if words is None:
            continue
        tells = member == "text" and kind in _TELLS_OF_AI
        for fault in wording.vague(words, language, tells_of_ai=tells):
            detail = (
                "does not say in plain words that this is a computer program"
                if fault.code == "not-plain"
                else f'"{fault.phrase}" tells nothing'
            )
            yield Finding(f"{base}/{member}", fault.code, detail, error=True)
    if language.partition("-")[0] not in wording.languages():
        detail = "vague and pressing words are not known in this language: have somebody who speaks it look"
        yield Finding(f"{base}/text", "not-judged", detail, error=False)
    hard = readability.score("\n".join(part for part in (text.text, text.more) if part), language)
    if hard is not None and hard.hard:
        detail = f"hard to read: LIX {hard.lix}, {hard.words_per_sentence} words in a sentence"
        yield Finding(f"{base}/text", "hard-to-read", detail, error=False)


def _pressing(base: str, language: str, text: NoticeText, despite: Mapping[Pressure, str]) -> Iterator[Finding]:
    """Words that press people are held back, unless the notice says why they stand (CON-18)."""
    reasons = {str(code): why for code, why in despite.items()}
    for member in ("title", "text", "more", "human"):
        for fault in wording.pressing(getattr(text, member) or "", language):
            reason = reasons.get(fault.code)
            detail = f'"{fault.phrase}" presses people' + ("" if reason is None else f"; it stands because: {reason}")
            yield Finding(f"{base}/{member}", fault.code, detail, error=reason is None)


def _complete(base: str, text: NoticeText, rules: Sequence[Asked], *, plain: bool) -> Iterator[Finding]:
    for rule, pack in rules:
        for word in rule.must_convey:
            if word in MARKS or word in text.elements or (word in _IDENTITY and plain):
                continue
            yield Finding(
                f"{base}/elements/{word}",
                "element-missing",
                f"{pack.name} asks for it",
                error=True,
                rule=rule.id,
                citation=rule.cite,
            )


def _locked(base: str, text: NoticeText, rules: Sequence[Asked]) -> Iterator[Finding]:
    for rule, _ in rules:
        if rule.fixed_text is not None and rule.fixed_text not in text.text:
            detail = f'the law\'s own words have to stand here as they are: "{rule.fixed_text}"'
            yield Finding(f"{base}/text", "locked-wording", detail, error=True, rule=rule.id, citation=rule.cite)


def _channels(base: str, text: NoticeText, touchpoints: Sequence[TouchpointDocument]) -> Iterator[Finding]:
    for channel in sorted({channel for one in touchpoints for channel in one.channels}):
        if why := renderings.cannot(text, channel):
            yield Finding(f"{base}/renderings/{channel}", "no-rendering", why, error=True)


def _ways_out(base: str, text: NoticeText, kind: str, touchpoints: Sequence[TouchpointDocument]) -> Iterator[Finding]:
    """A notice about a conversation names the way to a person wherever there is one (DIS-15)."""
    if kind == "ai_interaction" and text.human is None and any(one.human_route for one in touchpoints):
        yield Finding(f"{base}/human", "no-way-to-a-person", "name the way to a person in the same view", error=True)
