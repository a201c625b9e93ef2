"""What would have changed the outcome: a search in which every answer was really given by the model (C-203/22).

Only inputs the operator declares actionable are touched, in their allowed direction, inside their range and inside
what the reference group shows (2 % to 98 %). First every single change in one call, then pairs and triples of the
most promising. Protected and immutable inputs can't be declared; nothing found means saying so.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal, NamedTuple

from core.errors import InvalidError
from explanations.blackbox import Cells, Predict
from explanations.port import Value

_FEW = 12
_QUANTILES = 25
_PROMISING = 6
_VALUES_KEPT = 3


@dataclass(frozen=True)
class Actionable:
    """An input a person can change: the allowed direction, and the range that makes sense."""

    feature: str
    direction: Literal["up", "down", "any"] = "any"
    low: float | None = None
    high: float | None = None
    values: tuple[Value, ...] = ()  # for texts: what it may become; nothing means whatever the reference group shows


class Tried(NamedTuple):
    """Changes that were asked, and what the model answered."""

    changes: dict[str, Value]
    output: float
    distance: float


class NotActionableError(InvalidError):
    """An input is declared actionable that must never be: protected, or not an input of the model."""

    code = "not-actionable"
    title = "This input can't be offered for change."


def allowed(actionable: Sequence[Actionable], features: Sequence[str], immutable: Iterable[str]) -> None:
    """Check the operator's declaration. Raises ``NotActionableError``."""
    never = frozenset(immutable)
    for place, one in enumerate(actionable):
        if one.feature in never or one.feature not in features:
            raise NotActionableError.field(f"/actionable/{place}/feature", "is protected, immutable or unknown")


def candidates(present: Value, seen: Sequence[Value], rule: Actionable) -> list[Value]:
    """Return what an input may become: at most 12 seen values, else 25 quantiles; never what it is."""
    if isinstance(present, str | bool) or present is None:
        known = rule.values or tuple(dict.fromkeys(seen))
        return [value for value in known if value != present and type(value) is type(present)]
    numbers = sorted(float(value) for value in seen if isinstance(value, int | float) and not isinstance(value, bool))
    if not numbers:
        return []
    low, high = _quantile(numbers, 0.02), _quantile(numbers, 0.98)
    distinct = sorted(set(numbers))
    if len(distinct) > _FEW:
        distinct = sorted({_quantile(numbers, 0.02 + 0.96 * n / (_QUANTILES - 1)) for n in range(_QUANTILES)})
    whole = isinstance(present, int)
    return [
        int(value) if whole else value
        for value in distinct
        if low <= value <= high
        and value != present
        and (rule.direction != "up" or value > present)
        and (rule.direction != "down" or value < present)
        and (rule.low is None or value >= rule.low)
        and (rule.high is None or value <= rule.high)
    ]


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _scale(seen: Sequence[Value]) -> float:
    numbers = [float(value) for value in seen if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < 2:
        return 1.0
    mean = math.fsum(numbers) / len(numbers)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in numbers) / len(numbers)) or 1.0


class Search:
    """One person's search."""

    def __init__(
        self,
        row: Cells,
        features: Sequence[str],
        reference: Sequence[Cells],
        actionable: Sequence[Actionable],
        immutable: Iterable[str],
        predict: Predict,
    ) -> None:
        """Search around ``row``. Raises ``NotActionableError``."""
        allowed(actionable, features, immutable)
        self._row = row
        self._predict = predict
        self._places = {feature: place for place, feature in enumerate(features)}
        seen = {one.feature: [other[self._places[one.feature]] for other in reference] for one in actionable}
        self._scales = {feature: _scale(values) for feature, values in seen.items()}
        self._options = {
            one.feature: candidates(row[self._places[one.feature]], seen[one.feature], one) for one in actionable
        }

    async def find(
        self, threshold: float, *, higher_is_adverse: bool, most_changes: int = 3, most: int = 3
    ) -> list[Tried]:
        """Return up to ``most`` least changes with which the model answers on the other side of ``threshold``."""
        single = await self._ask([{f: value} for f, values in self._options.items() for value in values])
        tried = single
        for size in range(1, most_changes + 1):
            if size > 1:
                tried = await self._ask(self._together(single, size, higher_is_adverse=higher_is_adverse))
            turned = [one for one in tried if (one.output < threshold) == higher_is_adverse and one.output != threshold]
            if turned:
                return sorted(turned, key=lambda one: (one.distance, one.output))[:most]
        return []

    def _together(self, single: Sequence[Tried], size: int, *, higher_is_adverse: bool) -> list[dict[str, Value]]:
        """Return combinations of the most promising single changes."""
        best: dict[str, list[Tried]] = {}
        for one in sorted(single, key=lambda one: one.output if higher_is_adverse else -one.output):
            kept = best.setdefault(next(iter(one.changes)), [])
            if len(kept) < _VALUES_KEPT:
                kept.append(one)
        chosen = list(best.values())[:_PROMISING]
        return [
            {feature: value for one in picked for feature, value in one.changes.items()}
            for group in combinations(chosen, size)
            for picked in product(*group)
        ]

    async def _ask(self, changes: Sequence[dict[str, Value]]) -> list[Tried]:
        if not changes:
            return []
        outputs = await self._predict([self._changed(one) for one in changes])
        return [Tried(one, output, self._distance(one)) for one, output in zip(changes, outputs, strict=True)]

    def _changed(self, changes: Mapping[str, Value]) -> Cells:
        cells = list(self._row)
        for feature, value in changes.items():
            cells[self._places[feature]] = value
        return tuple(cells)

    def _distance(self, changes: Mapping[str, Value]) -> float:
        """Return how far the changes go, in standard deviations of the reference group; a text counts as one."""
        total = 0.0
        for feature, value in changes.items():
            before = self._row[self._places[feature]]
            if isinstance(value, int | float) and isinstance(before, int | float) and not isinstance(value, bool):
                total += abs(value - before) / self._scales[feature]
            else:
                total += 1.0
        return total
