"""Which claims a notice says, word for word, and which of them it may not say (DIS-12); pure.

A claim is quoted where its words stand in a text, whatever the spaces and the case. A claim that was taken back, or
whose evidence is missing or too old, may not be said.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from disclosures.claims.service import ClaimView
from disclosures.notices.documents import NoticeDocument, NoticeText
from disclosures.notices.lint import Finding

_WHY: Final = {
    "no-evidence": "nothing shows that it is true",
    "expired": "what showed that it is true holds no longer",
    "retired": "it was taken back",
}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _said(text: NoticeText) -> Iterator[tuple[str, str]]:
    """Yield every place of a text with its words."""
    for name in ("title", "text", "more", "human", "label"):
        if words := getattr(text, name):
            yield name, words
    yield from ((f"elements/{word}", words) for word, words in text.elements.items())
    yield from ((f"renderings/{channel}", words) for channel, words in text.renderings.items())


def standing(claim: ClaimView, on: date) -> str:
    """Return how a claim stands on a day: ``shown``, ``expired``, ``no-evidence`` or ``retired``."""
    return "retired" if claim.row.retired else claim.document.standing(on)


def _places(document: NoticeDocument, claim: ClaimView) -> Iterator[tuple[str, str]]:
    """Yield the places of a notice where a claim is said, with its words as the register has them."""
    for language, text in document.texts.items():
        main = language.partition("-")[0]
        statements = [
            statement
            for spoken, several in claim.document.statements.items()
            if spoken.partition("-")[0] == main
            for statement in several
        ]
        for name, words in _said(text):
            plain = _plain(words)
            yield from ((f"/texts/{language}/{name}", one) for one in statements if _plain(one) in plain)


def findings(document: NoticeDocument, claims: Sequence[ClaimView], on: date) -> list[Finding]:
    """Return an error for each place of a notice that says what may not be said on a day."""
    found = []
    for claim in claims:
        why = _WHY.get(standing(claim, on))
        if why is not None:
            found += [
                Finding(pointer, "claim-not-shown", f'"{words}" (claim {claim.row.key}): {why}', error=True)
                for pointer, words in _places(document, claim)
            ]
    return found


def quoting(claim: ClaimView, published: Iterable[NoticeDocument]) -> list[str]:
    """Return the keys of the notices that say a claim."""
    return [document.key for document in published if any(_places(document, claim))]
