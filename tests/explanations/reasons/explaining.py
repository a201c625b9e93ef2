"""Explanations of the credit model with the attributions a test asks for."""

from collections.abc import Mapping
from typing import Any

from explanations.canonical import Explanation
from tests.explanations.documents import example

INPUTS: list[dict[str, Any]] = [
    {"feature": "duration", "value": 48},
    {"feature": "amount", "value": 7500},
    {"feature": "checking", "value": "A14"},
    {"feature": "savings", "value": 90.5},
    {"feature": "employed", "value": "2 <= ... < 4 years"},
    {"feature": "age", "value": 23, "sensitivity": "protected"},
]
PUSHES = {"duration": 0.2, "amount": 0.12, "checking": 0.03, "savings": 0.04, "employed": 0.02, "age": -0.01}


def explained(pushes: Mapping[str, float] = PUSHES, stderr: float | None = 0.001, **changes: Any) -> Explanation:
    """Return an explanation of a declined application; ``pushes`` above nought speak against the person."""
    values: dict[str, Any] = {
        "inputs": INPUTS,
        "attributions": [{"feature": name, "value": value, "stderr": stderr} for name, value in pushes.items()],
        "counterfactuals": [
            {
                "changes": [{"feature": "duration", "from": 48, "to": 24}],
                "output_value": 0.44,
                "outcome": None,
                "verified": True,
                "verified_at": "2026-11-23T09:00:00.000000Z",
            }
        ],
        **changes,
    }
    return Explanation.model_validate(example(**values)).hashed()
