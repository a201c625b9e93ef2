"""One sentence taken apart: which words of the record stand in it, where, and what else does. Pure.

Labels, values and approved texts of the claimed facts are recognised whole, then the phrases of order and direction,
then single words and numbers. What is left over is what nobody approved.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from explanations.narratives.brief import Brief, Fact
from explanations.narratives.vocabulary import Vocabulary, vocabulary

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SPACES = re.compile(r"\s+")
# quotation marks and dashes of the nine languages, beside the plain ones
_PUNCTUATION = frozenset(" .,;:()'\"-\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb")
_MARKUP = frozenset("<>{}[]*_#`|\\~^=&")


class Token(NamedTuple):
    """A piece of a sentence. ``facts`` are the claimed facts it may stand for, ``text`` is in lower case."""

    kind: str  # label, value, before, approved, stranger, ordinal, a phrase's kind, word, number, markup, character
    text: str
    facts: frozenset[str] = frozenset()
    rank: int = 0


class _Pattern(NamedTuple):
    regex: re.Pattern[str]
    kind: str
    facts: frozenset[str]
    length: int
    rank: int = 0


def scan(text: str, claimed: Sequence[Fact], brief: Brief, words: Vocabulary) -> list[Token]:
    """Return the pieces of a sentence that claims some facts; punctuation and single spaces are left out."""
    patterns = sorted(_patterns(claimed, brief, words), key=lambda one: -one.length)
    found, place = [], 0
    while place < len(text):
        token, place = _next(text, place, patterns)
        if token is not None:
            found.append(token)
    return found


def _next(text: str, place: int, patterns: Sequence[_Pattern]) -> tuple[Token | None, int]:
    for one in patterns:
        if match := one.regex.match(text, place):
            return Token(one.kind, match[0].casefold(), one.facts, one.rank), match.end()
    for kind, regex in (("word", _WORD), ("number", _NUMBER)):
        if match := regex.match(text, place):
            return Token(kind, match[0].casefold()), match.end()
    char = text[place]
    if char in _PUNCTUATION:
        return None, place + 1
    return Token("markup" if char in _MARKUP else "character", char), place + 1


def _patterns(claimed: Sequence[Fact], brief: Brief, words: Vocabulary) -> Iterator[_Pattern]:
    owners: dict[tuple[str, str], set[str]] = {}
    for fact in claimed:
        for label in fact.labels:
            owners.setdefault(("label", label), set()).add(fact.id)
        for value in fact.values if fact.kind == "reason" else [one.after for one in fact.changes]:
            owners.setdefault(("value", value), set()).add(fact.id)
        for one in fact.changes:
            owners.setdefault(("before", one.before), set()).add(fact.id)
        if fact.approved is not None:
            owners.setdefault(("approved", fact.approved.rstrip(".")), set()).add(fact.id)
    for (kind, text), ids in owners.items():
        regex = _label(text, words) if kind == "label" else _exact(text)
        yield _Pattern(regex, kind, frozenset(ids), len(text) + 1)
    labels = {label for fact in claimed for label in fact.labels}
    for label in (*brief.strangers, *(label for fact in brief.facts for label in fact.labels)):
        if label not in labels:
            yield _Pattern(_label(label, words), "stranger", frozenset(), len(label))
    yield from _phrases(brief.language)


@cache
def _phrases(language: str) -> tuple[_Pattern, ...]:
    """Return the patterns that are the same for every explanation in a language."""
    words = vocabulary(language)
    if words is None:
        return ()
    return (
        *(_Pattern(_exact(phrase), kind, frozenset(), len(phrase)) for phrase, kind in words.phrases.items()),
        *(_Pattern(_exact(word), "ordinal", frozenset(), len(word), rank) for word, rank in words.ordinals.items()),
    )


def _exact(text: str) -> re.Pattern[str]:
    """Match a text whole: not a part of a longer word or number, not behind a sign."""
    body = r"\s+".join(re.escape(part) for part in text.split())
    return re.compile(rf"(?<![\w+\-\u2212~])(?<!\d[.,]){body}(?![\w%‰])(?![.,]\d)", re.IGNORECASE)


def _label(text: str, words: Vocabulary) -> re.Pattern[str]:
    """Match what something is called, with any determiner or none in place of its own."""
    some = "(?:" + "|".join(re.escape(word) for word in words.determiners) + ")"
    parts = text.split()
    head = ""
    if len(parts) > 1 and parts[0].casefold() in words.determiners:
        head, parts = rf"(?:{some}\s+)?", parts[1:]
    body = r"\s+".join(some if part.casefold() in words.determiners else re.escape(part) for part in parts)
    return re.compile(rf"(?<!\w){head}{body}(?!\w)", re.IGNORECASE)


def squeezed(text: str) -> str:
    """Return a text with single spaces."""
    return _SPACES.sub(" ", text).strip()


def first_places(tokens: Iterable[Token], kinds: frozenset[str]) -> dict[str, int]:
    """Return for each fact where it first stands in one of the kinds."""
    found: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.kind in kinds:
            for fact in token.facts:
                found.setdefault(fact, place)
    return found
