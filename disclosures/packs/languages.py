"""In which languages something has to be told (GDPR Art. 12(1), DPDP Act s. 5(3), Charter of the French language)."""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from disclosures.packs.applicability import Applied
from disclosures.packs.documents import Duty, Pack

_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


class LanguageDue(NamedTuple):
    """A rule about languages; ``missing`` are the languages it asks for that the locale is not."""

    duty: Duty
    pack: Pack
    missing: tuple[str, ...]


def languages(applied: Iterable[Applied], locale: str | None, on: date) -> tuple[LanguageDue, ...]:
    """Return the rules about languages that apply on a day. What they name by role (site_language) is never missing."""
    return tuple(
        LanguageDue(duty, one.pack, _missing(duty, locale))
        for one in applied
        if not one.disclosures_only
        for duty in one.pack.duties
        if duty.about == "language" and duty.in_force(on)
    )


def prescribed(duty: Duty) -> tuple[str, ...]:
    """Return the languages a rule names; what it names by role (site_language) is none."""
    return tuple(word for word in duty.facts.get("min", ()) if _TAG.fullmatch(word))


def _missing(duty: Duty, locale: str | None) -> tuple[str, ...]:
    return tuple(word for word in prescribed(duty) if locale is None or not speaks(locale, word))


def speaks(locale: str, wanted: str) -> bool:
    """Tell whether somebody who reads ``locale`` reads the language wanted."""
    return locale == wanted or locale.split("-", maxsplit=1)[0] == wanted
