"""The guards: what a step needs, each a function that says what is missing or nothing. Pure.

Each answers ``/pointer: what to supply``; ``lifecycle.py`` has the one table that says which step needs which.
"""

from collections.abc import Callable, Mapping
from typing import Final

from explanations.requests.facts import Asked, Facts, at_least

REDACTION_GROUNDS: Final = frozenset({"trade_secret", "third_party", "security"})
REFUSAL_GROUNDS: Final = frozenset(
    {"identity_not_proven", "manifestly_unfounded", "excessive", "no_decision_found", "not_covered", "already_answered"}
)
CHECKLIST: Final = frozenset(
    {"decision_is_the_right_one", "reasons_are_specific", "nothing_of_others", "rights_are_named", "plain_language"}
)
CAUSES: Final = frozenset({"model", "input_data", "process", "policy", "new_facts"})

Guard = Callable[[Facts, Asked], str | None]


def by_staff(facts: Facts, asked: Asked) -> str | None:
    """Staff take this step."""
    return None if asked.role in {"agent", "dpo"} else "/role: only staff take this step"


def by_the_person(facts: Facts, asked: Asked) -> str | None:
    """The person, or a back-end for her, takes this step."""
    return None if asked.role in {"subject", "site"} else "/role: only the person herself takes this step"


def text(name: str, what: str, least: int = 1) -> Guard:
    """Return the guard that asks for a text of some length."""

    def guard(facts: Facts, asked: Asked) -> str | None:
        return None if len(asked.texts.get(name, "").strip()) >= least else f"/{name}: {what}"

    return guard


def one_of(name: str, known: frozenset[str] | Mapping[str, str], what: str) -> Guard:
    """Return the guard that asks for one of known words."""

    def guard(facts: Facts, asked: Asked) -> str | None:
        return None if asked.told.get(name) in known else f"/{name}: {what}; one of {', '.join(sorted(known))}"

    return guard


def named(name: str, what: str) -> Guard:
    """Return the guard that asks for a fact."""

    def guard(facts: Facts, asked: Asked) -> str | None:
        return None if asked.told.get(name) else f"/{name}: {what}"

    return guard


def identified(facts: Facts, asked: Asked) -> str | None:
    """Identity is proven at the level that right and risk ask for."""
    if at_least(facts.identity, facts.needed):
        return None
    return f"/identity: the person's identity has to be proven at level {facts.needed}; it is {facts.identity}"


def identity_fails(facts: Facts, asked: Asked) -> str | None:
    """Identity is not proven."""
    return "/identity: it is proven well enough" if at_least(facts.identity, facts.needed) else None


_WHO_PROVES: Final = {
    "customer_token": frozenset({"subject"}),
    "vouched_by_site": frozenset({"site"}),
    "document_check": frozenset({"agent", "dpo"}),
    "code_to_known_address": frozenset({"subject", "site", "agent", "dpo"}),
    "code_to_given_address": frozenset({"subject", "site", "agent", "dpo"}),
}


def method_fits(facts: Facts, asked: Asked) -> str | None:
    """Nobody proves an identity by a method that is not his; a code has to have held."""
    method = str(asked.told.get("method"))
    if asked.role not in _WHO_PROVES.get(method, frozenset()):
        return "/method: this method is not yours to use"
    if method.startswith("code_") and asked.told.get("held") is not True:
        return "/code: the code has to be sent back"
    return None


def draft_there(facts: Facts, asked: Asked) -> str | None:
    """There is a draft."""
    return None if facts.draft else "/draft: there is no draft yet"


def complete(facts: Facts, asked: Asked) -> str | None:
    """Every section is filled, or says why not."""
    return f"/draft: not filled and without a reason: {', '.join(facts.gaps)}" if facts.gaps else None


def second_person(facts: Facts, asked: Asked) -> str | None:
    """Nobody approves a draft of his own."""
    return "/reviewer: whoever drafted an answer can't approve it" if asked.by in facts.drafters else None


def checked(facts: Facts, asked: Asked) -> str | None:
    """The whole checklist was gone through."""
    missing = CHECKLIST - set(asked.told.get("checklist") or ())
    return f"/checklist: not yet checked: {', '.join(sorted(missing))}" if missing else None


def grounded(facts: Facts, asked: Asked) -> str | None:
    """Every redaction has a ground (C-203/22; CCPA 7222(c))."""
    bare = [one["section"] for one in facts.redactions if one.get("ground") not in REDACTION_GROUNDS]
    return f"/redactions: without a ground: {', '.join(bare)}" if bare else None


def warnings_signed(facts: Facts, asked: Asked) -> str | None:
    """Somebody takes responsibility for each warning of the quality gate."""
    missing = set(facts.warnings) - set(asked.told.get("signed_warnings") or ())
    return f"/signed_warnings: sign or resolve: {', '.join(sorted(missing))}" if missing else None


def approved(facts: Facts, asked: Asked) -> str | None:
    """A second person approved this version."""
    fitting = facts.approver is not None and facts.approved == facts.draft and facts.approver not in facts.drafters
    return None if fitting else "/approval: a second person has to approve this very version"


def not_extended(facts: Facts, asked: Asked) -> str | None:
    """There was no extension yet."""
    return "/extend: it was extended before" if facts.extended else None


def in_time(facts: Facts, asked: Asked) -> str | None:
    """The clock can be extended for this reason now (GDPR Art. 12(3))."""
    return None if asked.told.get("accepted") else "/extend: no clock can be extended now for this reason"


def not_anothers(facts: Facts, asked: Asked) -> str | None:
    """No colleague holds the request."""
    holder = asked.told.get("assignee")
    return None if holder in {None, asked.by} else "/assignee: a colleague has claimed this request"


def holder_or_dpo(facts: Facts, asked: Asked) -> str | None:
    """Whoever holds the request, or the DPO."""
    mine = asked.told.get("assignee") in {None, asked.by}
    return None if mine or asked.role == "dpo" else "/assignee: only who claimed it, or the DPO, hands it on"


def window_open(facts: Facts, asked: Asked) -> str | None:
    """There is time to contest."""
    until = facts.contest_until
    return None if until is not None and asked.at <= until else "/contest: the time to contest is over"


def window_over(facts: Facts, asked: Asked) -> str | None:
    """The time to contest is over; a review that upheld the decision leaves none."""
    if facts.outcome == "upheld" or asked.at > (facts.contest_until or 0):
        return None
    return "/contest: the person can still contest"


def independent(facts: Facts, asked: Asked) -> str | None:
    """The reviewer took no part in what is reviewed."""
    involved = {*facts.actors, *facts.drafters, *facts.involved, facts.approver}
    own = {asked.told.get("reviewer"), asked.told.get("reviewer_reference")} - {None, ""}
    return "/reviewer: took part in the decision or its explanation" if own & involved else None


def trained(facts: Facts, asked: Asked) -> str | None:
    """Where the controller asks for it, the reviewer's training is on record and counts today (AI Act Art. 26(2))."""
    if asked.told.get("training", True) is not None:
        return None
    ended = asked.told.get("training_ended")
    said = f"the reviewer's training ended with {ended}" if ended else "there is no record of the reviewer's training"
    return f"/training: {said}; somebody else has to record a course that counts today"


def by_the_reviewer(facts: Facts, asked: Asked) -> str | None:
    """The assigned reviewer acts, and took no part."""
    if asked.by != facts.reviewer:
        return "/reviewer: the review is assigned to somebody else"
    return None if asked.by not in {*facts.actors, *facts.drafters} else "/reviewer: took part in the decision"


def evidence_seen(facts: Facts, asked: Asked) -> str | None:
    """The evidence was opened."""
    return None if facts.evidence_at is not None else "/evidence: open the evidence before you decide"


def first_view(facts: Facts, asked: Asked) -> str | None:
    """Where asked for, an own view was noted before the output was seen."""
    if not facts.blind or facts.first_view_at is not None:
        return None
    return "/first_view: note your own view before you see what the AI system said"


def made_again(facts: Facts, asked: Asked) -> str | None:
    """The decision was made again with corrected data, or its model was asked again."""
    if asked.told.get("decision") or asked.told.get("asked"):
        return None
    return "/decision: name the decision made with the corrected data, or give the corrected inputs"


def few_documents(facts: Facts, asked: Asked) -> str | None:
    """There is room for another document."""
    return None if facts.documents < 10 else "/documents: ten are kept already"


def about_decisions(facts: Facts, asked: Asked) -> str | None:
    """The request is about known decisions."""
    return None if facts.decisions else "/decisions: a request about no decision is opened anew"
