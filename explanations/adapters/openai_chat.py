"""Language models that decide, behind any OpenAI-compatible server (documented by the vendor, not recorded).

The template is the list of messages; ``$row`` in one stands for the inputs as JSON. The answer has to be JSON that
holds the decision at ``value_at``: a number, or a label that is compared with the configured class. One row a call.
There is no explain verb: what such a model says of its own reasons is no evidence of them (Turpin 2023), so an
explanation comes from asking again with inputs changed. The version is the model's name with its fingerprint.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from explanations import reading
from explanations.errors import MalformedAnswerError, ModelRejectedError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row

_MESSAGES = [{"role": "user", "content": "Decide on this case. Answer JSON with the member `decision`.\n$row"}]


class OpenAiChat:
    """``POST /chat/completions`` with the row in the messages, at temperature 0 and a fixed seed."""

    kind = "openai-chat"

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask the model named ``endpoint.model``; ``endpoint.template`` is the list of messages."""
        self._endpoint = endpoint
        self._messages = endpoint.template or _MESSAGES

    def capabilities(self) -> Caps:
        """Say that it takes one row a call and does not explain itself."""
        return Caps(True, False, 1, True)

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the question about one row. Raises ``ModelRejectedError`` for more, or for no messages."""
        if len(rows) != 1 or not isinstance(self._messages, list):
            raise ModelRejectedError("A language model is asked one case at a time, by a list of messages.")
        [told] = reading.records(rows, self._endpoint)
        text = orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()
        messages = [
            {**one, "content": str(one.get("content", "")).replace("$row", text)}
            for one in self._messages
            if isinstance(one, dict)
        ]
        body = {
            "model": self._endpoint.model,
            "messages": messages,
            "temperature": 0,
            "seed": 1,
            "response_format": {"type": "json_object"},
        }
        return HttpCall("POST", self._endpoint.predict_path or "/chat/completions", orjson.dumps(body))

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return the decision as a number: a label counts 1 if it is the configured class, else 0."""
        document = reading.document(status, body)
        [choice] = reading.rows_of(reading.at(document, "/choices"), count)
        content = reading.at(choice, "/message/content")
        if reading.found(choice, "/finish_reason") not in {"stop", None} or not isinstance(content, str):
            raise MalformedAnswerError("It was cut off or says nothing.")
        decided = reading.at(reading.document(200, content.encode()), self._endpoint.value_at or "/decision")
        return Predictions((self._value(decided),), self._version(document))

    def _value(self, decided: Any) -> float:
        if isinstance(decided, str) and self._endpoint.class_name is not None:
            return float(decided.strip().casefold() == self._endpoint.class_name.casefold())
        return reading.number(decided)

    def _version(self, document: Any) -> str | None:
        model, fingerprint = reading.found(document, "/model"), reading.found(document, "/system_fingerprint")
        if not isinstance(model, str):
            return None
        return f"{model}/{fingerprint}" if isinstance(fingerprint, str) else model

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return nothing: a stated rationale is not an explanation."""
        return None

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Refuse whatever it says. Raises ``ModelError``."""
        reading.document(status, body, explaining=True)
        raise MalformedAnswerError("It holds no explanation.")
