"""Vertex AI endpoints (documented by the vendor, not recorded). ``:explain`` is switched off in March 2027.

The endpoint's URL ends in ``/endpoints/{id}``; a fresh access token has to be in its headers. Vertex explains the
*predicted* class unless told otherwise: the output index is compared with the configured class.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from explanations import reading
from explanations.errors import MalformedAnswerError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row


class Vertex:
    """``POST {endpoint}:predict {"instances": [...]}`` and ``:explain`` with the same body."""

    kind = "vertex"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the endpoint's default deployment."""
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """Say that it explains as long as the vendor lets it."""
        return Caps(True, True, self._endpoint.max_batch, self._endpoint.version_at is not None)

    def _call(self, verb: str, rows: Sequence[Row]) -> HttpCall:
        return HttpCall("POST", verb, orjson.dumps({"instances": reading.records(rows, self._endpoint)}))

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the ``:predict`` request."""
        return self._call(":predict", rows)

    def _version(self, document: Any) -> str | None:
        where = self._endpoint.version_at
        return None if where is None else str(reading.at(document, where))

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of each row."""
        document = reading.document(status, body)
        rows = reading.rows_of(reading.at(document, "/predictions"), count)
        values = [reading.target(reading.at(row, self._endpoint.value_at), self._endpoint) for row in rows]
        return Predictions(tuple(values), self._version(document))

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the ``:explain`` request."""
        return self._call(":explain", [row])

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return base, output, attributions and error of the configured class, or of the one it chose instead."""
        document = reading.document(status, body, explaining=True)
        [one] = reading.rows_of(reading.at(document, "/explanations"), 1)
        listed = reading.at(one, "/attributions")
        if not isinstance(listed, list) or not listed:
            raise MalformedAnswerError("It holds no explanation.")
        wanted = [told for told in listed if reading.found(told, "/outputIndex") == [self._endpoint.class_index]]
        told = (wanted or listed)[0]
        given = reading.at(told, "/featureAttributions")
        if not isinstance(given, Mapping):
            raise MalformedAnswerError("It holds no explanation.")
        attributions, _ = reading.named({name: _whole(value) for name, value in given.items()}, self._endpoint)
        index, error = reading.found(told, "/outputIndex/0"), reading.found(told, "/approximationError")
        return Native(
            attributions,
            reading.number(reading.at(told, "/baselineOutputValue")),
            reading.number(reading.at(told, "/instanceOutputValue")),
            None if index is None else str(index),
            version=self._version(document),
            method="vertex.explain",
            approximation_error=None if error is None else reading.number(error),
            flags=() if index is not None else ("class_unknown",),
        )


def _whole(value: Any) -> float:
    """Return an input's attribution; that of an encoded input is answered in parts."""
    if isinstance(value, list) and value:
        return sum(_whole(part) for part in value)
    return reading.number(value)
