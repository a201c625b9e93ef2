"""Amazon SageMaker real-time endpoints, with or without Clarify (documented by the vendor, not recorded).

The endpoint's URL is ``https://runtime.sagemaker.{region}.amazonaws.com``; ``model`` is the endpoint's name. Rows go as
JSON lines (``output`` ``text/csv`` asks for that instead). Clarify explains where ``explain_path`` is set: its values
are positional, without a base, and ``explanations`` is empty where its own filter said no. Requests are signed by
``explanations/signing.py`` with the credentials ``aws-access-key-id`` and ``aws-secret-access-key``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from explanations import reading
from explanations.errors import MalformedAnswerError, NotSupportedError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row

_LINES, _CSV = "application/jsonlines", "text/csv"
_ENABLE = "X-Amzn-SageMaker-Enable-Explanations"


class SageMaker:
    """``POST /endpoints/{name}/invocations`` with one row a line."""

    kind = "sagemaker"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the endpoint named ``endpoint.model``."""
        self._endpoint = endpoint
        self._media = _CSV if endpoint.output == _CSV else _LINES

    def capabilities(self) -> Caps:
        """Say that Clarify explains where it was configured; the version is in no answer."""
        return Caps(True, self._endpoint.explain_path is not None, self._endpoint.max_batch, False)

    def _call(self, rows: Sequence[Row], more: Mapping[str, str]) -> HttpCall:
        table = [reading.ordered(row, self._endpoint) for row in rows]
        if self._media == _CSV:
            body = "\n".join(",".join(_cell(value) for value in row) for row in table).encode()
        else:
            body = b"\n".join(orjson.dumps({"features": row}) for row in table)
        path = self._endpoint.predict_path or f"/endpoints/{self._endpoint.model}/invocations"
        return HttpCall("POST", path, body, {"Content-Type": self._media, "Accept": self._media, **more})

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the request, with Clarify switched off for it."""
        return self._call(rows, {_ENABLE: "`false`"} if self._endpoint.explain_path is not None else {})

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the value of each line, whether Clarify wrapped the answer or not."""
        if not 200 <= status < 300:
            reading.refuse(status)
        text = _text(body)
        if text.lstrip().startswith('{"version"'):
            text = str(reading.at(reading.document(status, body), "/predictions/data"))
        lines = [line for line in text.splitlines() if line.strip()]
        found = [self._value(line) for line in reading.rows_of(lines, count)]
        return Predictions(tuple(found))

    def _value(self, line: str) -> float:
        if self._media == _CSV:
            cells: list[Any] = [reading.number_in_text(cell) for cell in line.split(",")]
            return reading.target(cells, self._endpoint)
        answered = reading.document(200, line.encode())
        return reading.target(reading.at(answered, self._endpoint.value_at), self._endpoint)

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the request with Clarify switched on for it."""
        return None if self._endpoint.explain_path is None else self._call([row], {_ENABLE: "`true`"})

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return Clarify's values of the configured class, named by the configuration."""
        document = reading.document(status, body, explaining=True)
        told = reading.at(document, "/explanations")
        if told == {}:
            raise NotSupportedError("Clarify's own filter left this row out.")
        [features] = reading.rows_of(reading.at(told, "/kernel_shap"), 1)
        if not isinstance(features, list):
            raise MalformedAnswerError("It holds no explanation.")
        values = [reading.at(feature, "/attributions/0/attribution") for feature in features]
        attributions, _ = reading.named(values, self._endpoint)
        flags = ("base_unknown", "output_unknown", "names_from_config", "class_unknown", "sampled")
        return Native(attributions, method="clarify.kernel_shap", flags=flags)  # type: ignore[arg-type]  # declared flags


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise MalformedAnswerError("It is not text.") from None


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text
