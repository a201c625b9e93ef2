"""Shapley values from a predict function alone: batched permutation sampling with antithetic walks.

A walk takes one row of the reference group and turns it into the person's row, player by player in a random order,
there and in the reverse order; each step's change of the output is credited to its player. Whole blocks of as many
walks as there are reference rows make the sum exact: base + attributions = output. After each block the ranking is
tested; it stops once the top k stand apart from the rest, else at the cap, and says which ranks are certain.

A player is one input, or several that move together (a one-hot set, a value and its missing-flag), so that no
impossible row is asked. Known rows are not asked again. Pure Python: 20 inputs and 100 walks take 5 ms.
"""

import math
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explanations.errors import ModelRejectedError
from explanations.port import Value

Cells = tuple[Value, ...]  # one row, in the model's order
Predict = Callable[[Sequence[Cells]], Awaitable[Sequence[float]]]
# one look errs at most once in 2,000; four looks and the pairs at the border leave room for being right on all rows
SURE = 3.5


@dataclass(frozen=True)
class Plan:
    """How much to ask: ``walks`` at most, in blocks of the reference group's size; ``top`` ranks matter."""

    seed: int
    top: int = 4
    walks: int = 400
    higher_is_adverse: bool = True
    sure: float = SURE


class Estimate(NamedTuple):
    """What came out: values and standard errors by player, and what can be said of the order.

    ``ranking`` lists players by how much they speak against the person. ``certain[r]`` tells whether the first
    ``r + 1`` of them surely stand before all others; ``separated`` is that of the last rank that matters.
    """

    values: dict[str, float]
    errors: dict[str, float]
    base: float
    output: float
    ranking: tuple[str, ...]
    certain: tuple[bool, ...]
    separated: bool
    walks: int
    rows: int


class _Asked:
    """Every row asked so far and its output; new ones wait to be asked together."""

    def __init__(self, predict: Predict) -> None:
        self._predict = predict
        self.known: dict[Cells, float] = {}
        self._new: dict[Cells, None] = {}

    def note(self, cells: Cells) -> None:
        if cells not in self.known:
            self._new[cells] = None

    async def ask(self) -> None:
        """Ask all that waits."""
        wanted, self._new = list(self._new), {}
        if wanted:
            self.known.update(zip(wanted, await self._predict(wanted), strict=True))


Walk = tuple[list[int], list[Cells], list[Cells]]


def _path(start: Cells, end: Cells, order: Sequence[int], places: Sequence[tuple[int, ...]]) -> list[Cells]:
    """Return the rows from ``start`` to ``end``, one player's inputs at a time."""
    cells = list(start)
    path = [start]
    for player in order:
        for place in places[player]:
            cells[place] = end[place]
        path.append(tuple(cells))
    return path


def _changes(walk: Walk, known: Mapping[Cells, float]) -> list[float]:
    """Return each player's mean change over the two directions of a walk."""
    order, there, back = walk
    changes = [0.0] * len(order)
    for players, path in ((order, there), (reversed(order), back)):
        before = known[path[0]]
        for player, cells in zip(players, path[1:], strict=True):
            after = known[cells]
            changes[player] += (after - before) / 2
            before = after
    return changes


def players_of(
    features: Sequence[str], groups: Mapping[str, Sequence[str]] | None = None
) -> dict[str, tuple[int, ...]]:
    """Return the players and the places of their inputs: each group is one, every other input is its own.

    What a group names that is no input of this model is passed over: its system has other models too.
    """
    places = {feature: place for place, feature in enumerate(features)}
    grouped = {feature for members in (groups or {}).values() for feature in members}
    named = {name: tuple(places[one] for one in members if one in places) for name, members in (groups or {}).items()}
    players = {name: where for name, where in named.items() if where}
    return {**players, **{feature: (place,) for feature, place in places.items() if feature not in grouped}}


async def shapley(
    row: Cells,
    reference: Sequence[Cells],
    players: Mapping[str, tuple[int, ...]],
    predict: Predict,
    plan: Plan,
) -> Estimate:
    """Return the Shapley values of ``row`` against the reference group. Raises what ``predict`` raises.

    Raises ``ModelRejectedError`` for rows of different lengths or no reference group at all.
    """
    if not reference or any(len(other) != len(row) for other in reference):
        raise ModelRejectedError("The reference group does not fit the model's inputs.")
    draw = random.Random(plan.seed)  # noqa: S311 -- sampling, not secrets: the seed is recorded for repetition
    names, places = list(players), list(players.values())
    asked = _Asked(predict)
    order = list(reference)
    draw.shuffle(order)
    changes: list[list[float]] = []
    while True:
        block = [_walk(row, other, places, draw) for other in order]
        for _, there, back in block:
            for cells in there:
                asked.note(cells)
            for cells in back:
                asked.note(cells)
        await asked.ask()
        changes += [_changes(walk, asked.known) for walk in block]
        ranking, certain = _ranked(changes, plan)
        if (certain and certain[-1]) or len(changes) + len(order) > plan.walks:
            break
    means, errors = _moments(changes)
    return Estimate(
        dict(zip(names, means, strict=True)),
        dict(zip(names, errors, strict=True)),
        math.fsum(asked.known[other] for other in order) / len(order),
        asked.known[row],
        tuple(names[player] for player in ranking),
        certain,
        bool(certain and certain[-1]),
        len(changes),
        len(asked.known),
    )


def _walk(row: Cells, other: Cells, places: Sequence[tuple[int, ...]], draw: random.Random) -> Walk:
    order = list(range(len(places)))
    draw.shuffle(order)
    return order, _path(other, row, order, places), _path(other, row, order[::-1], places)


def _moments(changes: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    """Return mean and standard error of each column."""
    count = len(changes)
    means, errors = [], []
    for column in zip(*changes, strict=True):
        mean = math.fsum(column) / count
        spread = math.fsum((value - mean) ** 2 for value in column)
        means.append(mean)
        errors.append(math.sqrt(spread / (count * (count - 1))) if count > 1 else math.inf)
    return means, errors


def _ranked(changes: Sequence[Sequence[float]], plan: Plan) -> tuple[list[int], tuple[bool, ...]]:
    """Return players by how much they speak against the person, and which of the first ranks are certain."""
    columns = list(zip(*changes, strict=True))
    sign = 1.0 if plan.higher_is_adverse else -1.0
    means = [sign * math.fsum(column) for column in columns]
    ranking = sorted(range(len(columns)), key=lambda player: (-means[player], player))
    top = min(plan.top, len(columns) - 1)
    certain = tuple(
        all(
            _apart(columns[before], columns[after], sign, plan.sure)
            for before in ranking[:rank]
            for after in ranking[rank:]
        )
        for rank in range(1, top + 1)
    )
    return ranking, certain


def _apart(before: Sequence[float], after: Sequence[float], sign: float, sure: float) -> bool:
    """Tell whether one player surely stands before another: their difference over ``sure`` standard errors."""
    count = len(before)
    differences = [sign * (a - b) for a, b in zip(before, after, strict=True)]
    mean = sum(differences) / count
    if mean <= 0 or count < 2:
        return False
    spread = sum((value - mean) ** 2 for value in differences)
    return mean > sure * math.sqrt(spread / (count * (count - 1)))
