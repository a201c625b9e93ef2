"""From what was found out to the canonical document. Pure: every member comes from a fact, the unknown stays open."""

import math

from core.clock import rfc3339
from explanations.canonical import Explanation
from explanations.cases import Case, Group, Policy
from explanations.findings import RECORDED, Found
from explanations.parts import (
    Attribution,
    Change,
    Counterfactual,
    Human,
    Input,
    Model,
    Outcome,
    Reference,
    Target,
)
from explanations.port import Endpoint, Value
from explanations.recourse import Tried


def document(
    case: Case, endpoint: Endpoint, group: Group | None, policy: Policy, found: Found, *, id: str, at: int
) -> Explanation:
    """Return the document of one explanation, with its hash; ``at`` in microseconds."""
    known = found.version is not None
    return Explanation(
        id=id,
        decision_id=case.decision,
        subject_id=case.subject,
        created_at=rfc3339(at),
        computed_at_decision_time=found.method.origin == "pushed" or found.method.name == RECORDED,
        model=Model(
            name=case.model,
            version=found.version or case.version,
            version_source="response" if known else "decision",
            provider=endpoint.kind,
            endpoint_ref=endpoint.ref,
        ),
        ai_role=case.ai_role,
        human=Human(involved=case.human, actor_ref=case.human_ref),
        outcome=Outcome(label=case.outcome, adverse=case.adverse, threshold=case.threshold),
        target=Target(
            output=endpoint.output,
            class_=endpoint.class_name,
            space="log_odds" if found.space_differs else endpoint.space,
            direction=endpoint.direction,
        ),
        output_value=found.output,
        base_value=found.base,
        reference=_reference(group, found),
        inputs=tuple(
            Input(feature=name, value=value, sensitivity=policy.sensitivity.get(name, "normal"))
            for name, value in case.inputs.items()
        ),
        attributions=tuple(_attribution(name, value, found) for name, value in found.attributions.items()),
        rules=found.rules,
        counterfactuals=tuple(_counterfactual(one, case, at) for one in found.counterfactuals),
        sources=found.sources,
        llm=found.llm,
        method=found.method,
        quality=found.quality,
    ).hashed()


def _reference(group: Group | None, found: Found) -> Reference:
    """Return the group that was compared with: known only where Candor itself chose it."""
    if group is None or found.method.origin != "blackbox":
        return Reference(kind="unknown")
    return Reference(kind=group.kind, size=len(group.rows), ref=group.ref)


def _attribution(name: str, value: float, found: Found) -> Attribution:
    error = found.errors.get(name)
    if error is None or not math.isfinite(error):
        return Attribution(feature=name, value=value, qualitative=found.qualitative.get(name))
    return Attribution(feature=name, value=value, stderr=error, ci=(value - 2 * error, value + 2 * error))


def _counterfactual(tried: Tried, case: Case, at: int) -> Counterfactual:
    """Return a change that was asked: the outcome's word stays open, the model only answered a number."""
    return Counterfactual(
        changes=tuple(_change(name, case.inputs[name], value) for name, value in tried.changes.items()),
        output_value=tried.output,
        outcome=None,
        verified=True,
        verified_at=rfc3339(at),
        distance=tried.distance,
    )


def _change(name: str, before: Value, after: Value) -> Change:
    return Change(feature=name, from_=before, to=after)
