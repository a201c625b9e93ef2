"""A forest over all twenty inputs of the German credit data, and its exact interventional Shapley values by its leaves.

The values of a tree are a sum over its leaves: a leaf is reached by the mix of two rows exactly if the mix takes, of
every condition on the way that only one of the rows meets, that row's value. With ``a`` such inputs of the person and
``b`` of the other, each of the person's inputs earns ``(a-1)! b! / (a+b)!`` of the leaf's value, each of the other's
loses ``a! (b-1)! / (a+b)!`` (Lundberg et al. 2020, interventional TreeSHAP). Nothing is sampled, and nothing of the
product is used.
"""

import csv
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from explanations.blackbox import Cells

TREES, DEPTH, LEAST = 40, 4, 15
_SEED = 11


class Node(NamedTuple):
    """A condition: an input, and the value up to which the left side is taken."""

    at: int
    cut: float
    left: "Tree"
    right: "Tree"


Tree = Node | float
Bounds = Mapping[int, tuple[float, float]]


class Forest(NamedTuple):
    """The mean of trees."""

    names: tuple[str, ...]
    rows: tuple[Cells, ...]
    trees: tuple[Tree, ...]

    def predict(self, rows: Sequence[Cells]) -> list[float]:
        """Return the share of bad credits."""
        return [sum(_reached(tree, row) for tree in self.trees) / len(self.trees) for row in rows]

    def exact(self, row: Cells, reference: Sequence[Cells]) -> list[float]:
        """Return the exact Shapley values of a row against a reference group."""
        found = [0.0] * len(self.names)
        for tree in self.trees:
            for value, bounds in leaves(tree, {}):
                for other in reference:
                    _earn(found, value, bounds, row, other)
        return [value / len(self.trees) / len(reference) for value in found]


def leaves(tree: Tree, bounds: Bounds) -> Iterator[tuple[float, Bounds]]:
    """Return each leaf's value, and the interval ``(low, high]`` of each input on the way to it."""
    if not isinstance(tree, Node):
        yield tree, bounds
        return
    low, high = bounds.get(tree.at, (-math.inf, math.inf))
    yield from leaves(tree.left, {**bounds, tree.at: (low, min(high, tree.cut))})
    yield from leaves(tree.right, {**bounds, tree.at: (max(low, tree.cut), high)})


def _reached(tree: Tree, row: Cells) -> float:
    while isinstance(tree, Node):
        tree = tree.left if row[tree.at] <= tree.cut else tree.right  # type: ignore[operator]  # every cell is a number
    return tree


def _earn(found: list[float], value: float, bounds: Bounds, row: Cells, other: Cells) -> None:
    mine: list[int] = []
    others: list[int] = []
    for at, (low, high) in bounds.items():
        here, there = low < row[at] <= high, low < other[at] <= high  # type: ignore[operator]  # every cell is a number
        if not here and not there:
            return
        if here != there:
            (mine if here else others).append(at)
    a, b = len(mine), len(others)
    every = math.factorial(a + b)
    for at in mine:
        found[at] += value * math.factorial(a - 1) * math.factorial(b) / every
    for at in others:
        found[at] -= value * math.factorial(a) * math.factorial(b - 1) / every


@cache
def forest() -> Forest:
    """Grow the forest: trees with random conditions on random halves of the applicants; texts are numbered."""
    names, rows, bad = _read()
    draw = random.Random(_SEED)
    trees = tuple(_grown(rows, bad, draw.sample(range(len(rows)), len(rows) // 2), DEPTH, draw) for _ in range(TREES))
    return Forest(names, rows, trees)


def _read() -> tuple[tuple[str, ...], tuple[Cells, ...], list[float]]:
    with (Path(__file__).parent / "german_credit.csv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    columns = [sorted({line[place] for line in lines}) for place in range(len(head) - 1)]
    rows = tuple(
        tuple(int(text) if text.isdigit() else known.index(text) for text, known in zip(line, columns, strict=False))
        for line in lines
    )
    return tuple(head[:-1]), rows, [float(line[-1] == "bad") for line in lines]


def _grown(rows: Sequence[Cells], bad: Sequence[float], here: list[int], depth: int, draw: random.Random) -> Tree:
    """Return a node: of some random conditions the one that tells good from bad best is taken."""
    best, least = None, math.inf
    for _ in range(12 if depth else 0):
        at = draw.randrange(len(rows[0]))
        cut = float(rows[draw.choice(here)][at] or 0)
        sides = _sides(rows, here, at, cut)
        spread = sum(_spread([bad[n] for n in side]) for side in sides)
        if min(map(len, sides)) >= LEAST and spread < least:
            best, least = (at, cut, sides), spread
    if best is None:
        return sum(bad[n] for n in here) / len(here)
    at, cut, (left, right) = best
    return Node(at, cut, _grown(rows, bad, left, depth - 1, draw), _grown(rows, bad, right, depth - 1, draw))


def _sides(rows: Sequence[Cells], here: list[int], at: int, cut: float) -> tuple[list[int], list[int]]:
    left = [n for n in here if rows[n][at] <= cut]  # type: ignore[operator]  # every cell is a number
    return left, [n for n in here if rows[n][at] > cut]  # type: ignore[operator]  # the same


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / max(1, len(values))
    return sum((value - mean) ** 2 for value in values)
