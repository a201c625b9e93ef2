"""Writes what `candor demo` knows of this example to ``api/demo/credit.json``: ``uv run python tell_demo.py``.

A reference group of a hundred applicants, and six applications with the model's answers. The first one's explanation
is pushed with the decision; the others are explained once the model is served (see README.md).
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from train import read
from trees import Trees

from explanations.blackbox import Cells, Plan, players_of, shapley

TARGET = Path(__file__).resolve().parents[2] / "api" / "demo" / "credit.json"
THRESHOLD = 0.45
CUSTOMERS = ("customer-4711", "customer-1001", "customer-1002", "customer-1003", "customer-1004", "customer-1005")
FIRST_ASKED = 200  # the hundred before are not told of; the first hundred are compared with


def chosen(model: Trees, rows: list[list[object]]) -> list[list[object]]:
    """Return four applicants to decline and two to approve, as they stand in the data."""
    later = rows[FIRST_ASKED:]
    declined = [row for row in later if model.p_bad(row) > THRESHOLD + 0.1][:4]
    approved = [row for row in later if model.p_bad(row) < THRESHOLD - 0.1][:2]
    return declined + approved


async def main() -> None:
    """Write the file."""
    model = Trees()
    names, rows, _ = read()
    reference: list[Cells] = [tuple(row) for row in rows[:100]]

    async def predict(asked: Sequence[Cells]) -> list[float]:
        return model.predict(asked)

    people = chosen(model, rows)
    first = await shapley(tuple(people[0]), reference, players_of(names), predict, Plan(seed=1))
    decisions = [
        {"customer": customer, "row": row, "output": model.p_bad(row)}
        for customer, row in zip(CUSTOMERS, people, strict=True)
    ]
    decisions[0]["explanation"] = {"shap_values": first.values, "base_value": first.base, "output": first.output}
    told = {
        "features": names,
        "version": model.version,
        "threshold": THRESHOLD,
        "reference": reference,
        "decisions": decisions,
    }
    TARGET.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
