"""The last-registered route against the first: what a route costs must not depend on how many there are."""

from pathlib import Path

import pytest

from tests.speed import harness, town

pytestmark = pytest.mark.speed
ROUNDS = 4


def test_last_route_against_the_first(tmp_path: Path) -> None:
    place = town.build(tmp_path, f"sqlite:///{tmp_path / 'candor.db'}", 10)
    with harness.floor("many_routes:app", **place.env) as (process, base):
        first, last = [], []
        for _ in range(ROUNDS):
            first.append(harness.load(f"{base}/v1/first", process.pid))
            last.append(harness.load(f"{base}/v1/last", process.pid))
    assert not first[-1].errors + last[-1].errors
    ratio = harness.best(last).cpu_us / harness.best(first).cpu_us
    harness.record(
        "last-registered route against the first, 200 more between them",
        "<= 1.3x CPU",
        f"{ratio:.2f}x ({harness.best(last).cpu_us:.0f} us against {harness.best(first).cpu_us:.0f})",
        met=ratio <= 1.3,
    )
