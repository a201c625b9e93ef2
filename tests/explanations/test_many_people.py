"""The black box over 200 people against exact Shapley values; the engine over 10,000 explanations in one process."""

import gc
import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.http import HttpClient
from explanations import registry
from explanations.asking import Asker
from explanations.blackbox import Plan, players_of, shapley
from explanations.cases import Group, Policy
from explanations.engine import Engine
from tests.explanations.credit import APPLICANTS, FEATURES, Counted, cells, exact
from tests.explanations.serving import REFERENCE, running
from tests.explanations.test_engine import CASE, endpoint

pytestmark = [pytest.mark.anyio, pytest.mark.full]
PEOPLE = APPLICANTS[400:600]
EXPLAINED, SETTLED = 10_000, 2_000
MOST_GROWTH = 8_000_000


async def test_values_of_200_people_agree_with_exact_ones() -> None:
    outside = total = apart = 0
    for number, person in enumerate(PEOPLE):
        row = cells(person)
        made = await shapley(row, REFERENCE, players_of(FEATURES), Counted(), Plan(seed=number))
        truth = exact(row, REFERENCE, range(len(FEATURES)))

        errors = {name: abs(made.values[name] - truth[place]) for place, name in enumerate(FEATURES)}
        total += len(errors)
        outside += sum(error > 3 * made.errors[name] + 1e-12 for name, error in errors.items())
        assert max(errors.values()) <= 0.05 * max(abs(value) for value in truth.values()), number
        order = sorted(range(len(FEATURES)), key=lambda place: -truth[place])
        for rank, sure in enumerate(made.certain, 1):
            if sure:
                assert set(made.ranking[:rank]) == {FEATURES[place] for place in order[:rank]}, number
        apart += made.separated
    assert outside <= total // 50
    assert apart >= 60


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see the memory of a process")
async def test_memory_is_flat_over_10_000_explanations() -> None:
    settled = 0
    async with running("no explainer") as server:
        client = HttpClient([f"127.0.0.1:{server.port}"])
        spot = endpoint(server)
        engine, adapter = Engine(Asker(client), FixedClock(1)), registry.adapter(spot)
        group, policy = Group("all_applicants", "g@1", APPLICANTS[:10]), Policy(walks=10, seconds=60)
        for number in range(EXPLAINED):
            case = replace(CASE, decision=f"dec_{number:032x}")
            made = await engine.explain(case, spot, adapter, group, policy)
            assert made.explanation.method.origin in {"blackbox", "none"}
            server.requests.clear()
            server.batches.clear()
            if number == SETTLED:
                gc.collect()
                settled = _resident()
        await client.close()
    gc.collect()

    assert _resident() - settled <= MOST_GROWTH
