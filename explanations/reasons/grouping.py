"""How a reason table steers the engine: inputs of one reason move together, protected ones are never offered. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from explanations.cases import Policy
from explanations.reasons.documents import ReasonTable
from explanations.reasons.service import Approved


def grouped(policy: Policy, approved: Approved | None) -> Policy:
    """Return the policy with the groups and sensitivities of an approved table; the stricter word counts."""
    if approved is None:
        return policy
    table = approved.table
    sensitivity = {**table.sensitivities(), **policy.sensitivity}
    sensitivity.update((name, "protected") for name, kind in table.sensitivities().items() if kind == "protected")
    never = {name for name, kind in sensitivity.items() if kind == "protected"}
    return replace(
        policy,
        top=min(policy.top, table.most),
        groups=_groups(policy.groups, table),
        sensitivity=sensitivity,
        actionable=tuple(one for one in policy.actionable if one.feature not in never),
    )


def _groups(told: Mapping[str, Sequence[str]], table: ReasonTable) -> Mapping[str, Sequence[str]]:
    """Return the table's groups, unless what moves together by the endpoint's word falls into different reasons."""
    homes = {name: one.code for one in table.reasons for name in one.features}
    split = any(len({homes.get(name, name) for name in members}) > 1 for members in told.values())
    return told if split else table.groups()
