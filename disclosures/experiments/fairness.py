"""What a variant may not do that the version in force does not: press, leave out, hide (EDPB 03/2022; CON-18). Pure.

The ways to say yes or no are no part of a notice: they are drawn the same for everybody, whatever text is beside them.
What is left to differ are words; these may not become harder, and nothing that is told may get lost.
"""

from collections.abc import Iterator
from typing import Final

from disclosures.notices import readability
from disclosures.notices.documents import NoticeDocument, NoticeText
from disclosures.touchpoints.documents import TouchpointDocument

# what people may be in need, or be judged, is no place to try words on them
_NO_PLACE: Final = frozenset({"companion", "mental_health_bot", "sentiment"})
_HIGH: Final = frozenset({"high_risk", "high_risk_interaction", "high_impact"})
_SAME: Final = ("kind", "source_language", "touchpoints", "packs", "model_versions")
_KEPT: Final = ("more", "human", "label")


def faults(control: NoticeDocument, variant: NoticeDocument) -> Iterator[str]:
    """Yield, in plain words, what keeps a version from being a variant of the one in force."""
    for member in _SAME:
        if getattr(control, member) != getattr(variant, member):
            yield f"differs in {member}: only words may differ"
    if variant.despite:
        yield "presses people, and a reason to do so all the same does not hold for an experiment"
    for language in sorted(control.texts.keys() ^ variant.texts.keys()):
        yield f"both have to be there in the same languages: {language}"
    for language in sorted(control.texts.keys() & variant.texts.keys()):
        yield from _worse(control.texts[language], variant.texts[language], language)


def _worse(control: NoticeText, variant: NoticeText, language: str) -> Iterator[str]:
    for member in _KEPT:
        if getattr(control, member) is not None and getattr(variant, member) is None:
            yield f"leaves out {member} in {language}"
    for word in sorted(control.elements.keys() - variant.elements.keys()):
        yield f"does not tell {word} in {language}"
    for channel in sorted(control.renderings.keys() - variant.renderings.keys()):
        yield f"has no wording of its own for {channel} in {language}"
    before, after = (readability.score(_all(one), language) for one in (control, variant))
    if after is not None and after.hard and not (before is not None and before.hard):
        yield f"is harder to read in {language}"


def _all(text: NoticeText) -> str:
    return "\n".join(part for part in (text.text, text.more) if part)


def is_no_place(touchpoint: TouchpointDocument, risk_class: str | None) -> bool:
    """Tell whether nobody is experimented on at a touchpoint; ``risk_class`` is that of its system."""
    return (
        touchpoint.kind in _NO_PLACE
        or touchpoint.emotion_or_biometrics
        or risk_class == "high"
        or not _HIGH.isdisjoint(touchpoint.facts)
    )
