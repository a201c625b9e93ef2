"""Showings and gaps counted by day, notice, language, surface and touchpoint, as they are recorded (DIS-04).

Counting follows the log: a mark says up to which entry it came, and both are written together, so each is counted once.
"""

from collections import Counter
from typing import Final, NamedTuple

from core.clock import rfc3339
from core.database import Reader, Tx
from disclosures.showings import store
from disclosures.showings.store import Sort
from disclosures.tables import DisclosureGap, Showing

CHUNK: Final = 1000


class Count(NamedTuple):
    """How many showings (``shown``, ``late``) or gaps (``gap``) there were; ``group`` is what they were grouped by."""

    group: str
    event: str
    number: int


def _day(at: int) -> str:
    return rfc3339(at)[:10]


def _shown(row: Showing) -> Sort:
    event = "late" if row.before_first_turn is False else "shown"
    place = row.touchpoint or ""
    return Sort(row.tenant, _day(row.recorded_at), event, row.notice, row.version, row.lang, row.surface, place)


def _gap(row: DisclosureGap) -> Sort:
    return Sort(row.tenant, _day(row.found_at), "gap", "", 0, "", "", row.touchpoint)


async def catch_up(tx: Tx) -> bool:
    """Count the next showings and gaps; tell whether there may be more."""
    shown = await store.showings_from(tx, await store.tally_mark(tx, "shown"), CHUNK)
    gaps = await store.gaps_from(tx, await store.tally_mark(tx, "gap"), CHUNK)
    await store.add_tallies(tx, Counter([*map(_shown, shown), *map(_gap, gaps)]))
    if shown:
        await store.move_tally_mark(tx, "shown", shown[-1].seq)
    if gaps:
        await store.move_tally_mark(tx, "gap", gaps[-1].seq)
    return CHUNK in (len(shown), len(gaps))


async def by(tx: Reader, tenant: str, column: str, first: str, last: str) -> list[Count]:
    """Return counts of the days ``first`` to ``last``, grouped by ``day``, ``notice``, ``lang`` and the like.

    A notice's group is ``key version``. Raises ``KeyError`` for another column.
    """
    return [Count(*row) for row in await store.tallies_by(tx, tenant, column, first, last)]
