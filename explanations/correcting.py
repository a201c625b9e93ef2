"""A decision's model asked once more, with corrected inputs (GDPR Art. 16, 22(3)): what it says, and whether it turns.

Nothing is decided here: a person reviews, and what holds is what she decides.
"""

from typing import NamedTuple

from core.errors import InvalidError
from explanations import registry
from explanations.asking import Asker
from explanations.errors import NoEndpointError
from explanations.port import Endpoint, Row
from explanations.service import DecisionView


class Corrected(NamedTuple):
    """What the model says of corrected inputs; ``turned``: on the other side of the threshold, where one is known."""

    decision: str
    endpoint: str | None
    version: str | None
    inputs: Row
    before: float | None
    output: float
    turned: bool | None


async def ask(asker: Asker, endpoint: Endpoint, view: DecisionView, inputs: Row, seconds: float) -> Corrected:
    """Ask with the decision's own inputs, ``inputs`` in place of theirs.

    Raises ``InvalidError`` for inputs that the decision did not have, ``NoEndpointError``, ``ModelError``.
    """
    told = view.personal or {}
    known: Row = told.get("inputs") or {}
    if endpoint.kind == "pushed":
        raise NoEndpointError
    if unknown := sorted(set(inputs) - set(known)):
        raise InvalidError.field(f"/corrected/{unknown[0]}", "the decision was not made with this")
    talk = asker.conversation(endpoint, registry.adapter(endpoint), seconds)
    [output] = await talk.predict([{**known, **inputs}])
    before, threshold = told.get("output"), told.get("threshold")
    turned = None
    if isinstance(before, int | float) and isinstance(threshold, int | float):
        turned = (output < threshold) != (before < threshold)
    return Corrected(view.row.id, endpoint.ref, talk.version, inputs, before, output, turned)
