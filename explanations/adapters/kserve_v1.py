"""KServe's v1 protocol: ``:predict`` and, with an explainer, ``:explain``, whose answer its author shapes freely.

Read besides hand-made ones: alibi anchors, and TrustyAI's saliencies in both nestings.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from explanations import reading
from explanations.errors import MalformedAnswerError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row


class KServeV1:
    """``POST /v1/models/{model}:predict {"instances": [...]}`` -> ``{"predictions": [0.1]}``."""

    kind = "kserve-v1"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the model named ``endpoint.model``."""
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """Say that whether there is an explainer shows only when it is asked."""
        return Caps(True, True, self._endpoint.max_batch, False)

    def _call(self, verb: str, rows: Sequence[Row]) -> HttpCall:
        body = orjson.dumps({"instances": [reading.ordered(row, self._endpoint) for row in rows]})
        return HttpCall("POST", f"/v1/models/{self._endpoint.model}:{verb}", body)

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the ``:predict`` request."""
        return self._call("predict", rows)

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of each row."""
        found = reading.rows_of(reading.at(reading.document(status, body), "/predictions"), count)
        return Predictions(tuple(reading.target(value, self._endpoint) for value in found))

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the ``:explain`` request."""
        return self._call("explain", [row])

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return the one explanation."""
        document = reading.document(status, body, explaining=True)
        if isinstance(document, Mapping) and {"saliencies", "LIME", "SHAP"} & document.keys():
            return self._saliencies(document)
        if isinstance(document, Mapping) and isinstance(document.get("data"), Mapping):
            return reading.free_form(document, self._endpoint)
        found = reading.at(document, "/explanations")
        [one] = reading.rows_of(found, 1) if isinstance(found, list) else [found]
        return reading.free_form(one, self._endpoint)

    def _saliencies(self, document: Mapping[str, Any]) -> Native:
        """Read TrustyAI: SHAP before LIME; inputs are named by position (``inputs-4``)."""
        nested = document.get("saliencies", document)
        by_method = {name: value for name, value in nested.items() if name in {"SHAP", "LIME"}}
        for name in ("SHAP", "LIME"):
            if name in by_method:
                outputs = by_method[name].get("saliencies", by_method[name])
                position = self._endpoint.class_index or 0
                scores = reading.at(outputs, f"/outputs-{position}")
                values = [reading.number(reading.at(score, "/score")) for score in scores]
                attributions, _ = reading.named(values, self._endpoint)
                flags = ("base_unknown", "output_unknown", "names_from_config", "sampled")
                return Native(attributions, method=f"trustyai.{name.lower()}", flags=flags)  # type: ignore[arg-type]  # declared flags
        raise MalformedAnswerError("It holds no explanation.")
