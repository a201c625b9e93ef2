"""Words that tell nothing: labels and phrases that laws and regulators call insufficient when they stand alone.

Sources: Commission guidelines C(2026) 5054 on EU AI Act Art. 50 (an "assistant" label, a sentence about language
models, terms of use alone); 11 CCR 7220(c)(1), 7222(b)(1) ("to improve our services"); GDPR Art. 12(1).
Words that press are those of the dark-pattern checks (EDPB 03/2022; CCPA 7004; DSA Art. 25).
The lists are data (``wording.json``); a language without a list is not judged by it.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Vague(NamedTuple):
    """What is wrong with a wording: ``empty-phrase`` or a kind of pressure (with the phrase), or ``not-plain``."""

    code: str
    phrase: str


class _Lists(NamedTuple):
    empty: tuple[re.Pattern[str], ...]
    plain: tuple[re.Pattern[str], ...]
    pressing: dict[str, tuple[re.Pattern[str], ...]]


@cache
def _lists() -> dict[str, _Lists]:
    document = json.loads(files(__package__).joinpath("wording.json").read_text(encoding="utf-8"))

    def compiled(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)

    return {
        language: _Lists(
            compiled(lists["empty"]),
            compiled(lists["plain"]),
            {code: compiled(patterns) for code, patterns in lists.get("pressing", {}).items()},
        )
        for language, lists in document["languages"].items()
    }


def languages() -> frozenset[str]:
    """Return the languages whose wordings can be judged."""
    return frozenset(_lists())


def pressing(text: str, language: str) -> Iterator[Vague]:
    """Yield what presses people in a text: shames a no, urges, or hides a no behind two (``double-negative``)."""
    lists = _lists().get(language.partition("-")[0])
    for code, patterns in {} if lists is None else lists.pressing.items():
        for pattern in patterns:
            if found := pattern.search(text):
                yield Vague(code, found.group())
                break


def vague(text: str, language: str, *, tells_of_ai: bool) -> Iterator[Vague]:
    """Yield what is vague in a text; one that ``tells_of_ai`` has to say so in plain words."""
    lists = _lists().get(language.partition("-")[0])
    if lists is None:
        return
    for pattern in lists.empty:
        if found := pattern.search(text):
            yield Vague("empty-phrase", found.group())
    if tells_of_ai and not any(pattern.search(text) for pattern in lists.plain):
        yield Vague("not-plain", "")
