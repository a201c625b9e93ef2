"""What a letter says beside the explanation itself: who decided when, and what the person can do now."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from explanations.canonical import Explanation
from explanations.narratives.words import Locale
from explanations.reasons.ranking import Ranked
from explanations.reasons.service import Approved

RightKey = Literal["human_review", "view", "contest", "correct", "object"]
_ALL: tuple[RightKey, ...] = ("human_review", "view", "contest", "correct")


@dataclass(frozen=True)
class Letter:
    """The facts around an explanation; instants in microseconds. What is not known is left out of the words."""

    reference: str
    system: str
    decided_at: int | None = None
    controller: str | None = None
    contact: str | None = None
    rights: tuple[RightKey, ...] = _ALL
    authority: str | None = None
    deadline: int | None = None


class Told(NamedTuple):
    """What is told: the explanation with its ranked reasons, in whose words, and the letter around it."""

    explanation: Explanation
    ranked: Ranked
    approved: Approved | None
    letter: Letter


def in_table(told: Told, place: str) -> str:
    """Return the id of a fact of the approved reason table."""
    return f"table:{'' if told.approved is None else told.approved.ref}#{place}"


def other(lang: str, locale: Locale) -> str | None:
    """Return the language of words that are not in the letter's own."""
    return None if lang in {locale.language, locale.words.language} else lang
