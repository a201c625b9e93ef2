"""An observer who knows none of the guards and judges a case by its events alone, one after the other."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

RANKS = {"none": 0, "basic": 1, "substantial": 2, "high": 3}
PROVEN = {
    "customer_token": 3,
    "vouched_by_site": 3,
    "document_check": 3,
    "code_to_known_address": 2,
    "code_to_given_address": 1,
}
PROVERS = {
    "customer_token": {"subject"},
    "vouched_by_site": {"site"},
    "document_check": {"agent", "dpo"},
    "code_to_known_address": {"subject"},
    "code_to_given_address": {"subject"},
}
# the decision has a legal effect: substantial in Europe, reasonably high in California (11 CCR 7062)
NEEDED = {"DE": "substantial", "US-CA": "high"}
GROUNDS = {"trade_secret", "third_party", "security"}
CHECKED = {"decision_is_the_right_one", "reasons_are_specific", "nothing_of_others", "rights_are_named",
           "plain_language"}  # fmt: skip
CONTEST_DAYS = 183
Told = dict[str, Any]


class Seen(NamedTuple):
    """An event as the record has it."""

    name: str
    at: int
    facts: Told
    texts: Mapping[str, str]


def a_month_after(day: date, holidays: set[date]) -> date:
    """Return the EU's first due date, worked out once more."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    found = None
    for last in range(day.day, 0, -1):
        try:
            found = date(year, month, last)
            break
        except ValueError:
            continue
    assert found is not None
    while found.weekday() > 4 or found in holidays:
        found += timedelta(days=1)
    return found


class Observer:
    """Judges a case by its events alone, from the beginning."""

    def __init__(self, place: str, started: date, holidays: set[date], involved: set[str], *, blind: bool) -> None:
        self.place, self.started, self.holidays, self.blind = place, started, holidays, blind
        self.outside = involved  # who took part in the decision: known from outside, once it is named
        self.involved: set[str] = set()  # in what may be reviewed
        self.drafters: set[str] = set()
        self.approvers: set[str] = set()
        self.level = RANKS["none"]
        self.version, self.approved = 0, -1
        self.gaps: list[str] = []
        self.warnings: set[str] = set()
        self.holder: str | None = None
        self.reviewer: str | None = None
        self.opened = self.viewed = self.extended = False
        self.contest_until = 0

    def see(self, seen: Seen) -> None:
        """Judge the next event."""
        if judge := getattr(self, f"see_{seen.name}", None):
            judge(seen.facts, seen)

    @property
    def first_due(self) -> date:
        """The last day on which more time may be taken."""
        if self.place == "DE":
            return a_month_after(self.started, self.holidays)
        return self.started + timedelta(days=45)

    def see_scoped(self, _: Told, __: Seen) -> None:
        self.involved |= self.outside

    def see_identity_proven(self, facts: Told, _: Seen) -> None:
        method = facts["method"]
        assert facts["by_role"] in PROVERS[method], "an identity proven by who can't"
        self.level = max(self.level, PROVEN[method])

    def see_claimed(self, facts: Told, _: Seen) -> None:
        assert self.holder in {None, facts["by"]}, "two colleagues hold one request"
        self.holder = facts["by"]

    def see_transferred(self, facts: Told, _: Seen) -> None:
        assert self.holder in {None, facts["by"]} or facts["by_role"] == "dpo", "handed on by who does not hold it"
        self.holder = facts["to"]

    def see_drafted(self, facts: Told, _: Seen) -> None:
        assert self.holder in {None, facts["by"]}, "drafted over a colleague's head"
        self._rewritten(facts)

    def _rewritten(self, facts: Told) -> None:
        self.drafters.add(facts["by"])
        self.version, self.approved = facts["version"], -1
        self.gaps, self.warnings = facts["gaps"], set(facts["warnings"])

    def see_redacted(self, facts: Told, _: Seen) -> None:
        assert facts.get("ground") in GROUNDS, "withheld without a ground"
        self._rewritten(facts)

    def see_submitted(self, _: Told, __: Seen) -> None:
        assert not self.gaps, "handed over with gaps"

    def see_sent_back(self, _: Told, __: Seen) -> None:
        self.approved = -1

    def see_approved(self, facts: Told, _: Seen) -> None:
        assert facts["by"] not in self.drafters, "somebody approved a draft of his own"
        assert set(facts["checklist"]) >= CHECKED, "approved without looking"
        assert set(facts["signed_warnings"]) >= self.warnings, "nobody answers for a warning"
        assert not self.gaps, "approved with gaps"
        self.approved = self.version
        self.approvers.add(facts["by"])

    def see_released(self, facts: Told, seen: Seen) -> None:
        assert self.approved == self.version == facts["version"] > 0, "released without approval of this version"
        assert self.level >= RANKS[NEEDED[self.place]], "released without the identity level"
        self.contest_until = seen.at + CONTEST_DAYS * 86_400_000_000

    def see_extended(self, facts: Told, seen: Seen) -> None:
        assert not self.extended, "extended twice"
        assert date.fromisoformat(facts["on"]) <= self.first_due, "extended late"
        assert facts["reason"] in {"complexity", "number"} or self.place != "DE", "extended for no reason of the law"
        assert len(seen.texts.get("letter", "")) >= 20, "extended without telling"
        self.extended = True

    def see_refused(self, facts: Told, seen: Seen) -> None:
        assert facts["ground"], "refused without a ground"
        assert len(seen.texts.get("reasons", "")) >= 20, "refused without reasons"
        assert len(seen.texts.get("remedy", "")) >= 10, "refused without remedies"
        self.involved.add(facts["by"])
        self.contest_until = seen.at + CONTEST_DAYS * 86_400_000_000

    def see_contested(self, facts: Told, seen: Seen) -> None:
        assert facts["by_role"] in {"subject", "site"}, "contested by somebody else"
        assert seen.at <= self.contest_until, "contested too late"
        self._anew(facts)

    def _anew(self, facts: Told) -> None:
        self.started, self.extended, self.reviewer = date.fromisoformat(facts["on"]), False, None
        self.opened = self.viewed = False

    def see_reopened(self, facts: Told, seen: Seen) -> None:
        assert len(seen.texts.get("reasons", "")) >= 10, "opened again without anything new"
        self._anew(facts)
        self.approved = -1

    def see_review_assigned(self, facts: Told, _: Seen) -> None:
        self.reviewer = self.holder = facts["reviewer"]
        self.opened = self.viewed = False
        named = {self.reviewer, facts["reviewer_reference"]}
        assert not named & (self.involved | self.drafters | self.approvers), "the reviewer took part"
        assert facts["authority"], "reviewed without authority"
        assert facts["competence"], "reviewed without competence"

    def see_evidence_opened(self, facts: Told, _: Seen) -> None:
        assert facts["by"] == self.reviewer, "somebody else opened the evidence"
        self.opened = True

    def see_first_view_given(self, facts: Told, _: Seen) -> None:
        assert facts["by"] == self.reviewer, "somebody else gave the reviewer's view"
        self.viewed = True

    def see_upheld(self, facts: Told, seen: Seen) -> None:
        assert facts["by"] == self.reviewer, "somebody else decided"
        assert self.opened, "decided without the evidence"
        assert self.viewed or not self.blind, "decided before a view of one's own"
        assert len(seen.texts.get("reasons", "")) >= 20, "decided without reasons"
        self.contest_until = 0
        self.involved.add(facts["by"])

    def see_overturned(self, facts: Told, seen: Seen) -> None:
        self.see_upheld(facts, seen)
        assert facts["cause"] in {"model", "input_data", "process", "policy", "new_facts"}, "no cause"
        assert facts["new_outcome"], "nobody said what holds now"

    see_partly_overturned = see_overturned

    def see_overdue(self, facts: Told, seen: Seen) -> None:
        assert seen.at > facts["due_at"], "late before it was"

    def see_closed(self, _: Told, seen: Seen) -> None:
        assert seen.at > self.contest_until, "closed while it could be contested"
