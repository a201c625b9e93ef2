"""The closed vocabulary of rephrasings: the words of a language that name no detail, no quantity and no degree."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

PhraseKind = Literal[
    "adverse", "favourable", "negator", "superlative", "sequence", "conditional", "unchanged", "instead", "neutral"
]


class Vocabulary(NamedTuple):
    """What a rephrasing in one language may be made of; phrases in lower case."""

    words: frozenset[str]
    change_words: frozenset[str]  # of a tested change only
    determiners: tuple[str, ...]
    phrases: Mapping[str, PhraseKind]
    ordinals: Mapping[str, int]
    from_to: tuple[str, str]


@cache
def vocabulary(language: str) -> Vocabulary | None:
    """Return the vocabulary of a language; nothing where none is kept, so that the template's words stand."""
    if re.fullmatch(r"[a-z]{2,3}", language) is None:
        return None
    file = files(__package__) / "vocabulary" / f"{language}.toml"
    if not file.is_file():
        return None
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    phrases: dict[str, PhraseKind] = {}
    listed: tuple[tuple[str, PhraseKind], ...] = (
        ("favourable", "favourable"),
        ("adverse", "adverse"),
        ("negators", "negator"),
        ("superlatives", "superlative"),
        ("sequence", "sequence"),
        ("conditional", "conditional"),
        ("unchanged", "unchanged"),
        ("instead", "instead"),
        ("neutral", "neutral"),
    )
    for name, kind in listed:
        phrases.update(dict.fromkeys(told[name], kind))
    first, second = told["from_to"]
    return Vocabulary(
        frozenset(word.casefold() for word in told["words"]),
        frozenset(word.casefold() for word in told["change_words"]),
        tuple(told["determiners"]),
        phrases,
        told["ordinals"],
        (first, second),
    )
