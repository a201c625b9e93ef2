"""H2O: scoring servers of MLOps and Driverless AI, and the contribution frames of an H2O-3 node.

Everything is text on the way in and out. Contributions are log-odds of the second class in alphabetical order, base
value ``BiasTerm`` (``bias``). H2O-3 explains in jobs, so its result frame is read where a job has fetched it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from explanations import reading
from explanations.errors import MalformedAnswerError, NotSupportedError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row

_BIAS = frozenset({"BiasTerm", "bias"})


class H2o:
    """``POST /model/score {"fields": [...], "rows": [["text"]]}``."""

    kind = "h2o"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the one model this deployment serves."""
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """Say that the answer names the model; whether Shapley values are on shows when asked."""
        return Caps(True, True, self._endpoint.max_batch, True)

    def _call(self, rows: Sequence[Row], shapley: str) -> HttpCall:
        table = [["" if v is None else str(v) for v in reading.ordered(row, self._endpoint)] for row in rows]
        body = {"fields": list(self._endpoint.features), "rows": table, "requestShapleyValueType": shapley}
        return HttpCall("POST", self._endpoint.predict_path or "/model/score", orjson.dumps(body))

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the scoring request."""
        return self._call(rows, "NONE")

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of each row, and the model's id as its version."""
        document = reading.document(status, body)
        rows = reading.rows_of(reading.at(document, "/score"), count)
        numbers = [[reading.number_in_text(v) for v in row] if isinstance(row, list) else row for row in rows]
        version = document.get("id")
        return Predictions(
            tuple(reading.target(row, self._endpoint) for row in numbers), None if version is None else str(version)
        )

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the scoring request with Shapley values of the original inputs."""
        return self._call([row], "ORIGINAL")

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return the contributions of the one row. H2O answers 400 where they were not enabled."""
        if status == 400:
            raise NotSupportedError
        document = reading.document(status, body, explaining=True)
        if isinstance(document, Mapping) and "frames" in document:
            return self.read_frame(document, 0)
        group = reading.at(document, "/featureShapleyContributions/contributionGroups/0/contributions/0")
        names = reading.at(document, "/featureShapleyContributions/features")
        values = [reading.number_in_text(value) for value in reading.rows_of(group, len(names))]
        version = document.get("id")
        return self._native(dict(zip(names, values, strict=True)), None if version is None else str(version))

    def read_frame(self, document: Any, row: int) -> Native:
        """Return one row of an H2O-3 contributions frame."""
        columns = reading.at(document, "/frames/0/columns")
        found = {str(reading.at(c, "/label")): reading.number_in_text(reading.at(c, f"/data/{row}")) for c in columns}
        return self._native(found, None)

    def _native(self, found: dict[str, float], version: str | None) -> Native:
        base = [value for name, value in found.items() if name in _BIAS]
        if len(base) != 1:
            raise MalformedAnswerError("Its base value is missing.")
        attributions, _ = reading.named(
            {name: value for name, value in found.items() if name not in _BIAS}, self._endpoint
        )
        output = base[0] + sum(attributions.values())
        return Native(
            attributions, base[0], output, None, "log_odds", version, "h2o.contributions", flags=("class_unknown",)
        )
