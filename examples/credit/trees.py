"""A small gradient-boosted model of credit risk, read from ``model.json``: no library needed to serve it.

Each tree asks at most two questions: ``[place, how, value, then, otherwise]`` with ``how`` ``<=`` or ``==``; a number
is a leaf. The sum of all trees is the log-odds of a bad credit.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MODEL = Path(__file__).parent / "model.json"


def leaf(tree: Any, row: Sequence[Any]) -> float:
    """Return what a tree says of a row."""
    while isinstance(tree, list):
        place, how, value, then, otherwise = tree
        given = row[place]
        holds = given <= value if how == "<=" else given == value
        tree = then if holds else otherwise
    return float(tree)


class Trees:
    """The trained model."""

    def __init__(self, path: Path = MODEL) -> None:
        """Read what ``train.py`` wrote."""
        told = json.loads(path.read_text(encoding="utf-8"))
        self.features: list[str] = told["features"]
        self.version: str = told["version"]
        self._base: float = told["base"]
        self._trees: list[Any] = told["trees"]

    def p_bad(self, row: Sequence[Any]) -> float:
        """Return the probability of a bad credit; ``row`` is in the order of ``features``."""
        if len(row) != len(self.features):
            raise ValueError(f"a row has {len(self.features)} values")
        return 1 / (1 + math.exp(-self._base - sum(leaf(tree, row) for tree in self._trees)))

    def predict(self, rows: Sequence[Sequence[Any]]) -> list[float]:
        """Return the probability of a bad credit for each row."""
        return [self.p_bad(row) for row in rows]
