"""The Open Inference Protocol v2: KServe, MLServer, Triton, Seldon Core 2, OpenVINO.

There is no explain verb: an explainer is a model of its own (``endpoint.explainer``) whose answer is JSON in text.
MLServer answers the label unless the output ``predict_proba`` is asked for: configure ``endpoint.output``.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from explanations import reading
from explanations.errors import MalformedAnswerError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row


def _tensor(name: str, values: list[Any], width: int) -> dict[str, Any]:
    numeric = not any(isinstance(value, str | bool) or value is None for value in values)
    shape = [len(values) // width, width]
    return {"name": name, "shape": shape, "datatype": "FP64" if numeric else "BYTES", "data": values}


class OpenInference:
    """``POST /v2/models/{model}/infer`` with tensors."""

    kind = "oip-v2"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the model named ``endpoint.model``."""
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """Say that it explains where an explainer is named."""
        return Caps(True, self._endpoint.explainer is not None, self._endpoint.max_batch, True)

    def _call(self, model: str, rows: Sequence[Row], output: str | None) -> HttpCall:
        """Send one tensor of numbers, or one for each column where there is text."""
        end = self._endpoint
        table = [reading.ordered(row, end) for row in rows]
        flat = [float(v) if isinstance(v, int) and not isinstance(v, bool) else v for row in table for v in row]
        inputs = [_tensor("predict", flat, len(end.features))]
        if inputs[0]["datatype"] == "BYTES":
            columns = zip(end.features, zip(*table, strict=True), strict=True)
            inputs = [_tensor(name, list(column), 1) for name, column in columns]
        body: dict[str, Any] = {"inputs": inputs}
        if output is not None:
            body["outputs"] = [{"name": output}]
        return HttpCall("POST", f"/v2/models/{model}/infer", orjson.dumps(body))

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the ``infer`` request."""
        return self._call(self._endpoint.model, rows, self._endpoint.output)

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of each row from the flat, row-major answer."""
        document = reading.document(status, body)
        output = self._output(document)
        data, shape = output.get("data"), output.get("shape")
        if not isinstance(data, list) or not isinstance(shape, list) or not shape or shape[0] != count:
            raise MalformedAnswerError("It does not answer for each row that was asked.")
        if self._endpoint.space != "label" and output.get("datatype") in {"INT64", "INT32", "BYTES"}:
            raise MalformedAnswerError("It answers labels: name the output of the probabilities.")
        if not count or len(data) % count:
            raise MalformedAnswerError("Its shape does not fit its values.")
        width = len(data) // count
        rows = [data[start : start + width] for start in range(0, len(data), width or 1)]
        values = tuple(reading.target(row, self._endpoint) for row in reading.rows_of(rows, count))
        version = document.get("model_version")
        return Predictions(values, None if version is None else str(version))

    def _output(self, document: Any) -> dict[str, Any]:
        outputs = reading.at(document, "/outputs")
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, dict) and self._endpoint.output in (None, output.get("name")):
                return output
        raise MalformedAnswerError("The output that was asked for is missing.")

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the request to the explainer."""
        explainer = self._endpoint.explainer
        return None if explainer is None else self._call(explainer, [row], None)

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return the explanation that stands as JSON in the output's text."""
        text = reading.at(reading.document(status, body, explaining=True), "/outputs/0/data/0")
        if not isinstance(text, str):
            raise MalformedAnswerError("It holds no explanation.")
        return reading.free_form(reading.document(200, text.encode()), self._endpoint)
