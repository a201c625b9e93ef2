"""The plug between Candor and a model server: pure request builders and parsers, no I/O (ADP-01).

An adapter sees status and body only: header fields of the answer never reach it (KServe echoes ``Authorization``).
Adapters are entry points of the group ``candor.models``: a callable that takes an ``Endpoint``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from explanations.parts import Direction, Flag, Rule, Space

Value = str | float | int | bool | None
Row = Mapping[str, Value]


class HttpCall(NamedTuple):
    """One request: ``path`` is put after the endpoint's URL unless it is a URL itself."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str] = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Endpoint:
    """What the operator says of a deployed model. ``headers`` are secret: they are never shown or logged.

    ``features`` in the model's order. ``class_index`` picks the explained class where the model answers a list for
    each row; ``class_name`` is what it is called. ``template`` and the pointers (RFC 6901) serve the generic adapter.
    """

    kind: str
    url: str
    features: tuple[str, ...]
    model: str = ""
    class_name: str | None = None
    class_index: int | None = None
    space: Space = "unknown"
    direction: Direction = "unknown"
    version: str | None = None
    max_batch: int = 2000
    predict_path: str | None = None
    explain_path: str | None = None
    explainer: str | None = None  # the name of the model that explains, where that is another one
    output: str | None = None  # the name of the output asked for (Open Inference Protocol)
    template: Any = None
    explain_template: Any = None
    predictions_at: str | None = None
    value_at: str = ""
    version_at: str | None = None
    explanations_at: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    probe: tuple[str, str] = ("X-Candor-Probe", "1")
    ref: str | None = None  # id@revision, as records name it


class Caps(NamedTuple):
    """What an endpoint can do, as far as its adapter knows."""

    predict: bool
    explain: bool
    max_batch: int
    version_in_response: bool


class Predictions(NamedTuple):
    """The target output for each row asked, and the model's version if the answer names it."""

    values: tuple[float, ...]
    version: str | None = None


class Native(NamedTuple):
    """What a server said in explanation of one row. What it did not say is ``None``; nothing is made up."""

    attributions: Mapping[str, float]
    base: float | None = None
    output: float | None = None
    class_name: str | None = None
    space: Space | None = None
    version: str | None = None
    method: str | None = None
    approximation_error: float | None = None
    rules: tuple[Rule, ...] = ()
    errors: Mapping[str, float] = {}  # standard error of each attribution
    qualitative: Mapping[str, str] = {}
    flags: tuple[Flag, ...] = ()


class ModelAdapter(Protocol):
    """One kind of model server, for one endpoint."""

    kind: str

    def capabilities(self) -> Caps:
        """Return what the endpoint can do."""
        ...

    def predict_call(self, rows: Sequence[Row]) -> HttpCall:
        """Return the request that predicts ``rows``."""
        ...

    def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
        """Return one value for each of ``count`` rows. Raises ``ModelError``."""
        ...

    def explain_call(self, row: Row) -> HttpCall | None:
        """Return the request that explains ``row``, or nothing where the server does not."""
        ...

    def read_explanation(self, status: int, body: bytes) -> Native:
        """Return what the server said of the one row. Raises ``ModelError``."""
        ...
