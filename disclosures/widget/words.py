"""The widget's own words in one language: flat keys, plural forms by CLDR category; English where there is no file.

What every panel says goes with the configuration; what only some elements say (``LATER``) is asked for by them.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

FALLBACK: Final = "en"
LATER: Final = (
    *("account", "chat_human", "chat_limits", "chat_mixed", "label_"),
    *("person_none", "takes_over", "wait", "why"),
)
Catalogue = Mapping[str, str | Mapping[str, str]]


@cache
def languages() -> tuple[str, ...]:
    """Return every language that has a catalogue of its own, in the order of their tags."""
    folder = files(__package__).joinpath("words")
    return tuple(sorted(file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json")))


@cache
def catalogue(language: str) -> Catalogue:
    """Return all words of a language (BCP 47) that has a file, with what the file says of itself as ``_meta``."""
    found: Catalogue = json.loads(files(__package__).joinpath("words", f"{language}.json").read_text(encoding="utf-8"))
    return found


def nearest(language: str) -> str:
    """Return the catalogue to speak to somebody who wants ``language``: its own, its main language's, or English."""
    for wanted in (language, language.partition("-")[0]):
        if wanted in languages():
            return wanted
    return FALLBACK


@cache
def words_of(language: str) -> Catalogue:
    """Return the words that every widget in a language needs."""
    found = catalogue(nearest(language))
    return {key: words for key, words in found.items() if not key.startswith(("_", *LATER))}


@cache
def later_words_of(language: str) -> Catalogue:
    """Return the words that labels, chat notices, reasons and contact to people say besides."""
    found = catalogue(nearest(language))
    return {key: words for key, words in found.items() if key.startswith(LATER)}
