"""What makes an answer too general, or too hard to read (Reg B 1002.9(b)(2); C-203/22, 59-62). Pure.

A reason that would fit anybody is none. Reading level is measured, not judged: words a sentence, and the longest one.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

# reasons that say nothing of the person; matched as a whole sentence without case and punctuation
GENERIC: Final = (
    "internal policy",
    "internal standards",
    "internal policies",
    "company policy",
    "our policy",
    "lending policy",
    "credit policy",
    "score too low",
    "credit score too low",
    "insufficient score",
    "failed to achieve a qualifying score",
    "does not meet our criteria",
    "did not meet our criteria",
    "does not meet our requirements",
    "did not meet minimum requirements",
    "risk too high",
    "overall risk assessment",
    "automated decision",
    "the model decided so",
    "the computer said no",
    "proprietary model",
    "proprietary algorithm",
    "business reasons",
    "various factors",
    "a combination of factors",
    "other reasons",
    "not eligible",
    "insufficient information",
)
_OPENINGS: Final = (
    "", "because of ", "due to ", "based on ", "the reason is ", "the reason was ", "reason ", "your application ",
    "your ", "this is because of ", "according to ",
)  # fmt: skip
_KNOWN: Final = frozenset(opening + generic for opening in _OPENINGS for generic in GENERIC)
_WORD: Final = re.compile(r"\w+")


class Reading(NamedTuple):
    """How a text reads."""

    sentences: int
    words_a_sentence: float
    longest: int


def is_generic(sentence: str) -> bool:
    """Tell whether a reason would fit anybody."""
    return " ".join(_WORD.findall(sentence.lower())) in _KNOWN


def reading(sentences: Iterable[str]) -> Reading:
    """Return the reading figures of sentences."""
    lengths = [len(_WORD.findall(sentence)) for sentence in sentences]
    if not lengths:
        return Reading(0, 0.0, 0)
    return Reading(len(lengths), round(sum(lengths) / len(lengths), 1), max(lengths))
