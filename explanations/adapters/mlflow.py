"""MLflow and Databricks model serving: ``/invocations`` with ``dataframe_split``.

A model saved with ``mlflow.shap`` answers bare values; a pyfunc that answers ``base_value``, ``output`` and
``shap_values`` says all there is. Either is a server of its own: its URL is ``endpoint.explain_path``.
MLflow's error texts repeat the row: they are never read.
"""

from collections.abc import Sequence

import orjson

from explanations import reading
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row


class MlFlow:
    """``POST /invocations {"dataframe_split": {...}}`` -> ``{"predictions": [...]}``."""

    kind = "mlflow"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the one model this server serves."""
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """Say that it explains where an explainer's URL is given; the version is never in the answer."""
        return Caps(True, self._endpoint.explain_path is not None, self._endpoint.max_batch, False)

    def _call(self, path: str, rows: Sequence[Row]) -> HttpCall:
        table = [reading.ordered(row, self._endpoint) for row in rows]
        frame = {"columns": list(self._endpoint.features), "data": table}
        return HttpCall("POST", path, orjson.dumps({"dataframe_split": frame}))

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the request with the rows as a table."""
        return self._call(self._endpoint.predict_path or "/invocations", rows)

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of each row."""
        found = reading.rows_of(reading.at(reading.document(status, body), "/predictions"), count)
        return Predictions(tuple(reading.target(value, self._endpoint) for value in found))

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the request to the explainer."""
        path = self._endpoint.explain_path
        return None if path is None else self._call(path, [row])

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return the one explanation, bare or whole."""
        document = reading.document(status, body, explaining=True)
        [found] = reading.rows_of(reading.at(document, "/predictions"), 1)
        return reading.free_form(found, self._endpoint)
