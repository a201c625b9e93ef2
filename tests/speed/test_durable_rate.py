"""Durable choices a second over HTTP: two processes on PostgreSQL against pgbench, one on SQLite against its disk."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.speed import choosing, harness, lane, postgres, running, town

pytestmark = pytest.mark.speed
ROUNDS = 3
SECONDS = 3
SLOWER_US = 1000


def _together(bases: list[tuple[int, str]], script: Path, seconds: float) -> float:
    """Load several servers at once, on all cores, and return the sum of what they recorded in a second."""
    with ThreadPoolExecutor(len(bases)) as pool:
        loads = list(
            pool.map(
                lambda one: harness.load(
                    one[1], one[0], script=script, seconds=seconds, connections=32 // len(bases), core=None
                ),
                bases,
            )
        )
    assert not any(one.errors for one in loads)
    return sum(one.rate for one in loads)


@pytest.mark.parametrize("slower_us", [0, SLOWER_US])
def test_durable_choices_against_pgbench(tmp_path: Path, slower_us: int, wrk_script: Callable[[str], Path]) -> None:
    with postgres.server(slower_us) as server, ExitStack() as stack:
        place = town.build(tmp_path, postgres.make_database(server, "rate"), choosing.KNOWN)
        bench = postgres.make_database(server, "bench")
        script = wrk_script(choosing.script(place.key, known=True))
        started = [stack.enter_context(running.candor(place.env, core=None)) for _ in range(2)]
        bases = [(process.pid, base) for process, base in started]
        _together(bases, script, SECONDS + 1)  # everyone gets a key
        ours, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(postgres.pgbench(bench, tmp_path, seconds=SECONDS))
            ours.append(_together(bases, script, SECONDS))
    ratio = max(ours) / max(theirs)
    goal = 1.2 if slower_us else 0.7
    harness.record(
        f"durable choices/s, 2 processes on PostgreSQL, flush +{slower_us / 1000:g} ms",
        f">= {goal} of pgbench's 3-row transaction",
        f"{ratio:.2f} ({max(ours):,.0f}/s against {max(theirs):,.0f}/s)",
        met=ratio >= goal,
    )


def test_durable_choices_on_sqlite_at_a_slow_disk(tmp_path: Path, wrk_script: Callable[[str], Path]) -> None:
    place = town.build(tmp_path, f"sqlite:///{tmp_path / 'candor.db'}", choosing.KNOWN)
    slow = {"LD_PRELOAD": str(harness.slow_fsync(tmp_path)), "CANDOR_FSYNC_US": str(SLOWER_US)}
    script = wrk_script(choosing.script(place.key, known=True))
    with running.candor(place.env | slow) as (candor, base):
        load = partial(harness.load, base, candor.pid, script=script, seconds=SECONDS)
        load()
        rounds = [load() for _ in range(ROUNDS)]
    assert not rounds[-1].errors
    rate, flushes = max(one.rate for one in rounds), lane.flushes_in_a_process(tmp_path, slow)
    harness.record(
        "durable choices/s, SQLite, 32 connections, flush +1 ms, through HTTP",
        ">= 9x of flushes/s",
        f"{rate / flushes:.1f}x ({rate:,.0f}/s against {flushes:,.0f} flushes/s)",
        met=rate / flushes >= 9,
    )
