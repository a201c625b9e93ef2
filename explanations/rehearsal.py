"""A made-up decision, explained as a real one would be: seen by its operator before anything depends on an endpoint."""

from typing import NamedTuple

from explanations.cases import Case
from explanations.engine import Explained
from explanations.narratives.service import Narrated
from explanations.port import Endpoint, Row
from explanations.trial import Trial

_DECISION = "dec_" + "0" * 32
_PERSON = "sub_" + "0" * 32
_VERSION = "as it is now"


class Rehearsal(NamedTuple):
    """What an endpoint answered, the explanation of it, and its words; no explanation where it did not answer."""

    trial: Trial
    explained: Explained | None
    narrated: Narrated | None = None


def sample(model: str, endpoint: Endpoint, tried: Trial, row: Row, threshold: float | None) -> Case:
    """Return a decision nobody made, of the version that answers now; adverse unless the threshold says no."""
    output = tried.output
    higher = endpoint.direction != "higher_is_favourable"
    adverse = True if threshold is None or output is None else (output > threshold) == higher
    return Case(
        decision=_DECISION,
        subject=_PERSON,
        model=model,
        version=tried.version or endpoint.version or _VERSION,
        inputs=row,
        output=output,
        outcome="sample",
        adverse=adverse,
        threshold=threshold,
    )
