"""The states of a case, the steps between them, and what each step needs: the one table of guards. Pure.

Never released without a second person's approval, never approved by who drafted, never reviewed by who took part,
never redacted without a ground, never extended after the first due date (GDPR Art. 12, 15, 22; CCPA 7021, 7221-7222).
A refused step names everything that is missing.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from core.errors import FieldError
from explanations.requests import guards as need
from explanations.requests.errors import StepRefusedError
from explanations.requests.facts import METHODS, Asked, Facts, after
from explanations.requests.guards import CAUSES, REDACTION_GROUNDS, REFUSAL_GROUNDS, Guard, named, one_of, text

ANSWERED: Final = frozenset({"released", "refused", "upheld", "overturned", "partly_overturned", "closed"})
REVIEWED: Final = frozenset({"upheld", "overturned", "partly_overturned"})
_BEFORE: Final = (
    "acknowledged", "identity_pending", "identity_failed", "awaiting_clarification", "scoped", "drafting", "in_review",
    "approved",
)  # fmt: skip
_REVIEWING: Final = ("contested", "human_review", "re_run")
OPEN: Final = (*_BEFORE, *_REVIEWING)
STATES: Final = frozenset((*OPEN, *ANSWERED))


class Step(NamedTuple):
    """A step: from which state to which, what it needs, and its name in the record."""

    moves: Mapping[str, str]
    guards: tuple[Guard, ...]
    past: str


def _stay(*states: str) -> dict[str, str]:
    return {state: state for state in states}


def _to(end: str, *states: str) -> dict[str, str]:
    return dict.fromkeys(states, end)


_REASONS: Final = text("reasons", "say why, in a sentence or more", 20)
_DECIDING: Final = (
    need.by_staff, need.by_the_reviewer, need.trained, need.evidence_seen, need.first_view, _REASONS,
)  # fmt: skip
_CHANGED: Final = (one_of("cause", CAUSES, "name what the error lay in"), named("new_outcome", "say what holds now"))
STEPS: Final[dict[str, Step]] = {
    "ask_identity": Step(
        _to("identity_pending", "acknowledged", "scoped"),
        (need.by_staff, named("reason", "say what gives rise to doubt (GDPR Art. 12(6))")),
        "identity-asked",
    ),
    "prove_identity": Step(
        {"identity_pending": "acknowledged", **_stay("acknowledged", "scoped", "drafting", "in_review", "approved")},
        (one_of("method", METHODS, "name the method"), need.method_fits),
        "identity-proven",
    ),
    "fail_identity": Step(
        _to("identity_failed", "identity_pending"),
        (need.by_staff, need.identity_fails, named("reason", "say what failed")),
        "identity-failed",
    ),
    "scope": Step(
        _to("scoped", "acknowledged", "scoped"), (named("decisions", "name at least one decision"),), "scoped"
    ),
    "ask_clarification": Step(
        _to("awaiting_clarification", "acknowledged", "scoped"),
        (need.by_staff, text("question", "say what is not clear")),
        "clarification-asked",
    ),
    "clarify": Step(
        _to("acknowledged", "awaiting_clarification"), (text("answer", "say what was answered"),), "clarified"
    ),
    "claim": Step(_stay(*OPEN), (need.by_staff, need.not_anothers), "claimed"),
    "transfer": Step(
        _stay(*OPEN), (need.by_staff, need.holder_or_dpo, named("to", "name who takes it over")), "transferred"
    ),
    "draft": Step(_to("drafting", "scoped", "drafting"), (need.by_staff, need.not_anothers), "drafted"),
    "redact": Step(
        _stay("drafting"),
        (
            need.by_staff,
            need.draft_there,
            named("section", "name the section"),
            one_of("ground", REDACTION_GROUNDS, "give a ground"),
        ),
        "redacted",
    ),
    "submit": Step(_to("in_review", "drafting"), (need.by_staff, need.draft_there, need.complete), "submitted"),
    "send_back": Step(
        _to("drafting", "in_review", "approved"), (need.by_staff, text("notes", "say what has to change")), "sent-back"
    ),
    "approve": Step(
        _to("approved", "in_review"),
        (
            need.by_staff,
            need.draft_there,
            need.complete,
            need.second_person,
            need.checked,
            need.grounded,
            need.warnings_signed,
        ),
        "approved",
    ),
    "release": Step(
        _to("released", "approved"),
        (need.by_staff, need.approved, need.complete, need.grounded, need.identified),
        "released",
    ),
    "extend": Step(
        _stay(*OPEN),
        (
            need.by_staff,
            need.not_extended,
            need.in_time,
            text("letter", "the person has to be told, with the reasons", 20),
        ),
        "extended",
    ),
    "refuse": Step(
        _to("refused", *(state for state in _BEFORE if state not in {"in_review", "approved"})),
        (
            need.by_staff,
            one_of("ground", REFUSAL_GROUNDS, "give a ground"),
            _REASONS,
            text("remedy", "name the remedies and the authority", 10),
        ),
        "refused",
    ),
    "contest": Step(
        _to("contested", "released", "refused"),
        (need.by_the_person, need.window_open, text("view", "say what you object to")),
        "contested",
    ),
    "add_document": Step(_stay(*OPEN), (need.few_documents,), "document-added"),
    "assign_review": Step(
        _to("human_review", "contested", "human_review", "re_run"),
        (
            need.by_staff,
            named("reviewer", "name who reviews"),
            need.independent,
            need.trained,
            named("authority", "the reviewer has to have the authority to change the decision"),
            named("competence", "name the training or experience that makes the reviewer competent"),
        ),
        "review-assigned",
    ),
    "open_evidence": Step(_stay("human_review", "re_run"), (need.by_staff, need.by_the_reviewer), "evidence-opened"),
    "give_first_view": Step(
        _stay("human_review", "re_run"),
        (need.by_staff, need.by_the_reviewer, text("view", "say how you would decide")),
        "first-view-given",
    ),
    "rerun": Step(
        _to("re_run", "human_review", "re_run"),
        (
            need.by_staff,
            need.by_the_reviewer,
            need.evidence_seen,
            need.made_again,
            text("correction", "say what was wrong"),
        ),
        "rerun",
    ),
    "uphold": Step(_to("upheld", "human_review", "re_run"), _DECIDING, "upheld"),
    "overturn": Step(_to("overturned", "human_review", "re_run"), (*_DECIDING, *_CHANGED), "overturned"),
    "overturn_partly": Step(
        _to("partly_overturned", "human_review", "re_run"), (*_DECIDING, *_CHANGED), "partly-overturned"
    ),
    "confirm_effect": Step(
        _to("closed", "overturned", "partly_overturned"),
        (named("confirmation", "the source system's own reference"),),
        "effect-confirmed",
    ),
    "close": Step(_to("closed", "released", "refused", "upheld"), (need.window_over,), "closed"),
    "retract": Step(_to("closed", *OPEN), (need.by_the_person,), "retracted"),
    "reopen": Step(
        _to("scoped", "closed"),
        (need.by_staff, text("reasons", "say what is new", 10), need.about_decisions),
        "reopened",
    ),
}


def lacking(state: str, facts: Facts, asked: Asked) -> list[FieldError]:
    """Return everything that keeps a step from being taken; nothing if it may be. Raises ``KeyError``."""
    step = STEPS[asked.step]
    found = []
    if state not in step.moves:
        possible = ", ".join(sorted(step.moves))
        found.append(FieldError("/state", f"the request is {state}; this step needs one of: {possible}"))
    for guard in step.guards:
        missing = guard(facts, asked)
        if missing is not None:
            pointer, _, detail = missing.partition(": ")
            found.append(FieldError(pointer, detail))
    return found


def take(state: str, facts: Facts, asked: Asked) -> tuple[str, Facts]:
    """Return state and facts after a step. Raises ``StepRefusedError`` naming all that is missing."""
    if missing := lacking(state, facts, asked):
        raise StepRefusedError(f"{len(missing)} thing(s) missing for `{asked.step}`.", fields=tuple(missing))
    return STEPS[asked.step].moves[state], after(facts, asked)


def possible(state: str) -> list[str]:
    """Return the steps that exist in a state, whatever else they need."""
    return sorted(name for name, step in STEPS.items() if state in step.moves)
