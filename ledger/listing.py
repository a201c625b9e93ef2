"""The log read backwards, narrowed: what the audit page shows, in keyset pages of bounded work."""

import re
from typing import Any, NamedTuple

from core.database import Reader
from ledger import store
from ledger.entries import EntryRow

WINDOW = 20_000
_THING = re.compile(r"[a-z][a-z-]{0,40}")
_PERSON = re.compile(r"[A-Za-z0-9_ .:-]{1,80}")


class Wanted(NamedTuple):
    """What to look for: a whole ``kind``, a ``thing`` (the part before the dot), who did it, about whom, and when."""

    kind: str | None = None
    thing: str | None = None
    by: str | None = None
    subject: bytes | None = None
    start_at: int | None = None
    end_at: int | None = None
    before: int | None = None


class Slice(NamedTuple):
    """One page. ``older`` is the seq to go on before; ``searched`` tells that the page ended before the matches did."""

    entries: list[EntryRow]
    older: int | None
    searched: bool


def _narrowing(wanted: Wanted) -> dict[str, Any] | None:
    """Return the parameters of a search; nothing for one that can't match."""
    found: dict[str, Any] = {}
    if wanted.kind is not None:
        found["kind"] = wanted.kind
    if wanted.thing is not None:
        if _THING.fullmatch(wanted.thing) is None:
            return None
        found["thing"] = f"{wanted.thing}.%"
    if wanted.by is not None:
        if _PERSON.fullmatch(wanted.by) is None:
            return None
        found["by"] = f'%"by":"{wanted.by}"%'
    if wanted.subject is not None:
        found["subject"] = wanted.subject
    return found


async def page(tx: Reader, tenant: str, wanted: Wanted, limit: int) -> Slice:
    """Return up to ``limit`` of a tenant's entries that match, newest first."""
    narrowing = _narrowing(wanted)
    if narrowing is None:
        return Slice([], None, searched=False)
    start = 0 if wanted.start_at is None else await store.seq_after(tx, wanted.start_at - 1)
    last = await store.last_seq(tx)
    end = (-1 if last is None else last) + 1
    if wanted.end_at is not None:
        end = await store.seq_after(tx, wanted.end_at - 1)
    end = end if wanted.before is None else min(end, wanted.before)
    floor = start if wanted.subject is not None else max(start, end - WINDOW)
    found = await store.listed(tx, tenant, narrowing, floor, end, limit + 1)
    if len(found) > limit:
        return Slice(found[:limit], found[limit - 1].seq, searched=False)
    return Slice(found, floor if floor > start else None, searched=floor > start)
