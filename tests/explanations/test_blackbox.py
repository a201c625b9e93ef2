"""The black box against exact Shapley values, enumerated independently, on the German credit data."""

import time
from collections.abc import Sequence

import pytest

from explanations.blackbox import Cells, Estimate, Plan, players_of, shapley
from explanations.errors import ModelRejectedError
from tests.explanations.credit import APPLICANTS, FEATURES, Counted, cells, exact, p_bad

pytestmark = pytest.mark.anyio
REFERENCE = [cells(row) for row in APPLICANTS[:100]]
PLAYERS = players_of(FEATURES)


async def estimate(row: Cells, seed: int = 7) -> Estimate:
    return await shapley(row, REFERENCE, PLAYERS, Counted(), Plan(seed))


async def test_values_agree_with_exact_ones_within_their_standard_errors() -> None:
    outside = total = 0
    for row in map(cells, APPLICANTS[200:208]):
        made = await estimate(row)
        truth = exact(row, REFERENCE, range(len(FEATURES)))

        for place, feature in enumerate(FEATURES):
            total += 1
            outside += abs(made.values[feature] - truth[place]) > 3 * made.errors[feature] + 1e-12
        largest = max(abs(value) for value in truth.values())
        errors = [abs(made.values[feature] - truth[place]) for place, feature in enumerate(FEATURES)]
        assert max(errors) <= 0.05 * largest
    assert outside <= total // 50


async def test_attributions_add_up_exactly() -> None:
    for row in map(cells, APPLICANTS[300:310]):
        made = await estimate(row)

        assert made.walks % len(REFERENCE) == 0
        assert made.base == pytest.approx(sum(map(p_bad, REFERENCE)) / len(REFERENCE))
        assert made.output == p_bad(row)
        assert made.base + sum(made.values.values()) == pytest.approx(made.output, abs=1e-12)


async def test_ranks_called_certain_are_those_of_the_exact_order_on_200_rows() -> None:
    """Six of the inputs vary, so that the oracle can enumerate 200 people."""
    varying = (0, 1, 2, 3, 4, 7)
    separated = 0
    for number, row in enumerate(map(cells, APPLICANTS[400:600])):
        reference = [
            tuple(other[place] if place in varying else row[place] for place in range(len(row))) for other in REFERENCE
        ]
        players = {FEATURES[place]: (place,) for place in varying}
        made = await shapley(row, reference, players, Counted(), Plan(seed=number))
        truth = exact(row, REFERENCE, varying)
        order = sorted(varying, key=lambda place: -truth[place])

        for rank, sure in enumerate(made.certain, 1):
            if sure:
                assert set(made.ranking[:rank]) == {FEATURES[place] for place in order[:rank]}, number
        separated += made.separated
    assert separated >= 60, f"only {separated} of 200 separated"


async def test_the_same_seed_gives_the_same_explanation() -> None:
    row = cells(APPLICANTS[700])

    assert await estimate(row) == await estimate(row)
    assert (await estimate(row)).values != (await estimate(row, seed=8)).values


async def test_it_costs_few_calls_and_little_time() -> None:
    """Twenty inputs, 100 walks: the rest of the inputs are columns the model does not read."""
    reference = [(*row, *range(number, number + 12)) for number, row in enumerate(REFERENCE)]
    row = (*cells(APPLICANTS[700]), *range(500, 512))
    calls, spent = 0, 0.0

    async def predict(rows: Sequence[Cells]) -> list[float]:
        nonlocal calls, spent
        calls += 1
        began = time.process_time()
        made = [p_bad(one[:8]) for one in rows]
        spent += time.process_time() - began
        return made

    fastest = 1.0
    for _ in range(5):
        calls, spent = 0, 0.0
        began = time.process_time()
        players = players_of([f"f{number}" for number in range(20)])
        await shapley(row, reference, players, predict, Plan(seed=1, walks=100))
        fastest = min(fastest, time.process_time() - began - spent)

    assert calls <= 3
    assert fastest <= 0.030, f"{fastest * 1000:.0f} ms"  # 5 ms on a quiet machine


async def test_inputs_of_one_group_move_together() -> None:
    groups = {"money": ["credit_amount", "savings_account_and_bonds"]}
    asked: set[tuple[bool, bool]] = set()
    row, reference = cells(APPLICANTS[700]), [cells(APPLICANTS[1])]

    async def predict(rows: Sequence[Cells]) -> list[float]:
        asked.update((one[2] == row[2], one[3] == row[3]) for one in rows)
        return [p_bad(one) for one in rows]

    made = await shapley(row, reference, players_of(FEATURES, groups), predict, Plan(seed=1, walks=20))

    assert "money" in made.values
    assert "credit_amount" not in made.values
    assert asked == {(True, True), (False, False)}


async def test_inputs_the_model_does_not_read_get_nothing_and_are_not_called_separated() -> None:
    async def flat(rows: Sequence[Cells]) -> list[float]:
        return [0.5 for _ in rows]

    made = await shapley(cells(APPLICANTS[700]), REFERENCE, PLAYERS, flat, Plan(seed=1))

    assert set(made.values.values()) == {0.0}
    assert not made.separated


async def test_a_reference_group_that_does_not_fit_is_refused() -> None:
    for reference in ([], [("x",)]):
        with pytest.raises(ModelRejectedError):
            await shapley(cells(APPLICANTS[0]), reference, PLAYERS, Counted(), Plan(seed=1))


def test_groups_of_another_model_of_the_same_system_are_passed_over() -> None:
    groups = {"HOME": ("rents", "owns"), "OTHER": ("never", "heard")}

    assert players_of(("rents", "age"), groups) == {"HOME": (0,), "age": (1,)}
