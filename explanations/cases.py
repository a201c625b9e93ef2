"""What the engine is given: the decision to explain, the reference group, and the operator's policy. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast

from core import canonical
from explanations import evidence
from explanations.adapters.pushed import Pushed
from explanations.errors import MalformedAnswerError, NotExplainableError
from explanations.evidence import Evidence
from explanations.parts import AiRole, ReferenceKind
from explanations.port import Endpoint, Native, Row
from explanations.recourse import Actionable
from explanations.service import DecisionView


@dataclass(frozen=True)
class Case:
    """One decision: ``inputs`` as they were logged, ``output`` in the space of the endpoint if it was a number."""

    decision: str
    subject: str
    model: str
    version: str
    inputs: Row
    output: float | None
    outcome: str
    adverse: bool | None = None
    threshold: float | None = None
    ai_role: AiRole = "decided"
    human: bool = False
    human_ref: str | None = None
    pushed: Native | None = None  # what the producer said at decision time
    evidence: Evidence | None = None  # what was on record then of a language model's decision


def case_of(view: DecisionView, endpoint: Endpoint) -> Case:
    """Return a recorded decision as the engine takes it, with the explanation its producer pushed.

    Raises ``NotExplainableError`` where the inputs are not here: kept by the producer only, or erased with the person.
    """
    row, told = view
    if told is None or not (told.get("inputs") or told.get("evidence")):
        raise NotExplainableError
    pushed = None
    if told.get("explanation"):
        pushed = _pushed(told["explanation"], endpoint)
    return Case(
        decision=row.id,
        subject=f"sub_{row.subject.hex()}",
        model=row.model,
        version=row.model_version,
        inputs=told.get("inputs") or {},
        output=_logged(told.get("output"), endpoint),
        outcome=row.outcome,
        adverse=row.adverse,
        threshold=told.get("threshold"),
        ai_role=cast("AiRole", row.ai_role),
        human=row.human_role not in (None, "none"),
        human_ref=row.human_ref,
        pushed=pushed,
        evidence=evidence.of(told.get("evidence")),
    )


def _logged(output: object, endpoint: Endpoint) -> float | None:
    """Return the logged output in the endpoint's space; a label counts 1 if it is the configured class, else 0."""
    if isinstance(output, str) and endpoint.space == "label" and endpoint.class_name is not None:
        return float(output.strip().casefold() == endpoint.class_name.casefold())
    if isinstance(output, bool) or not isinstance(output, int | float):
        return None
    return float(output)


def _pushed(told: Mapping[str, Any], endpoint: Endpoint) -> Native:
    """Return what the producer said; nothing of it where it is about other inputs than the endpoint's."""
    try:
        return Pushed(endpoint).read_explanation(200, canonical.dumps(told))
    except MalformedAnswerError:
        return Native({})


@dataclass(frozen=True)
class Group:
    """A reference group: a named, versioned policy choice (Reg B names two of them)."""

    kind: ReferenceKind
    ref: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Policy:
    """What the operator decided: how much may be asked, which inputs are sensitive, what a person can change."""

    top: int = 4
    walks: int = 400
    seconds: float = 2.0
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sensitivity: Mapping[str, Literal["normal", "protected", "secret"]] = field(default_factory=dict)
    immutable: frozenset[str] = frozenset()
    actionable: tuple[Actionable, ...] = ()

    @property
    def never_changed(self) -> frozenset[str]:
        """Return the inputs nobody is ever told to change."""
        return self.immutable | {name for name, kind in self.sensitivity.items() if kind == "protected"}


class Step(NamedTuple):
    """One way that was tried, and how it ended: ``used``, or the code of what was wrong."""

    way: str
    outcome: str
    said: str
