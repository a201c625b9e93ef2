"""What the engine is given: the decision to explain, the reference group, and the operator's policy. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from explanations.parts import AiRole, ReferenceKind
from explanations.port import Native, Row
from explanations.recourse import Actionable


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
