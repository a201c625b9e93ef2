"""DataRobot deployments (documented by the vendor, not recorded): real-time predictions with prediction explanations.

``endpoint.model`` is the deployment's id. The class is picked by its label. SHAP and XEMP strengths are answered for
at most as many inputs as are asked for, without a base value, and XEMP says nothing of its space.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from explanations import reading
from explanations.errors import MalformedAnswerError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row

_MOST_EXPLAINED = 50


class DataRobot:
    """``POST /api/v2/deployments/{id}/predictions`` with rows as objects."""

    kind = "datarobot"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the deployment ``endpoint.model``."""
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """Say that it explains; the answer does not name the model's version."""
        return Caps(True, True, self._endpoint.max_batch, False)

    def _call(self, rows: Sequence[Row], query: str = "") -> HttpCall:
        path = self._endpoint.predict_path or f"/api/v2/deployments/{self._endpoint.model}/predictions"
        return HttpCall("POST", path + query, orjson.dumps(reading.records(rows, self._endpoint)))

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the prediction request."""
        return self._call(rows)

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of the configured class for each row, in the order of ``rowId``."""
        rows = reading.rows_of(reading.at(reading.document(status, body), "/data"), count)
        by_place = {reading.number(reading.at(row, "/rowId")): row for row in rows}
        if sorted(by_place) != list(range(count)):
            raise MalformedAnswerError("It does not answer for each row that was asked.")
        return Predictions(tuple(self._value(by_place[place]) for place in range(count)))

    def _value(self, row: Mapping[str, Any]) -> float:
        if self._endpoint.class_name is None:
            return reading.number(row.get("prediction"))
        for one in row.get("predictionValues") or ():
            if isinstance(one, Mapping) and str(one.get("label")) == self._endpoint.class_name:
                return reading.number(one.get("value"))
        raise MalformedAnswerError("The configured class is not among its answers.")

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the prediction request that asks for as many explanations as there are inputs."""
        return self._call([row], f"?maxExplanations={min(_MOST_EXPLAINED, len(self._endpoint.features))}")

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return the strengths of the one row, with the label they speak for."""
        [row] = reading.rows_of(reading.at(reading.document(status, body, explaining=True), "/data"), 1)
        listed = reading.at(row, "/predictionExplanations")
        if not isinstance(listed, list) or not listed:
            raise MalformedAnswerError("It holds no explanation.")
        strengths, words, labels = {}, {}, set()
        for one in listed:
            feature = str(reading.at(one, "/feature"))
            if feature not in self._endpoint.features:
                raise MalformedAnswerError("It explains other inputs than those of the configured model.")
            strengths[feature] = reading.number(reading.at(one, "/strength"))
            labels.add(str(reading.at(one, "/label")))
            if isinstance(word := one.get("qualitativeStrength"), str):
                words[feature] = word
        if len(labels) != 1:
            raise MalformedAnswerError("It mixes several classes.")
        return Native(
            strengths,
            None,
            self._value(row),
            labels.pop(),
            "unknown",
            method="datarobot.prediction_explanations",
            qualitative=words,
            flags=("base_unknown", "space_unknown"),
        )
