"""How hard a text is to read: LIX (Bjornsson 1968) and words in a sentence. No dictionary, any spaced script.

LIX is the words in a sentence plus the share of words longer than six letters, in percent. Long words are normal in
some languages, so limits differ by language and hold for sentences, not for labels.
"""

import re
from typing import Final, NamedTuple

_SENTENCE: Final = re.compile(r"[.!?\u2026\u061f\u0964]+(?:\s|$)|\n+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_LONG: Final = 6
# from plain texts measured in these languages; others get the default
_LIMITS: Final = {"en": 45.0, "ar": 45.0, "es": 52.0, "de": 55.0, "pl": 58.0, "fr": 55.0, "fi": 70.0, "hu": 62.0}
_DEFAULT: Final = 58.0
MOST_WORDS: Final = 25.0
# written without spaces between words: neither figure means anything
_UNSPACED: Final = frozenset({"ja", "zh", "th"})


class Score(NamedTuple):
    """How hard a text is: LIX, words in a sentence, and whether that is too hard in its language."""

    lix: float
    words_per_sentence: float
    hard: bool


def score(text: str, language: str) -> Score | None:
    """Return how hard a text is; nothing for scripts without spaces and for texts without words."""
    main = language.partition("-")[0]
    words = _WORD.findall(text)
    if main in _UNSPACED or not words:
        return None
    sentences = sum(1 for part in _SENTENCE.split(text) if part and _WORD.search(part))
    per_sentence = len(words) / max(sentences, 1)
    lix = per_sentence + 100 * sum(len(word) > _LONG for word in words) / len(words)
    hard = lix > _LIMITS.get(main, _DEFAULT) or per_sentence > MOST_WORDS
    return Score(round(lix, 1), round(per_sentence, 1), hard)
