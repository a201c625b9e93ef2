"""Reads at 10,000,000 events against reads at 10,000: a person's answer must not depend on everybody's past."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from consent import store
from core.database import Database, NoJournal
from tests.speed import harness, history, running

pytestmark = pytest.mark.speed
FEW, MANY = 10_000, int(os.environ.get("CANDOR_SPEED_EVENTS", "10000000"))
ROUNDS, READS = 3, 1500
Read = Callable[[Database, int], Awaitable[int]]


async def _gate(db: Database, person: int) -> int:
    found = await store.states_of_many(db, history.TENANT, [history.pseudonym(person)])
    return sum(map(len, found.values()))


async def _history(db: Database, person: int) -> int:
    return len(await db.read(store.history, history.TENANT, history.pseudonym(person), None, 50))


async def _as_of(db: Database, person: int) -> int:
    late = history.START + (1 << 50)
    return len(await db.read(store.states_at, history.TENANT, history.pseudonym(person), late))


READS_OF: dict[str, tuple[Read, int]] = {
    "gate read, nobody cached": (_gate, 2),
    "page of history": (_history, history.EACH),
    "answer as of an instant": (_as_of, 2),
}


async def _p50(db: Database, read: Read, rows: int, events: int) -> float:
    people = [random.randrange(events // history.EACH) for _ in range(READS)]
    took = []
    for person in people:
        began = time.perf_counter_ns()
        found = await read(db, person)
        took.append(time.perf_counter_ns() - began)
        assert found == rows
    return sorted(took)[len(took) // 2] / 1000


@pytest.mark.parametrize("engine", running.ENGINES)
def test_reads_at_many_events(engine: str, tmp_path: Path, new_postgres: Callable[[str], str]) -> None:
    urls = {}
    for events in (FEW, MANY):
        path = tmp_path / f"{events}.db"
        urls[events] = f"sqlite:///{path}" if engine == "sqlite" else new_postgres(f"speed_events_{events}")
        history.fill(urls[events], events)
    asyncio.run(_compare(running.engine_of({"CANDOR__STORE__URL": engine}), urls))
    for path in tmp_path.iterdir():
        path.unlink()  # gigabytes


async def _compare(engine: str, urls: dict[int, str]) -> None:
    sizes = {events: Database(url, NoJournal()) for events, url in urls.items()}
    for db in sizes.values():
        await db.open()
    for what, (read, rows) in READS_OF.items():
        best = dict.fromkeys(sizes, float("inf"))
        for _ in range(ROUNDS):
            for events, db in sizes.items():
                best[events] = min(best[events], await _p50(db, read, rows, events))
        ratio = best[MANY] / best[FEW]
        harness.record(
            f"{what}, {MANY:,} events against {FEW:,}, {engine}",
            "p50 <= 1.5x",
            f"{ratio:.2f}x ({best[MANY]:.0f} us against {best[FEW]:.0f})",
            met=ratio <= 1.5,
        )
    for db in sizes.values():
        await db.close()
