"""Trains the example's model from ``german_credit.csv`` and writes ``model.json``: ``python train.py``.

Gradient boosting of depth-two trees on the logistic loss (Friedman 2001), in plain Python, the same every time. The
protected attributes of the data (age, personal status and sex, foreign worker) are no inputs. Four of five applicants
train it, the fifth tests it.
"""

import csv
import json
import math
from pathlib import Path
from typing import Any

from trees import Trees, leaf

HERE = Path(__file__).parent
PROTECTED = {"age_in_years", "personal_status_and_sex", "foreign_worker"}
OUTCOME = "creditability"
VERSION = "2026-02"
ROUNDS, RATE, LEAST, SHRINK = 60, 0.15, 25, 4.0
Row = list[Any]


def read(path: Path = HERE / "german_credit.csv") -> tuple[list[str], list[Row], list[int]]:
    """Return the inputs' names, the rows (numbers as numbers) and whether each credit went bad."""
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    names = [name for name in table[0] if name not in PROTECTED | {OUTCOME}]
    rows = [[int(row[name]) if row[name].isdigit() else row[name] for name in names] for row in table]
    return names, rows, [int(row[OUTCOME] == "bad") for row in table]


def questions(rows: list[Row]) -> list[tuple[int, str, Any]]:
    """Return everything a tree may ask: each text, and up to ten cuts of each number."""
    found: list[tuple[int, str, Any]] = []
    for place, column in enumerate(zip(*rows, strict=True)):
        values = sorted(set(column))
        if isinstance(values[0], str):
            found += [(place, "==", value) for value in values]
        else:
            cuts = values[:-1] if len(values) <= 10 else [values[len(values) * part // 11] for part in range(1, 11)]
            found += [(place, "<=", value) for value in dict.fromkeys(cuts)]
    return found


def grow(members: set[int], asked: list[Any], slope: list[float], bend: list[float], depth: int) -> Any:
    """Return the tree that fits the gradients of ``members`` best, a leaf where no question helps."""
    total, weight = sum(slope[n] for n in members), sum(bend[n] for n in members)
    best, gain = None, 1e-6
    for question, holds in asked if depth else ():
        inside = members & holds
        if not LEAST <= len(inside) <= len(members) - LEAST:
            continue
        part, share = sum(slope[n] for n in inside), sum(bend[n] for n in inside)
        better = part**2 / (share + SHRINK) + (total - part) ** 2 / (weight - share + SHRINK)
        better -= total**2 / (weight + SHRINK)
        if better > gain:
            best, gain = (question, inside), better
    if best is None:
        return round(RATE * total / (weight + SHRINK), 6)
    question, inside = best
    branches = [grow(part, asked, slope, bend, depth - 1) for part in (inside, members - inside)]
    return [*question, *branches]


def train() -> dict[str, Any]:
    """Return the model as JSON values."""
    names, rows, bad = read()
    known = [n for n in range(len(rows)) if n % 5]
    asked = [((place, how, value), _holds(rows, known, place, how, value)) for place, how, value in questions(rows)]
    rate = sum(bad[n] for n in known) / len(known)
    base = round(math.log(rate / (1 - rate)), 6)
    scores, grown = [base] * len(rows), []
    for _ in range(ROUNDS):
        chances = [1 / (1 + math.exp(-score)) for score in scores]
        slope = [bad[n] - chance for n, chance in enumerate(chances)]
        tree = grow(set(known), asked, slope, [chance * (1 - chance) for chance in chances], 2)
        grown.append(tree)
        scores = [score + leaf(tree, row) for score, row in zip(scores, rows, strict=True)]
    return {"features": names, "version": VERSION, "base": base, "trees": grown}


def _holds(rows: list[Row], known: list[int], place: int, how: str, value: Any) -> set[int]:
    return {n for n in known if (rows[n][place] <= value if how == "<=" else rows[n][place] == value)}


def auc(model: Trees) -> float:
    """Return how often a bad credit of the fifth nobody trained on scores above a good one."""
    _, rows, bad = read()
    tested = [(model.p_bad(row), went) for n, (row, went) in enumerate(zip(rows, bad, strict=True)) if n % 5 == 0]
    worse = [score for score, went in tested if went]
    better = [score for score, went in tested if not went]
    return sum((a > b) + (a == b) / 2 for a in worse for b in better) / (len(worse) * len(better))


if __name__ == "__main__":
    target = HERE / "model.json"
    target.write_text(json.dumps(train(), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"wrote {target.name}; AUC on applicants it never saw: {auc(Trees()):.3f}")
