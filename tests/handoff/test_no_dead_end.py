"""Random lives of a service floor: whatever happens, nobody is left without a next step and no case has two owners.

Customers ask, choose, leave, come back; agents come, fall silent, take, decline, pass on, resolve; a desk of others
fails, lies and tells things in any order; time passes, runners die, and the process ends and starts again.
"""

import asyncio
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import keys
from core.clock import FixedClock, parse_rfc3339
from core.database import Database
from ledger.journal import LedgerJournal
from tests.handoff.floor import Floor
from tests.handoff.world import STEPS, World

KEYRING = keys.generate(parse_rfc3339("2026-01-01T00:00:00Z"))


async def live(url: str, steps: list[str], seed: int) -> None:
    db = Database(url, LedgerJournal())
    await db.open()
    floor = Floor(db, KEYRING, FixedClock(parse_rfc3339("2026-11-23T09:00:00Z")))
    try:
        world = World(floor, url, random.Random(seed))
        await world.open()
        for step in steps:
            await world.happen(step)
        await world.end_well()
    finally:
        await floor.db.close()


def lives(template: Path, folder: Path, examples: int, most: int) -> None:
    numbers = iter(range(10**9))

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(steps=st.lists(st.sampled_from(STEPS), min_size=most // 2, max_size=most), seed=st.integers(0, 2**32))
    def one(steps: list[str], seed: int) -> None:
        path = folder / f"life{next(numbers)}.db"
        path.write_bytes(template.read_bytes())
        asyncio.run(live(f"sqlite:///{path}", steps, seed))
        path.unlink()

    one()


def test_no_life_ends_in_a_dead_end(sqlite_template: Path, tmp_path: Path) -> None:
    lives(sqlite_template, tmp_path, 20, 80)


@pytest.mark.full
def test_no_long_life_ends_in_a_dead_end(sqlite_template: Path, tmp_path: Path) -> None:
    lives(sqlite_template, tmp_path, 600, 120)
