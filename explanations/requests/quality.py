"""How hard an answer is to read: measured, not judged, by words a sentence and the longest one. Pure."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"\w+")


class Reading(NamedTuple):
    """How a text reads."""

    sentences: int
    words_a_sentence: float
    longest: int


def reading(sentences: Iterable[str]) -> Reading:
    """Return the reading figures of sentences."""
    lengths = [len(_WORD.findall(sentence)) for sentence in sentences]
    if not lengths:
        return Reading(0, 0.0, 0)
    return Reading(len(lengths), round(sum(lengths) / len(lengths), 1), max(lengths))
