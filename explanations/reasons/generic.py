"""Reasons that give none: "score too low", "internal policy" (Reg B 1002.9(b)(2) and its commentary; EXP-10). Pure.

A text is generic if nothing is left of it once the phrases that only say *that* something failed are taken away
(``generic.toml`` beside this file, in nine languages).
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files


def _plain(text: str) -> str:
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(words)


@cache
def _known() -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the phrases, longest first, and the words that carry nothing."""
    document = tomllib.loads((files(__package__) / "generic.toml").read_text(encoding="utf-8"))
    phrases = {_plain(phrase) for listed in document["phrases"].values() for phrase in listed}
    empty = {word for listed in document["empty"].values() for word in listed}
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase))), frozenset(empty)


def is_generic(text: str) -> bool:
    """Tell whether a reason says only that there is one."""
    phrases, empty = _known()
    rest = " " + _plain(text).replace(" ", "  ") + " "  # two spaces: neighbours do not share one
    for phrase in phrases:
        rest = rest.replace(f" {phrase.replace(' ', '  ')} ", "  ")
    return not [word for word in rest.split() if word not in empty and not word.isdigit()]
