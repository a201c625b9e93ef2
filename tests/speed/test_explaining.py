"""What an explanation from predictions costs Candor itself: 20 inputs, 100 walks, without the model's own time."""

import time
from collections.abc import Sequence

import anyio
import pytest

from explanations.blackbox import Cells, Plan, players_of, shapley
from tests.explanations.forest import forest
from tests.speed import harness

pytestmark = pytest.mark.speed
WALKS, ROUNDS = 100, 20


class Model:
    """A model of 20 inputs whose own time is kept apart."""

    def __init__(self) -> None:
        self.calls, self.spent = 0, 0.0

    async def __call__(self, rows: Sequence[Cells]) -> list[float]:
        began = time.process_time()
        made = forest().predict(rows)
        self.calls += -(-len(rows) // 2000)
        self.spent += time.process_time() - began
        return made


def test_an_explanation_from_predictions() -> None:
    spent, calls = [], []
    served = forest()
    players = players_of(served.names)
    for number in range(ROUNDS):
        model = Model()
        row = served.rows[700 + number]
        began = time.process_time()
        anyio.run(shapley, row, served.rows[:100], players, model, Plan(seed=number, walks=WALKS))
        spent.append(time.process_time() - began - model.spent)
        calls.append(model.calls)
    own = sorted(spent)[ROUNDS // 2] * 1e3
    harness.record(
        "explanation from predictions, 20 inputs, 100 walks: own CPU", "<= 15 ms", f"{own:.1f} ms", met=own <= 15
    )
    harness.record("the same: calls of 2,000 rows", "<= 3", f"{max(calls)}", met=max(calls) <= 3)
