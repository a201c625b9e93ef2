"""Any JSON predict endpoint: a request template and JSON pointers (RFC 6901) say what goes where.

In the template the text ``$rows`` stands for the rows as lists in the model's order, ``$records`` for the rows as
objects. The predictions are a list with one item a row; ``value_at`` points to the target inside an item.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson

from explanations import reading
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row


class HttpJson:
    """The generic adapter; the presets of this folder only set other defaults."""

    kind = "http-json"
    predict_path: ClassVar[str] = "/predict"
    explain_path: ClassVar[str | None] = None
    template: ClassVar[Any] = {"instances": "$rows"}
    explain_template: ClassVar[Any] = None
    predictions_at: ClassVar[str] = "/predictions"
    explanations_at: ClassVar[str] = "/explanations"

    def __init__(self, endpoint: Endpoint) -> None:
        """Take what the operator configured; what is left open has this kind's default."""
        self._endpoint = endpoint
        self._explain_path = endpoint.explain_path or self.explain_path
        self._template = endpoint.template or self.template
        self._explain_template = endpoint.explain_template or self.explain_template or self._template
        given = endpoint.predictions_at, endpoint.explanations_at
        self._predictions_at = self.predictions_at if given[0] is None else given[0]
        self._explanations_at = self.explanations_at if given[1] is None else given[1]

    def capabilities(self) -> Caps:
        """Return what was configured."""
        end = self._endpoint
        return Caps(True, self._explain_path is not None, end.max_batch, end.version_at is not None)

    def _filled(self, node: Any, rows: Sequence[Row]) -> Any:
        if node == "$rows":
            return [reading.ordered(row, self._endpoint) for row in rows]
        if node == "$records":
            return reading.records(rows, self._endpoint)
        if isinstance(node, dict):
            return {name: self._filled(child, rows) for name, child in node.items()}
        return [self._filled(child, rows) for child in node] if isinstance(node, list) else node

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the filled template."""
        path = self._endpoint.predict_path or self.predict_path
        return HttpCall("POST", path, orjson.dumps(self._filled(self._template, rows)))

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of each row, and the version where a pointer says where it stands."""
        end = self._endpoint
        document = reading.document(status, body)
        rows = reading.rows_of(reading.at(document, self._predictions_at), count)
        version = None if end.version_at is None else str(reading.at(document, end.version_at))
        return Predictions(tuple(reading.target(reading.at(row, end.value_at), end) for row in rows), version)

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the filled explain template, if there is a path for it."""
        if self._explain_path is None:
            return None
        return HttpCall("POST", self._explain_path, orjson.dumps(self._filled(self._explain_template, [row])))

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return the one explanation of the answer, with the output from beside it if it stands there."""
        document = reading.document(status, body, explaining=True)
        [found] = reading.rows_of(reading.at(document, self._explanations_at), 1)
        native = reading.free_form(found, self._endpoint)
        beside = None if native.output is not None else reading.found(document, self._predictions_at)
        if not isinstance(beside, list) or len(beside) != 1 or self._predictions_at == self._explanations_at:
            return native
        return reading.with_output(
            native, reading.target(reading.at(beside[0], self._endpoint.value_at), self._endpoint)
        )
