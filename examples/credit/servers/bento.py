"""The credit model behind BentoML: ``bentoml serve bento:Credit --port 3000``."""

import sys
from pathlib import Path
from typing import Any

import bentoml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trees import Trees


@bentoml.service(traffic={"timeout": 10})
class Credit:
    """``POST /predict {"rows": [[...], ...]}`` -> ``[0.1, ...]``, the probability of a bad credit."""

    def __init__(self) -> None:
        """Read the model."""
        self.model = Trees()

    @bentoml.api
    def predict(self, rows: list[list[Any]]) -> list[float]:
        """Answer each row."""
        return self.model.predict(rows)
