"""An observer who knows none of the guards and judges a case by its events alone."""

from datetime import date, timedelta
from typing import Any

from core import canonical
from explanations.requests import calendars, record
from explanations.requests.record import Case
from explanations.requests.store import EventRow

RANKS = {"none": 0, "basic": 1, "substantial": 2, "high": 3}
PROVEN = {"customer_token": 3, "vouched_by_site": 3, "document_check": 3, "code_to_known_address": 2}
GROUNDS = {"trade_secret", "third_party", "security"}
Told = dict[str, Any]


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

    def __init__(self, case: Case, happened: list[EventRow]) -> None:
        self.holidays = {date.fromisoformat(day) for day in case.facts.holidays}
        self.started = calendars.day_of(case.row.received_at, "UTC")
        self.drafters: set[str] = set()
        self.approvers: set[str] = set()
        self.actors: set[str] = set()
        self.approved_by: str | None = None
        self.level, self.needed, self.grounded = 0, "basic", True
        self.reviewer: str | None = None
        self.opened = self.extended = False
        for one in happened:
            name = one.kind.removeprefix(record.KIND).replace("-", "_")
            facts = canonical.loads(one.facts)
            judge = getattr(self, f"see_{name}", None)
            if judge is not None:
                judge(facts, one)

    def see_identity_proven(self, facts: Told, _: EventRow) -> None:
        self.level = max(self.level, PROVEN.get(facts["method"], 1))

    def see_scoped(self, facts: Told, _: EventRow) -> None:
        self.actors, self.needed = set(facts["actors"]), facts["needed"]

    def see_drafted(self, facts: Told, _: EventRow) -> None:
        self.drafters.add(facts["by"])
        self.approved_by = None

    def see_redacted(self, facts: Told, event: EventRow) -> None:
        self.see_drafted(facts, event)
        self.grounded = self.grounded and facts.get("ground") in GROUNDS

    def see_sent_back(self, _: Told, __: EventRow) -> None:
        self.approved_by = None

    def see_approved(self, facts: Told, _: EventRow) -> None:
        assert facts["by"] not in self.drafters, "somebody approved a draft of his own"
        assert set(facts["checklist"]) >= {"rights_are_named", "reasons_are_specific"}
        self.approved_by = facts["by"]
        self.approvers.add(facts["by"])

    def see_released(self, _: Told, __: EventRow) -> None:
        assert self.approved_by is not None, "released without approval"
        assert self.level >= RANKS[self.needed], "released without the identity level"
        assert self.grounded, "released with a redaction without a ground"

    def see_extended(self, facts: Told, _: EventRow) -> None:
        assert not self.extended, "extended twice"
        assert date.fromisoformat(facts["on"]) <= a_month_after(self.started, self.holidays), "extended late"
        assert facts["reason"] in {"complexity", "number"}
        self.extended = True

    def see_contested(self, facts: Told, _: EventRow) -> None:
        self.started, self.extended, self.opened, self.reviewer = date.fromisoformat(facts["on"]), False, False, None

    def see_reopened(self, facts: Told, event: EventRow) -> None:
        self.see_contested(facts, event)
        self.approved_by = None

    def see_review_assigned(self, facts: Told, _: EventRow) -> None:
        self.reviewer, self.opened = facts["reviewer"], False
        assert self.reviewer not in self.actors | self.drafters | self.approvers, "the reviewer took part"

    def see_evidence_opened(self, facts: Told, _: EventRow) -> None:
        self.opened = self.opened or facts["by"] == self.reviewer

    def see_upheld(self, facts: Told, event: EventRow) -> None:
        assert facts["by"] == self.reviewer, "somebody else decided"
        assert facts["by"] not in self.actors, "somebody reviewed a decision of his own"
        assert self.opened, "decided without the evidence"
        assert event.sealed is not None, "decided without reasons"

    def see_overturned(self, facts: Told, event: EventRow) -> None:
        self.see_upheld(facts, event)
        assert facts["cause"] in {"model", "input_data", "process", "policy", "new_facts"}

    see_partly_overturned = see_overturned

    def see_refused(self, facts: Told, event: EventRow) -> None:
        assert event.sealed is not None, "refused without reasons"
        assert facts["ground"], "refused without a ground"
