"""What an explanation from predictions costs Candor itself: 20 inputs, 100 walks, without the model's own time."""

import time
from collections.abc import Sequence

import anyio
import pytest

from explanations.blackbox import Cells, Plan, players_of, shapley
from tests.explanations.credit import APPLICANTS, cells, p_bad
from tests.speed import harness

pytestmark = pytest.mark.speed
INPUTS, WALKS, ROUNDS = 20, 100, 20
_REFERENCE = [(*cells(row), *range(number, number + 12)) for number, row in enumerate(APPLICANTS[:100])]


class Model:
    """A model of 20 inputs whose own time is kept apart."""

    def __init__(self) -> None:
        self.calls, self.spent = 0, 0.0

    async def __call__(self, rows: Sequence[Cells]) -> list[float]:
        began = time.process_time()
        made = [p_bad(row[:8]) for row in rows]
        self.calls += -(-len(rows) // 2000)
        self.spent += time.process_time() - began
        return made


def test_an_explanation_from_predictions() -> None:
    spent, calls = [], []
    players = players_of([f"f{number}" for number in range(INPUTS)])
    for number in range(ROUNDS):
        model = Model()
        row = (*cells(APPLICANTS[700 + number]), *range(500, 512))
        began = time.process_time()
        anyio.run(shapley, row, _REFERENCE, players, model, Plan(seed=number, walks=WALKS))
        spent.append(time.process_time() - began - model.spent)
        calls.append(model.calls)
    own = sorted(spent)[ROUNDS // 2] * 1e3
    harness.record(
        "explanation from predictions, 20 inputs, 100 walks: own CPU", "<= 15 ms", f"{own:.1f} ms", met=own <= 15
    )
    harness.record("the same: calls of 2,000 rows", "<= 3", f"{max(calls)}", met=max(calls) <= 3)
