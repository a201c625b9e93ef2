"""Everything to explain one decision with, and how long that is going to take. Pure."""

from typing import NamedTuple

from explanations import registry
from explanations.ablation import RUNS
from explanations.cases import Case, Group, Policy
from explanations.kept.service import KeptView
from explanations.port import Endpoint
from explanations.reasons.service import Approved
from explanations.service import DecisionView

_CALLS_AT_ONCE = 40


class Plan(NamedTuple):
    """Everything to explain one decision with."""

    view: DecisionView
    case: Case
    endpoint: Endpoint
    group: Group | None
    policy: Policy
    approved: Approved | None
    earlier: KeptView | None

    @property
    def rows(self) -> int:
        """Return about how many rows are asked at most."""
        if self.case.pushed is not None or self.group is None:
            return 2
        if self.endpoint.space == "label" and self.per_call == 1:
            return (RUNS + 1) * (len(self.endpoint.features) + 1)
        size = len(self.group.rows)
        blocks = max(1, self.policy.walks // size)
        return size * (2 * len(self.endpoint.features) * blocks + self.policy.top + 1)

    @property
    def is_long(self) -> bool:
        """Tell whether it would take many calls."""
        return self.rows > _CALLS_AT_ONCE * self.per_call

    @property
    def per_call(self) -> int:
        """Return how many rows a call takes."""
        return max(1, min(self.endpoint.max_batch, registry.adapter(self.endpoint).capabilities().max_batch))

    def fits(self, found: KeptView) -> bool:
        """Tell whether a stored explanation is what would be made again."""
        group = None if self.group is None else self.group.ref
        same = found.row.endpoint == self.endpoint.ref
        return found.row.grade != "fail" and same and found.row.reference_group in (None, group)
