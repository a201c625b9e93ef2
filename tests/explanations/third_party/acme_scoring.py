"""A stranger's adapter, as another package would bring it: Acme's scoring server, one row a line of text."""

from collections.abc import Sequence

from explanations import reading
from explanations.errors import MalformedAnswerError
from explanations.port import Caps, Endpoint, HttpCall, Native, Predictions, Row


class AcmeScoring:
    """``POST /acme`` with rows as ``a=1;b=2`` lines; answers ``score: 0.5`` lines."""

    kind = "acme-scoring"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def capabilities(self) -> Caps:
        """It predicts and nothing else."""
        return Caps(True, False, 100, False)

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """One line a row."""
        table = [zip(self._endpoint.features, reading.ordered(row, self._endpoint), strict=True) for row in rows]
        lines = [";".join(f"{name}={value}" for name, value in row) for row in table]
        return HttpCall("POST", "/acme", "\n".join(lines).encode(), {"Content-Type": "text/plain"})

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """One line a row."""
        if status != 200:
            reading.refuse(status)
        lines = reading.rows_of(body.decode(errors="replace").split("\n")[:-1], count)
        if not all(line.startswith("score: ") for line in lines):
            raise MalformedAnswerError
        return Predictions(tuple(reading.number_in_text(line[7:]) for line in lines))

    def explain_call(self, row: Row) -> HttpCall | None:
        """It does not explain."""
        return None

    def read_explanation(self, status: int, body: bytes) -> Native:
        """It does not explain."""
        return reading.free_form(reading.document(status, body, explaining=True), self._endpoint)
