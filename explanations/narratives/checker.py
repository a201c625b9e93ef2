"""Whether a language model's words say what the record says: a deterministic check, and any doubt is a no. Pure (Q8).

It goes through the claims the model makes and, on its own, through the text: every label, value, number, word of order
and word of direction is compared with the record, and what remains must be made of a closed list of words that can
name no detail, quantity, promise or address. So invention, links, markup, instructions and other languages are refused
by what they are not. What is refused is replaced by the template; the codes below are kept, never the text.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from explanations.narratives.brief import Brief, Fact
from explanations.narratives.scanning import Token, first_places, scan, squeezed
from explanations.narratives.vocabulary import Vocabulary

_MOST_BYTES = 20_000
_MOST_WORDS = 45
# letters on both sides of a full stop make an address out of harmless words: "from.so" is one
_LINK = re.compile(r"://|www\.|@|[^\W\d_]\.[^\W\d_]", re.IGNORECASE)
_NAMING = frozenset({"label", "approved"})
_REFUSED = {"number": "number", "markup": "markup", "character": "characters", "stranger": "unknown-feature"}


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ClaimedFact(_Wire):
    """What a sentence says of one fact."""

    fact: Annotated[str, Field(max_length=20)]
    direction: Literal["against", "for"] | None = None
    rank: int | None = None
    value: Annotated[str, Field(max_length=200)] | None = None


class ClaimedSentence(_Wire):
    """A sentence and what it claims."""

    text: Annotated[str, Field(min_length=1, max_length=600)]
    claims: Annotated[list[ClaimedFact], Field(min_length=1, max_length=8)]


class Answer(_Wire):
    """What a language model answers."""

    sentences: Annotated[list[ClaimedSentence], Field(min_length=1, max_length=20)]


class Verdict(NamedTuple):
    """The sentences with the facts they claim, or why there are none."""

    sentences: tuple[tuple[str, tuple[Fact, ...]], ...]
    errors: tuple[str, ...]


class _Read(NamedTuple):
    """One sentence, taken apart."""

    text: str
    claims: tuple[ClaimedFact, ...]
    facts: tuple[Fact, ...]
    tokens: tuple[Token, ...]

    def has(self, *kinds: str) -> bool:
        return any(token.kind in kinds for token in self.tokens)


def judged(raw: str, brief: Brief, words: Vocabulary, canary: str) -> Verdict:
    """Return the sentences if nothing speaks against them, else the codes of what does, sorted."""
    if len(raw.encode()) > _MOST_BYTES:
        return Verdict((), ("too-long",))
    if canary.casefold() in re.sub(r"[\W_]", "", raw).casefold():
        return Verdict((), ("canary",))
    try:
        answer = Answer.model_validate_json(raw)
    except ValidationError:
        return Verdict((), ("not-the-agreed-form",))
    read = [_read(one, brief, words) for one in answer.sentences]
    errors = {code for one in read for code in _faults(one, brief, words)} | set(_whole_faults(read, brief))
    if errors:
        return Verdict((), tuple(sorted(errors)))
    return Verdict(tuple((one.text, one.facts) for one in read), ())


def _read(one: ClaimedSentence, brief: Brief, words: Vocabulary) -> _Read:
    known = {fact.id: fact for fact in brief.facts}
    names = dict.fromkeys(claim.fact for claim in one.claims)
    facts = tuple(known[name] for name in names if name in known)
    text = squeezed(one.text)
    return _Read(text, tuple(one.claims), facts, tuple(scan(text, facts, brief, words)))


def _faults(one: _Read, brief: Brief, words: Vocabulary) -> Iterator[str]:
    if len({claim.fact for claim in one.claims}) != len(one.facts):
        yield "unknown-fact"
    if len({fact.kind for fact in one.facts}) > 1:
        yield "mixed-kinds"
    if unicodedata.normalize("NFC", one.text) != one.text:
        yield "characters"
    if _LINK.search(one.text):
        yield "link"
    if len(one.text.split()) > _MOST_WORDS or one.text.count(".") > 8:
        yield "too-long"
    yield from _claim_faults(one)
    yield from _word_faults(one, words)
    yield from _naming_faults(one)
    if one.facts and one.facts[0].kind == "reason":
        yield from _direction_faults(one)
        yield from _order_faults(one, brief)
    elif one.facts:
        yield from _change_faults(one, words)


def _claim_faults(one: _Read) -> Iterator[str]:
    """Compare what is claimed with the record."""
    facts = {fact.id: fact for fact in one.facts}
    for claim in one.claims:
        fact = facts.get(claim.fact)
        if fact is None:
            continue
        side = None if fact.kind == "change" else "against" if fact.direction == "adverse" else "for"
        if claim.direction != side and (claim.direction is not None or fact.kind == "reason"):
            yield "wrong-direction"
        if claim.rank is not None and claim.rank != fact.rank:
            yield "wrong-rank"
        if claim.value is not None and squeezed(claim.value).casefold() not in {one.casefold() for one in fact.values}:
            yield "wrong-value"


def _word_faults(one: _Read, words: Vocabulary) -> Iterator[str]:
    """Refuse what is neither of the record nor on the closed list."""
    changing = bool(one.facts) and one.facts[0].kind == "change"
    known = words.words | words.change_words if changing else words.words
    for token in one.tokens:
        if token.kind in _REFUSED:
            yield _REFUSED[token.kind]
        elif token.kind == "word" and token.text not in known:
            yield "unknown-word"
        elif token.kind == "negator":
            yield "negation"


def _naming_faults(one: _Read) -> Iterator[str]:
    """Every claimed fact is named, and values stand with what they belong to."""
    named, valued = first_places(one.tokens, _NAMING), first_places(one.tokens, frozenset({"value"}))
    if any(fact.id not in named for fact in one.facts):
        yield "fact-not-named"
    if len(one.facts) > 1 and valued and not _together(one, named, valued):
        yield "value-of-another"


def _together(one: _Read, named: dict[str, int], valued: dict[str, int]) -> bool:
    """Tell whether the values stand in the order of the names, each with its own."""
    by_name = sorted((name for name in named if name in valued), key=lambda name: named[name])
    if by_name != sorted(valued, key=lambda name: valued[name]):
        return False
    if all(fact.id in valued for fact in one.facts if fact.values):
        return True
    labels = [(place, token) for place, token in enumerate(one.tokens) if token.kind in _NAMING]
    return all(
        name in next((token.facts for at, token in reversed(labels) if at < place), frozenset({name}))
        for name, place in valued.items()
    )


def _direction_faults(one: _Read) -> Iterator[str]:
    wrong = "favourable" if one.facts[0].direction == "adverse" else "adverse"
    if one.has(wrong):
        yield "wrong-direction"
    if one.has("conditional", "unchanged", "instead"):
        yield "change-not-tested"


def _order_faults(one: _Read, brief: Brief) -> Iterator[str]:
    """Compare words of order with the ranks, as far as these are sure."""
    ranks = {fact.id: fact.rank for fact in one.facts}
    reasons = sorted(fact.rank for fact in brief.facts if fact.kind == "reason")
    sure = set(reasons[: brief.certain])
    named = first_places(one.tokens, _NAMING)
    ordinals = [token.rank for token in one.tokens if token.kind == "ordinal"]
    if ordinals and (ordinals != sorted(set(ordinals)) or not set(ordinals) <= set(ranks.values()) & sure):
        yield "wrong-rank"
    if one.has("superlative") and not _first_is_told_first(one, named, ranks, sure):
        yield "wrong-rank"
    if any(before.kind == "superlative" and after.text in _COUNTED for before, after in pairwise(one.tokens)):
        yield "quantity"
    if one.has("sequence") and not (sure and set(ranks.values()) <= sure | set(reasons[: brief.certain + 1])):
        yield "order-not-certain"
    last = any(token.kind == "sequence" and token.text in _LAST for token in one.tokens)
    if last and max(ranks.values(), default=0) != reasons[-1]:
        yield "wrong-rank"


# "most points" is a quantity, not a rank
_COUNTED = frozenset({"points", "reasons", "factors", "items", "punkte", "gründe", "faktoren", "punkten", "gründen"})
_LAST = frozenset({"finally", "lastly", "last", "final", "zuletzt", "schließlich"})


def _first_is_told_first(one: _Read, named: dict[str, int], ranks: dict[str, int], sure: set[int]) -> bool:
    """Tell whether 'most' is said of the first reason, alone or before any other is named."""
    if 1 not in sure or 1 not in ranks.values():
        return False
    [first] = [name for name, rank in ranks.items() if rank == 1]
    if first not in named:
        return False
    others = [place for name, place in named.items() if name != first]
    said = [place for place, token in enumerate(one.tokens) if token.kind == "superlative"]
    return len(said) == 1 and all(place > named[first] and place > said[0] for place in others)


def _change_faults(one: _Read, words: Vocabulary) -> Iterator[str]:
    """A tested change is told whole: what to, that all else stayed, that the model would have answered otherwise."""
    if len(one.facts) != 1:
        yield "mixed-kinds"
        return
    if not one.has("conditional") or not one.has("unchanged") or one.has("adverse", "favourable", "ordinal"):
        yield "change-not-tested"
    if one.has("superlative", "sequence"):
        yield "wrong-rank"
    changes = one.facts[0].changes
    afters = [token.text for token in one.tokens if token.kind == "value"]
    befores = [token.text for token in one.tokens if token.kind == "before"]
    labels = [token.text for token in one.tokens if token.kind == "label"]
    if afters != [squeezed(change.after).casefold() for change in changes] or len(labels) < len(changes):
        yield "wrong-value"
    if befores and befores != [squeezed(change.before).casefold() for change in changes]:
        yield "wrong-value"
    if befores and not _turned_right(one.tokens, words):
        yield "wrong-value"


def _turned_right(tokens: Sequence[Token], words: Vocabulary) -> bool:
    """Tell whether every pair reads 'after instead of before' or 'from before to after'."""
    marks = [t for t in tokens if t.kind in {"value", "before", "instead"} or t.text in words.from_to]
    kinds = ["from-to" if t.text in words.from_to else t.kind for t in marks]
    for before, after in pairwise(kinds):
        if before == "instead" and after != "before":
            return False
    pairs = [kind for kind in kinds if kind in {"value", "before", "instead"}]
    straight = ["value", "instead", "before"]
    if pairs == straight * (len(pairs) // 3) and len(pairs) % 3 == 0:
        return True
    turned = [t.text if t.text in words.from_to else t.kind for t in marks]
    expected = [words.from_to[0], "before", words.from_to[1], "value"]
    return turned == expected * (len(turned) // 4) and len(turned) % 4 == 0


def _whole_faults(read: Sequence[_Read], brief: Brief) -> Iterator[str]:
    """Look at all sentences together: nothing missing, in order, said with its direction, not twice, not too long."""
    mentioned = list(dict.fromkeys(fact.id for one in read for fact in _in_text_order(one)))
    if set(mentioned) != {fact.id for fact in brief.facts}:
        yield "fact-missing"
    ranks = {fact.id: fact.rank for fact in brief.facts if fact.kind == "reason"}
    told = [ranks[name] for name in mentioned if name in ranks]
    right = sorted(ranks.values())
    if told[: brief.certain] != right[: brief.certain]:
        yield "wrong-order"
    directed = {fact.id for one in read if one.has("adverse", "favourable") for fact in one.facts}
    if not set(ranks) <= directed:
        yield "direction-missing"
    kinds = [one.facts[0].kind for one in read if one.facts]
    if kinds != sorted(kinds, reverse=True):  # reasons before changes
        yield "wrong-order"
    if len({one.text.casefold() for one in read}) != len(read) or len(read) > 2 * len(brief.facts) + 2:
        yield "repeated"
    if sum(len(one.text) for one in read) > 2 * brief.room + 300:
        yield "too-long"


def _in_text_order(one: _Read) -> list[Fact]:
    named = first_places(one.tokens, _NAMING)
    return sorted(one.facts, key=lambda fact: named.get(fact.id, len(one.tokens)))
