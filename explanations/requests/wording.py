"""The words of answers, letters and status pages: one TOML catalogue a language, English where one lacks a word.

A sentence in another language than the page is marked as such (WCAG 3.1.2), so that nobody takes it for a translation.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

_FALLBACK = "en"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Said(NamedTuple):
    """A text and the language it is in."""

    text: str
    language: str


@cache
def _catalogues() -> Mapping[str, Mapping[str, Any]]:
    found = {}
    for file in files(__package__).joinpath("words").iterdir():
        if file.name.endswith(".toml"):
            found[file.name.removesuffix(".toml")] = tomllib.loads(file.read_text(encoding="utf-8"))
    return found


def languages() -> list[str]:
    """Return the languages there are words in."""
    return sorted(_catalogues())


class Wording:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        """Speak ``language`` (BCP 47); what it lacks is said in English."""
        known = _catalogues()
        main = language.partition("-")[0].lower()
        self._own = known.get(main)
        self._fallback = known[_FALLBACK]
        self.language = main if self._own is not None else _FALLBACK
        self.dir = str((self._own or self._fallback)["meta"]["dir"])

    def __call__(self, key: str, **fields: object) -> Said:
        """Return a text with its fields filled in. Raises ``KeyError`` for an unknown key."""
        section, _, name = key.partition(".")
        own = (self._own or {}).get(section, {}).get(name)
        if own is None:
            return Said(str(self._fallback[section][name]).format(**fields), _FALLBACK)
        return Said(str(own).format(**fields), self.language)

    def plain(self, key: str, **fields: object) -> str:
        """Return a text without its language."""
        return self(key, **fields).text

    def date(self, at: int) -> str:
        """Write the civil day (UTC) of an instant in microseconds."""
        day = (_EPOCH + timedelta(microseconds=at)).date()
        meta = (self._own or self._fallback)["meta"]
        return str(meta["date"]).format(day=day.day, month=meta["months"][day.month - 1], year=day.year)
