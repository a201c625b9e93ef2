"""The words of explanations: one TOML catalogue for each language, and how it writes numbers, dates and values.

A language without a catalogue is answered in English, and says so. A catalogue that no native speaker has read yet is
used, and says so too. Numbers and dates are written by these few rules rather than by a library: nine languages need
four facts each, a locale database is 30 MB.
"""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from explanations.port import Value

FALLBACK = "en"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_VALUE = 80
_DIGITS = 6


class Catalogue(NamedTuple):
    """All words of one language by ``section.key``, and how it writes dates and numbers."""

    language: str
    name: str
    dir: Literal["ltr", "rtl"]
    review: Literal["read", "needed"]
    thousands: str
    decimal: str
    date: str
    months: Sequence[str]
    joint: str
    texts: Mapping[str, str]


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """Return every catalogue that ships, by language."""
    found = {}
    for file in (files(__package__) / "words").iterdir():
        if file.name.endswith(".toml"):
            language = file.name.removesuffix(".toml")
            found[language] = _read(language, file.read_bytes())
    return found


def _read(language: str, raw: bytes) -> Catalogue:
    document = tomllib.loads(raw.decode())
    meta = document.pop("_meta")
    texts = {f"{section}.{key}": text for section, words in document.items() for key, text in words.items()}
    return Catalogue(language=language, joint=meta.pop("and"), texts=texts, **meta)


class Locale:
    """One language to write an explanation in: its own catalogue, or the fallback for all of it."""

    def __init__(self, asked: str) -> None:
        """Write in ``asked`` (a BCP 47 tag), its main language, or else in English."""
        known = catalogues()
        found = known.get(asked) or known.get(asked.partition("-")[0])
        self.asked = asked
        self.fell_back = found is None
        self.words = found or known[FALLBACK]

    @property
    def language(self) -> str:
        """Return the language that is written: the asked tag if it is spoken, else the fallback."""
        return self.words.language if self.fell_back else self.asked

    @property
    def needs_review(self) -> bool:
        """Tell whether no native speaker has read these words yet."""
        return self.words.review == "needed"

    def say(self, key: str, **fields: str) -> str:
        """Return a sentence with its fields filled in. Raises ``KeyError`` for an unknown key."""
        return sentence(self.words.texts[key].format(**fields))

    def phrase(self, key: str, **fields: str) -> str:
        """Return a part of a sentence. Raises ``KeyError`` for an unknown key."""
        return self.words.texts[key].format(**fields)

    def joined(self, parts: Sequence[str]) -> str:
        """Write a short list: a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts[:-1]) + self.words.joint + parts[-1]

    def date(self, at: int) -> str:
        """Write the day of an instant (microseconds, UTC)."""
        moment = _EPOCH + timedelta(microseconds=at)
        return self.words.date.format(day=moment.day, month=self.words.months[moment.month - 1], year=moment.year)

    def number(self, value: float) -> str:
        """Write a number with at most six significant digits, in the language's own way."""
        if isinstance(value, int):
            return self._grouped(f"{value:,}")
        rounded = float(f"{value:.{_DIGITS}g}")
        if rounded.is_integer():
            return self._grouped(f"{int(rounded):,}")
        whole, _, rest = f"{rounded:,.{_DIGITS}f}".partition(".")
        return self._grouped(whole) + self.words.decimal + rest.rstrip("0")

    def _grouped(self, text: str) -> str:
        whole = text.replace("-", "\N{MINUS SIGN}")
        # 1,000 to 9,999 stay together: years and small amounts read better so
        return whole.replace(",", "" if len(text.lstrip("-")) <= 5 else self.words.thousands)

    def value(self, value: Value) -> str:
        """Write one value of the record; what a person typed is cut and freed of what steers a page or a terminal."""
        if value is None:
            return self.words.texts["value.missing"]
        if isinstance(value, bool):
            return self.words.texts["value.yes" if value else "value.no"]
        if isinstance(value, int | float):
            return self.number(value)
        return tidy(value)


def tidy(text: str) -> str:
    """Return a text of one line without control, format and private characters, and of a bearable length."""
    kept = "".join(" " if char.isspace() else char for char in text if unicodedata.category(char)[0] != "C")
    cut = " ".join(kept.split())
    return cut if len(cut) <= _LONGEST_VALUE else cut[: _LONGEST_VALUE - 1] + "…"


def sentence(text: str) -> str:
    """Return a text that begins like a sentence and does not end with two full stops."""
    made = text[:1].upper() + text[1:]
    return made[:-1] if made.endswith(("..", "؟.", "?.", "!.")) else made


def whole(value: Value) -> Value:
    """Return whole numbers as such: documents read back may hold 24.0 for 24."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
