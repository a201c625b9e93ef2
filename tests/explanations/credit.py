"""A tiny credit model over the German credit data, and exact Shapley values computed by enumeration."""

import csv
import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from explanations.blackbox import Cells
from explanations.port import Value

FEATURES = (
    "status_of_existing_checking_account",
    "duration_in_month",
    "credit_amount",
    "savings_account_and_bonds",
    "present_employment_since",
    "installment_rate_in_percentage_of_disposable_income",
    "age_in_years",
    "other_installment_plans",
)
_NUMBERS = frozenset({"duration_in_month", "credit_amount", "age_in_years", FEATURES[5]})
_CHECKING = {"no checking account": -1.1, "... < 0 DM": 0.6, "0 <= ... < 200 DM": 0.3}
_SAVINGS = {"... < 100 DM": 0.4, "unknown/ no savings account": -0.3}
_EMPLOYED = {"unemployed": 0.5, "... < 1 year": 0.45, "4 <= ... < 7 years": -0.35, "... >= 7 years": -0.2}


def _read() -> list[dict[str, Value]]:
    with (Path(__file__).parent / "german_credit.csv").open(encoding="utf-8", newline="") as file:
        return [
            {name: int(row[name]) if name in _NUMBERS else row[name] for name in FEATURES}
            for row in csv.DictReader(file)
        ]


APPLICANTS = _read()


def applicants(features: Sequence[str]) -> list[dict[str, Value]]:
    """Return all applicants with these inputs of the data, numbers as numbers."""
    with (Path(__file__).parent / "german_credit.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return [{name: int(row[name]) if row[name].isdigit() else row[name] for name in features} for row in table]


def cells(row: Mapping[str, Value], features: Sequence[str] = FEATURES) -> Cells:
    """Return a row's values in the model's order."""
    return tuple(row[feature] for feature in features)


def p_bad(row: Cells) -> float:
    """Return the probability of a bad credit: a scorecard with two interactions and a step."""
    checking, duration, amount, savings, employed, rate, age, plans = row
    assert isinstance(duration, int)
    assert isinstance(amount, int)
    assert isinstance(rate, int)
    assert isinstance(age, int)
    points = -1.6 + _CHECKING.get(str(checking), -0.2) + 0.035 * (duration - 12)
    points += _SAVINGS.get(str(savings), -0.1) + _EMPLOYED.get(str(employed), 0.0)
    points += 0.15 * rate * (amount > 4000) + 0.5 * (duration > 36 and amount > 6000)
    points += 0.4 * (age < 25) + 0.35 * (plans != "none")
    return 1 / (1 + math.exp(-points))


class Counted:
    """A predict function that counts what it is asked."""

    def __init__(self) -> None:
        self.calls = 0
        self.rows = 0

    async def __call__(self, rows: Sequence[Cells]) -> list[float]:
        self.calls += 1
        self.rows += len(rows)
        return [p_bad(row) for row in rows]


def exact(row: Cells, reference: Sequence[Cells], places: Sequence[int]) -> dict[int, float]:
    """Return exact interventional Shapley values of the inputs at ``places``; the rest move with the person's row.

    The value of a coalition is the mean output over the reference group with the coalition's inputs set to the
    person's (Lundberg and Lee 2017; Janzing et al. 2020), weighted over all coalitions (Shapley 1953).
    """
    seen: dict[Cells, float] = {}

    def worth(coalition: frozenset[int]) -> float:
        total = 0.0
        for other in reference:
            mixed = tuple(
                row[place] if place in coalition or place not in places else other[place] for place in range(len(row))
            )
            if mixed not in seen:
                seen[mixed] = p_bad(mixed)
            total += seen[mixed]
        return total / len(reference)

    worths = {
        frozenset(members): worth(frozenset(members))
        for size in range(len(places) + 1)
        for members in combinations(places, size)
    }
    count, found = len(places), {}
    for player in places:
        found[player] = sum(
            math.factorial(len(s))
            * math.factorial(count - len(s) - 1)
            / math.factorial(count)
            * (worths[s | {player}] - v)
            for s, v in worths.items()
            if player not in s
        )
    return found
