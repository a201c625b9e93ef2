"""Choices counted by day, purpose, notice, language, channel and state, as they are recorded (DPO-03).

Counting follows the log: a mark says up to which entry it came, and both are written together, so every choice is
counted once. The figures equal a recount of the events, to the row; a test counts again.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from consent import store as choices
from core.database import Reader, Tx
from oversight import store

CHUNK = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Figure(NamedTuple):
    """How many choices of a sort were recorded; ``group`` is what they were grouped by."""

    group: str
    state: str
    actor: str
    number: int


def day_of(at: int) -> str:
    """Return the UTC day of an instant: ``2026-11-21``."""
    return f"{_EPOCH + timedelta(microseconds=at):%Y-%m-%d}"


async def catch_up(tx: Tx) -> bool:
    """Count the next choices; tell whether there may be more."""
    mark = await store.tally_mark(tx)
    newest = await choices.newest_seq(tx)
    if mark >= newest:
        return False
    end = min(newest + 1, mark + 1 + CHUNK)
    found = await choices.events_between(tx, mark + 1, end)
    sorts: Counter[tuple[str, ...]] = Counter(
        (
            event.tenant,
            day_of(event.recorded_at),
            event.purpose,
            event.system,
            event.notice_version or "",
            event.locale or "",
            event.channel,
            event.actor,
            event.state,
        )
        for event in found
    )
    await store.add_tallies(tx, sorts)
    await store.move_tally_mark(tx, end - 1)
    return end <= newest


async def by(tx: Reader, tenant: str, column: str, first: str, last: str) -> list[Figure]:
    """Return figures of days ``first`` to ``last``, grouped by ``day``, ``purpose``, ``notice_version`` and the like.

    Raises ``KeyError`` for another column.
    """
    return [Figure(*row) for row in await store.tallies_by(tx, tenant, column, first, last)]
