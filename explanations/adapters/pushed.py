"""Explanations that the producer sends with the decision (ADP-04): the best evidence there is, once it is recorded.

Nothing is asked over the network: the document came with the decision and outlives the model.
"""

from collections.abc import Sequence

from explanations import reading
from explanations.errors import NotSupportedError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row


class Pushed:
    """Reads a stored document as if a server had answered it."""

    kind = "pushed"

    def __init__(self, endpoint: Endpoint) -> None:
        """Take the model's features; there is no server."""
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """Say that nothing can be asked."""
        return Caps(False, False, 0, False)

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Refuse. Raises ``NotSupportedError``."""
        raise NotSupportedError

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Refuse. Raises ``NotSupportedError``."""
        raise NotSupportedError

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return nothing: there is no server."""
        return None

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return what the producer said; ``class_name`` is the wire's word for ``class``."""
        told = reading.document(status, body, explaining=True)
        if isinstance(told, dict) and "class_name" in told:
            told = {**told, "class": told["class_name"]}
        return reading.free_form(told, self._endpoint)
