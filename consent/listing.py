"""Lists of everybody's choices, newest first: keyset pages of bounded work, however many records there are.

A page looks at no more than so many entries of the log; where few match, it says how far it has looked and goes on from
there. So no filter needs an index that every recorded choice would have to pay for.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from consent import store
from consent.store import Happened
from core.database import Reader

WINDOW = 20_000


class Span(NamedTuple):
    """Which part of the log is asked about: instants in microseconds, both optional; ``before`` a seq."""

    start_at: int | None = None
    end_at: int | None = None
    before: int | None = None


class Slice(NamedTuple):
    """One page. ``older`` is the seq to go on before; ``searched`` tells that the page ended before the matches did."""

    events: list[Happened]
    older: int | None
    searched: bool


async def _bounds(tx: Reader, span: Span) -> tuple[int, int]:
    start = 0 if span.start_at is None else await store.seq_after(tx, span.start_at - 1)
    end = await store.newest_seq(tx) + 1 if span.end_at is None else await store.seq_after(tx, span.end_at - 1)
    return start, end if span.before is None else min(end, span.before)


async def page(tx: Reader, tenant: str, narrowing: Mapping[str, Any], span: Span, limit: int) -> Slice:
    """Return up to ``limit`` events of a tenant that match, newest first."""
    start, end = await _bounds(tx, span)
    floor = start if "subject" in narrowing else max(start, end - WINDOW)
    found = await store.listed_events(tx, tenant, narrowing, floor, end, limit + 1)
    if len(found) > limit:
        return Slice(found[:limit], found[limit - 1].seq, searched=False)
    return Slice(found, floor if floor > start else None, searched=floor > start)


async def count(tx: Reader, tenant: str, narrowing: Mapping[str, Any], span: Span) -> tuple[int, bool]:
    """Return how many of the newest entries match, and whether these are all there are."""
    start, end = await _bounds(tx, span)
    floor = start if "subject" in narrowing else max(start, end - WINDOW)
    return await store.counted_events(tx, tenant, narrowing, floor, end), floor == start
