"""The widget's own words in one language: flat keys, plural forms by CLDR category; English where there is no file.

What a page says at once (``FIRST``) goes with the configuration; the rest is in files that are kept for a year, one for
each group of words that are needed together.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

FALLBACK: Final = "en"
FIRST: Final = ("badge", "chat_ai", "close", "contact", "notice", "person")
WORDS: Final = "words"  # the group of everything that is in no other
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "talk": (
        *("talk_ai", "talk_book", "talk_call", "talk_called", "talk_elsewhere", "talk_ended", "talk_failed"),
        *("talk_how", "talk_how_ai", "talk_human", "talk_joined", "talk_keep", "talk_later", "talk_leave"),
        *("talk_left", "talk_lost", "talk_message", "talk_missed", "talk_news", "talk_no", "talk_nobody"),
        *("talk_number", "talk_opens", "talk_passed", "talk_person", "talk_place", "talk_rate", "talk_record"),
        *("talk_refused", "talk_reopen", "talk_reopened", "talk_return", "talk_returned", "talk_scale", "talk_send"),
        *("talk_system", "talk_thanks", "talk_typing", "talk_unsent", "talk_waiting", "talk_write", "talk_written"),
        *("talk_yes", "talk_you"),
    ),
    "why": (
        *("retry", "unreached", "why", "why_against", "why_ask", "why_asked", "why_due", "why_else", "why_for"),
        *("why_most", "why_none", "why_person", "why_stated", "why_status", "why_wait"),
    ),
}
GROUPS: Final = (WORDS, *_GROUPS)
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
def direction_of(language: str) -> str:
    """Return ``ltr`` or ``rtl``: how the words that somebody who wants ``language`` gets are written."""
    meta = catalogue(nearest(language))["_meta"]
    return meta["dir"] if isinstance(meta, dict) else "ltr"


@cache
def words_of(language: str) -> Catalogue:
    """Return the words that a page needs before anybody looks closer."""
    found = catalogue(nearest(language))
    return {key: found[key] for key in FIRST}


@cache
def later_words_of(language: str, group: str = WORDS) -> Catalogue:
    """Return a group: ``words`` of the panel, labels, chat notices and contact to people, ``why`` of reasons."""
    found = catalogue(nearest(language))
    if group != WORDS:
        return {key: found[key] for key in _GROUPS[group]}
    elsewhere = {"_meta", *FIRST, *(key for keys in _GROUPS.values() for key in keys)}
    return {key: words for key, words in found.items() if key not in elsewhere}
