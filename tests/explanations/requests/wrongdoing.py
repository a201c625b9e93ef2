"""What people do with a request, rightly and wrongly: each step done right, and the ways to do it wrong.

A wrong deed is a right one with one thing spoilt: a field left out or bent, the wrong person, too late, too early, or
without what has to come before. So exactly one guard stands between it and a broken rule.
"""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from explanations.requests.guards import CHECKLIST

STAFF: Final = ("ann", "ben", "cleo", "dpo")
CLERK: Final = "clerk-9"
REASONS: Final = "This was looked at with care, and here is why it is so."
SIGNED: Final = {"checklist": sorted(CHECKLIST), "signed_warnings": ["reasons_not_checked"]}
COMPETENT: Final = {"authority": "may change loans", "competence": "credit training 2026"}
DECIDING: Final = ("uphold", "overturn", "overturn_partly")
HOLE: Final[list[dict[str, Any]]] = [{"id": "result", "sentences": [], "absent": None}]
_CHANGED: Final = {"reasons": REASONS, "cause": "model", "new_outcome": "granted"}


class Deed(NamedTuple):
    """Something done rightly: by whom, and what it takes; a step unless it has a ``path`` of its own."""

    who: str
    body: Mapping[str, Any] = MappingProxyType({})
    path: str = "/steps"


RIGHT: Final[dict[str, Deed]] = {
    "claim": Deed("the holder"),
    "transfer": Deed("the holder", {"to": "a colleague"}),
    "ask_identity": Deed("the holder", {"reason": "reasonable_doubt"}),
    "check_document": Deed("the holder"),
    "vouch": Deed("site"),
    "code": Deed("the customer", path="code"),
    "fail_identity": Deed("the holder", {"reason": "no_match"}),
    "scope": Deed("the holder", {"decisions": "the decision"}),
    "ask_clarification": Deed("the holder", {"text": REASONS}),
    "clarify": Deed("the holder", {"text": REASONS}),
    "draft": Deed("the holder", {"sections": None}),
    "redact": Deed("the holder", {"section": "result", "sentences": [0], "ground": "trade_secret"}),
    "submit": Deed("the holder"),
    "send_back": Deed("the second", {"notes": REASONS}),
    "approve": Deed("the second", dict(SIGNED)),
    "release": Deed("the holder"),
    "extend": Deed("the holder", {"reason": "complexity", "letter": REASONS}),
    "refuse": Deed("the holder", {"ground": "excessive", "reasons": REASONS, "remedy": REASONS}),
    "contest": Deed("the customer", {"view": REASONS}, "/contest"),
    "add_document": Deed("the customer", {"media_type": "text/plain", "content": "YQ=="}, "/documents"),
    "assign_review": Deed("dpo", {"reviewer": "the independent", "reviewer_reference": "clerk-3", **COMPETENT}),
    "open_evidence": Deed("the reviewer", path="/evidence"),
    "give_first_view": Deed("the reviewer", {"view": REASONS}),
    "uphold": Deed("the reviewer", {"reasons": REASONS}),
    "overturn": Deed("the reviewer", _CHANGED),
    "overturn_partly": Deed("the reviewer", _CHANGED),
    "confirm_effect": Deed("site", {"confirmation": "ref-1"}),
    "close": Deed("the holder"),
    "reopen": Deed("the holder", {"reasons": REASONS}),
}
# what people may want to do in each state; written down once more, so that a bent table of steps is noticed
WANTED: Final[dict[str, tuple[str, ...]]] = {
    "acknowledged": ("scope", "claim", "ask_identity", "ask_clarification", "check_document", "vouch", "refuse"),
    "identity_pending": ("check_document", "code", "fail_identity", "refuse"),
    "identity_failed": ("refuse", "claim"),
    "awaiting_clarification": ("clarify", "extend", "refuse"),
    "scoped": ("draft", "claim", "transfer", "extend", "refuse", "release"),
    "drafting": ("submit", "redact", "draft", "approve", "release", "extend", "transfer", "claim", "refuse"),
    "in_review": ("approve", "send_back", "release", "claim", "extend", "draft"),
    "approved": ("release", "send_back", "redact", "draft", "check_document", "extend"),
    "released": ("contest", "close", "overturn"),
    "refused": ("contest", "close", "reopen"),
    "contested": ("assign_review", "extend", "overturn", "uphold", "add_document"),
    "human_review": (*DECIDING, "open_evidence", "give_first_view", "assign_review", "extend"),
    "re_run": (*DECIDING, "assign_review"),
    "upheld": ("close", "contest"),
    "overturned": ("confirm_effect", "close"),
    "partly_overturned": ("confirm_effect", "close"),
    "closed": ("reopen", "contest"),
}  # fmt: skip
_BENT: Final[dict[str, list[Any]]] = {
    "reason": [None, "holiday"],
    "ground": [None, "embarrassing"],
    "reasons": [None, "no"],
    "letter": [None, "no"],
    "cause": [None, "bad_luck"],
    "checklist": [[], sorted(CHECKLIST)[1:]],
    "signed_warnings": [[]],
    "sentences": [[], [40]],
    "sections": [HOLE],
    "decisions": [["dec_" + "0" * 32], []],
    "reviewer": ["ann", "ben", "site", *STAFF],
    "reviewer_reference": [CLERK],
    "media_type": ["text/html"],
    "content": ["!", ""],
}
# what has to come before, so that leaving it out is a wrong of its own
BEFORE: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(DECIDING, ("open_evidence", "give_first_view")),
    "release": ("check_document",),
}
DAYS_LATE: Final = (31, 36, 46, 190)


class Flaw(NamedTuple):
    """What is wrong with a deed: nothing at all, or one thing."""

    kind: str = "none"  # none, person, late, field, before, hole, passed_on, by_code
    name: str = ""
    value: Any = None


_OWN: Final[dict[str, tuple[Flaw, ...]]] = {
    "submit": (Flaw("hole"),),
    "approve": (Flaw("person", "the holder"),),
    "claim": (Flaw("person", "ben"), Flaw("person", "dpo")),
    "release": (Flaw("by_code"),),
    **dict.fromkeys(DECIDING, (Flaw("passed_on"),)),
}


def own_flaws(step: str) -> list[Flaw]:
    """Return the ways to do a step wrong that are its own: one for each of its guards."""
    fields = [Flaw("field", name, value) for name in RIGHT[step].body for value in _BENT.get(name, [None])]
    return [*fields, *(Flaw("before", name) for name in BEFORE.get(step, ())), *_OWN.get(step, ())]


def flaw(step: str, dice: Random) -> Flaw:
    """Draw a way to do a step: rightly one time in six, else with a flaw that is its own, a wrong person, or late.

    Drawn by dice, all alike: Hypothesis likes the first and the smallest, and would seldom get to the others.
    """
    own = own_flaws(step)
    people = [Flaw("person", who) for who in (*STAFF, "site", "the customer", "customer-x")]
    late = [Flaw("late", value=days) for days in DAYS_LATE]
    return dice.choice(dice.choice([[Flaw()], *[own or people] * 3, people, late]))


AIMS: Final = tuple((step, flaw) for step in sorted(RIGHT) for flaw in own_flaws(step))
