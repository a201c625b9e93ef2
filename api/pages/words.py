"""The words of the public pages: one TOML catalogue for each language, and how dates and numbers are written in it.

A word that a language lacks is shown in English and marked as English, so that nobody takes it for a translation and
screen readers pronounce it right (WCAG 3.1.2). A language without a file borrows what the widget's catalogue says too.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from markupsafe import Markup, escape

from api.pages import borrowed
from core import canonical
from disclosures.widget.words import direction_of

FALLBACK = "en"
_UNITS = ("year", "month", "week", "day", "hour")
_PERIOD = re.compile(r"P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(?:T(\d+H))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Catalogue(NamedTuple):
    """All words of one language by ``section.key``, and how it writes dates and numbers.

    ``review`` says what the translation awaits; ``partly`` that it has only some of the words.
    """

    language: str
    name: str
    dir: str
    thousands: str
    date: str
    moment: str
    months: Sequence[str]
    texts: Mapping[str, str]
    sha256: str
    review: str
    partly: bool = False


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """Return every catalogue that ships, by language."""
    found = {}
    for file in files(__package__).joinpath("words").iterdir():
        if file.name.endswith(".toml"):
            language = file.name.removesuffix(".toml")
            found[language] = _read(language, file.read_bytes())
    return found


def _read(language: str, raw: bytes) -> Catalogue:
    document = tomllib.loads(raw.decode())
    meta = document.pop("_meta")
    texts = {f"{section}.{key}": text for section, words in document.items() for key, text in words.items()}
    return Catalogue(language=language, texts=texts, sha256=sha256(raw).hexdigest(), **meta)


@cache
def lent(language: str) -> Catalogue | None:
    """Return what the widget's catalogue lends to a language without a file; dates in figures (ISO 8601)."""
    lender = borrowed.lender_of(language)
    if lender is None:
        return None
    texts = borrowed.texts(lender)
    return Catalogue(
        language=lender,
        name=borrowed.name_of(lender),
        dir=direction_of(lender),
        thousands="\u202f",
        date="{year}-{month}-{day:02}",
        moment="{date}, {time} UTC",
        months=[f"{month:02}" for month in range(1, 13)],
        texts=texts,
        sha256=sha256(canonical.dumps([texts, catalogues()[FALLBACK].sha256])).hexdigest(),
        review="needs a native speaker",
        partly=True,
    )


def plural(language: str, number: int) -> str:
    """Return the CLDR plural category of a whole number, for the languages that have a catalogue."""
    if language == "ar":
        if number < 3:
            return ("zero", "one", "two")[number]
        rest = number % 100
        return "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"
    return "one" if number == 1 else "other"


class Words:
    """The words of one language; its catalogue's, else the fallback's."""

    def __init__(self, language: str) -> None:
        """Speak ``language`` (a BCP 47 tag); one without any catalogue is English as a whole."""
        known = catalogues()
        self.language = language
        self.fallback = known[FALLBACK]
        main = language.partition("-")[0]
        self.own = known.get(language) or known.get(main) or lent(language) or self.fallback._replace(texts={})
        self.dir = self.own.dir

    def plain(self, key: str, **fields: object) -> str:
        """Return a text for a title or an attribute, its fields filled in. Raises ``KeyError`` for an unknown key."""
        return (self.own.texts.get(key) or self.fallback.texts[key]).format(**fields)

    def __call__(self, key: str, **fields: object) -> Markup:
        """Return a text as HTML; fields that are not ``Markup`` are escaped."""
        safe = {name: value if isinstance(value, Markup) else escape(value) for name, value in fields.items()}
        text = Markup(escape(self.own.texts.get(key) or self.fallback.texts[key]).format(**safe))  # noqa: S704 - escaped on this line
        if key in self.own.texts:
            return text
        return Markup('<span lang="{}" dir="{}">{}</span>').format(FALLBACK, self.fallback.dir, text)

    def knows(self, key: str) -> bool:
        """Tell whether there is such a text in any language that would be shown."""
        return key in self.own.texts or key in self.fallback.texts

    def count(self, unit: str, number: int) -> Markup:
        """Write a number of ``unit`` (a section of the catalogue) in the right plural form (CLDR)."""
        own = f"{unit}.{plural(self.own.language, number)}"
        key = own if own in self.own.texts else f"{unit}.{plural(FALLBACK, number)}"
        return self(key, count=self.number(number))

    def period(self, text: str) -> Markup:
        """Write an ISO 8601 duration such as ``P1Y6M`` in words; one with another shape stays as it is."""
        match = _PERIOD.fullmatch(text)
        if match is None:
            return escape(text)
        return Markup(" ").join(
            self.count(unit, int(part[:-1])) for unit, part in zip(_UNITS, match.groups(), strict=True) if part
        )

    def date(self, at: int) -> str:
        """Write the day of an instant (microseconds, UTC) in full."""
        moment = _EPOCH + timedelta(microseconds=at)
        return self.own.date.format(day=moment.day, month=self.own.months[moment.month - 1], year=moment.year)

    def moment(self, at: int) -> str:
        """Write an instant to the second."""
        time = (_EPOCH + timedelta(microseconds=at)).strftime("%H:%M:%S")
        return self.own.moment.format(date=self.date(at), time=time)

    def number(self, value: int) -> str:
        """Write a whole number with its thousands apart."""
        return f"{value:,}".replace(",", self.own.thousands)
