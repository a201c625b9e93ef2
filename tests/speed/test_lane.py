"""The writer lane alone: works made durable by 1 and 32 writers, at this disk's flush and at one 1 ms slower."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from migrations import run as migrations
from tests.speed import harness, lane, postgres

pytestmark = pytest.mark.speed
SECONDS = 2
SLOWER_US = 1000


def _lane(url: str, shape: str, writers: int, env: dict[str, str] | None = None) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.speed.lane", url, shape, str(writers), str(SECONDS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **(env or {})})
    found: dict[str, float] = json.loads(done.stdout)
    assert found["rate"] > 0
    return found


def _told(found: dict[str, float]) -> str:
    return f"{found['rate']:,.0f}/s ({found['cpu_us']:.0f} us CPU, {found['batch']:.0f} a commit)"


def _record_all(engine: str, disk: str, run: Callable[[str, int], dict[str, float]]) -> dict[str, float]:
    for shape in lane.SHAPES:
        alone, many = run(shape, 1), run(shape, 32)
        figure = f"1 writer {_told(alone)}; 32 writers {_told(many)}"
        harness.record(f"lane, {shape.replace('_', ' ')}, {engine}, {disk}", "", figure, met=None)
    return many


@pytest.mark.parametrize("slower_us", [0, SLOWER_US])
def test_lane_on_sqlite(tmp_path: Path, slower_us: int) -> None:
    env = {"LD_PRELOAD": str(harness.slow_fsync(tmp_path)), "CANDOR_FSYNC_US": str(slower_us)}
    url = f"sqlite:///{tmp_path / 'candor.db'}"
    migrations.upgrade(url)
    many = _record_all(
        "SQLite", f"flush +{slower_us / 1000:g} ms", lambda shape, writers: _lane(url, shape, writers, env)
    )
    if slower_us:
        ratio = many["rate"] / many["fsync"]
        harness.record(
            "lane with ledger, 32 writers, SQLite, flush +1 ms, in process",
            ">= 9x of flushes/s",
            f"{ratio:.1f}x ({many['rate']:,.0f}/s against {many['fsync']:,.0f} flushes/s)",
            met=ratio >= 9,
        )


@pytest.mark.parametrize("slower_us", [0, SLOWER_US])
def test_lane_on_postgresql(tmp_path: Path, slower_us: int) -> None:
    disk = f"flush +{slower_us / 1000:g} ms"
    with postgres.server(slower_us) as server:
        url, bench = postgres.make_database(server, "lane"), postgres.make_database(server, "bench")
        migrations.upgrade(url)
        floor = max(postgres.pgbench(bench, tmp_path, seconds=SECONDS) for _ in range(2))
        many = _record_all("PostgreSQL", disk, lambda shape, writers: _lane(url, shape, writers))
    ratio = many["rate"] / floor
    harness.record(
        f"lane with ledger, 32 writers, PostgreSQL, {disk}, against pgbench",
        ">= 1.2x at +1 ms" if slower_us else "",
        f"{ratio:.2f}x ({many['rate']:,.0f}/s against {floor:,.0f}/s)",
        met=ratio >= 1.2 if slower_us else None,
    )
