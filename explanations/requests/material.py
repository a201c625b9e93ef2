"""What an answer is made from, and which inputs spoke against the person: one list for all words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from explanations.canonical import Explanation
from explanations.parts import Narrative
from explanations.requests.facts import Facts
from explanations.requests.store import CaseRow
from explanations.requests.terms import Terms
from explanations.requests.wording import Wording
from explanations.service import DecisionView


class Average(NamedTuple):
    """All decisions of one system about a person within a year."""

    decisions: int
    adverse: int
    output: float | None


class Material(NamedTuple):
    """What a draft is made from."""

    row: CaseRow
    facts: Facts
    terms: Terms
    views: Sequence[DecisionView]
    explanation: Explanation | None = None
    average: Average | None = None
    contest_until: int | None = None
    names: Mapping[str, str] = {}  # of AI systems, as they are registered

    def named(self, system: str) -> str:
        """Return the registered name of an AI system; its key where it is not registered."""
        return self.names.get(system, system)


def pushes(m: Material) -> list[tuple[str, Any, float]]:
    """Return each input that has one: its value, and how far it pushed the result against the person (negative: for).

    The reasons in words come from this list alone, so that whoever reads it beside them reads the same.
    """
    told = m.views[0].personal or {} if m.views else {}
    inputs = told.get("inputs") or {}
    if m.explanation is not None and m.explanation.attributions:
        higher = m.explanation.target.direction != "higher_is_favourable"
        pairs = [(one.feature, one.value if higher else -one.value) for one in m.explanation.attributions]
    else:
        pairs = list(((told.get("explanation") or {}).get("shap_values") or {}).items())
        output, threshold = told.get("output"), told.get("threshold")
        if not isinstance(output, int | float) or not isinstance(threshold, int | float):
            output = threshold = 0.0
        if m.views[0].row.adverse and output < threshold:  # a low output was to the person's disadvantage
            pairs = [(feature, -value) for feature, value in pairs]
    ordered = sorted(pairs, key=lambda pair: -pair[1])
    return [(feature, inputs.get(feature), value) for feature, value in ordered]


def ranked(m: Material) -> list[tuple[str, Any, bool]]:
    """Return input, value, and whether it spoke against the person, by weight; what speaks against comes first."""
    found = pushes(m)
    against = [(feature, value, True) for feature, value, push in found if push > 0]
    return against + [(feature, value, False) for feature, value, push in reversed(found) if push < 0]


def narrative_of(m: Material) -> Narrative | None:
    """Return the explanation's own words, where they are in the answer's language and may be sent."""
    found = None if m.explanation is None else m.explanation.narrative
    if found is None or found.blocks or found.lang.partition("-")[0] != Wording(m.facts.language).language:
        return None
    return found
