"""Lists of decisions, newest first: keyset pages of bounded work, as those of choices are."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.database import Reader
from explanations import store
from explanations.store import DecisionRow

WINDOW = 20_000


class Slice(NamedTuple):
    """One page. ``older`` is the seq to go on before; ``searched`` tells that the page ended before the matches did."""

    decisions: list[DecisionRow]
    older: int | None
    searched: bool


async def page(
    tx: Reader,
    tenant: str,
    narrowing: Mapping[str, Any],
    limit: int,
    *,
    start_at: int | None = None,
    end_at: int | None = None,
    before: int | None = None,
) -> Slice:
    """Return up to ``limit`` decisions of a tenant that match, newest first; instants in microseconds."""
    start = 0 if start_at is None else await store.seq_after(tx, start_at - 1)
    end = await store.newest_seq(tx) + 1 if end_at is None else await store.seq_after(tx, end_at - 1)
    end = end if before is None else min(end, before)
    floor = start if "subject" in narrowing else max(start, end - WINDOW)
    found = await store.listed(tx, tenant, narrowing, floor, end, limit + 1)
    if len(found) > limit:
        return Slice(found[:limit], found[limit - 1].seq, searched=False)
    return Slice(found, floor if floor > start else None, searched=floor > start)
