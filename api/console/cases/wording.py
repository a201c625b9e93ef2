"""The consoles' words for explanation requests: states, acts, grounds, what happened, and how urgent it is."""

import re
from typing import Any, Final, NamedTuple

from api.console.moments import span
from core.clock import DAY, LATEST
from core.errors import FieldError

STATES: Final = {
    "acknowledged": "New",
    "identity_pending": "Identity asked for",
    "identity_failed": "Identity not proven",
    "awaiting_clarification": "Question to the person",
    "scoped": "To be drafted",
    "drafting": "Draft under way",
    "in_review": "Waits for approval",
    "approved": "Approved, not sent",
    "released": "Answered",
    "refused": "Refused",
    "contested": "Contested",
    "human_review": "Human review",
    "re_run": "Review, decided again",
    "upheld": "Decision upheld",
    "overturned": "Decision overturned",
    "partly_overturned": "Partly overturned",
    "closed": "Closed",
}
_SHAPES: Final = {
    **dict.fromkeys(("released", "upheld", "overturned", "partly_overturned", "approved"), "good"),
    **dict.fromkeys(("refused", "identity_failed"), "off"),
    "closed": "on",
}
KINDS: Final = {"explanation": "Explanation", "notice": "Notice of an adverse decision", "complaint": "Complaint"}
CHANNELS: Final = {"page": "the hosted form", "widget": "the widget", "api": "a back-end", "email": "e-mail"}
GROUNDS: Final = {
    "trade_secret": "Trade secret",
    "third_party": "About somebody else",
    "security": "Would help to get around security",
}
REFUSALS: Final = {
    "identity_not_proven": "Identity was not proven",
    "manifestly_unfounded": "Manifestly unfounded",
    "excessive": "Excessive",
    "no_decision_found": "No such decision was found",
    "not_covered": "No law covers it",
    "already_answered": "Answered already",
}
CHECKLIST: Final = {
    "decision_is_the_right_one": "It is about the right decision",
    "reasons_are_specific": "The reasons are this person's, not anybody's",
    "nothing_of_others": "Nothing of other people is in it",
    "rights_are_named": "The rights are named, and the way to a person",
    "plain_language": "I would understand it if I had asked",
}
WARNINGS: Final = {
    "reasons_not_checked": "Nobody held these reasons against the model",
    "protected_feature_among_reasons": "A protected trait stands among the reasons",
}
VERDICTS: Final = {
    "uphold": "Uphold: the decision stays as it is",
    "overturn": "Overturn: another result holds from now on",
    "overturn_partly": "Overturn in part",
}
CAUSES: Final = {
    "model": "The model",
    "input_data": "Wrong or missing data",
    "process": "How the case was handled",
    "policy": "The rule it follows",
    "new_facts": "Facts that are new",
}
LEVELS: Final = {"none": "not proven", "basic": "basic", "substantial": "substantial", "high": "high"}
METHODS: Final = {
    "customer_token": "signed in at your own page",
    "vouched_by_site": "your back-end vouched",
    "document_check": "a document was looked at",
    "code_to_known_address": "a code to an address known before",
    "code_to_given_address": "a code to the address just given",
}
SECTIONS: Final = {
    "header": "Your request",
    "short_answer": "The short answer",
    "decision": "The decision",
    "role": "What the AI system did, and what people did",
    "information": "Information that was used",
    "result": "How the result came about",
    "change": "What would have changed it",
    "consequences": "What this means",
    "certainty": "How sure we are",
    "left_out": "What was left out, and why",
    "aggregate": "All decisions of this kind",
    "rights": "Rights now",
    "human": "Talk to a person",
    "law": "The rules behind this answer",
    "evidence": "Proof",
}
# what happened, by the last part of an event's kind; `%(name)s` are facts of the event
_HAPPENED: Final = {
    "opened": "Asked for an explanation",
    "acknowledged": "Acknowledged with a number",
    "identity-asked": "Asked who it is",
    "identity-proven": "Identity proven: {method}",
    "identity-failed": "Identity could not be proven",
    "scoped": "The decision was named",
    "clarification-asked": "Asked the person a question",
    "clarified": "The person's answer was noted",
    "claimed": "Taken",
    "transferred": "Passed on",
    "drafted": "Draft {version} written",
    "redacted": "Withheld from “{section}”: {ground}",
    "submitted": "Submitted for approval",
    "sent-back": "Sent back to the draft",
    "approved": "Approved",
    "released": "Answer released",
    "extended": "More time taken",
    "refused": "Refused: {ground}",
    "contested": "The person contests the decision",
    "document-added": "The person added a document",
    "review-assigned": "Human review assigned",
    "evidence-opened": "Evidence opened",
    "first-view-given": "Reviewer noted a view of their own",
    "rerun": "Decided again with corrected data: {outcome}",
    "upheld": "Decision upheld",
    "overturned": "Decision overturned: {new_outcome}",
    "partly-overturned": "Decision overturned in part: {new_outcome}",
    "effect-confirmed": "The source system carried it out",
    "closed": "Closed",
    "retracted": "The person took it back",
    "reopened": "Opened again",
    "overdue": "The answer is late",
    "letter-sent": "Letter sent: {letter}",
    "letter-not-sent": "Letter not sent: {letter} ({outcome})",
    "annex-handed-out": "Sealed annex handed out: {authority}",
}
_FAULTS: Final = {
    "checklist": "Tick each point when you have checked it.",
    "signed_warnings": "Tick it if you take responsibility, or send the draft back.",
    "cause": "Choose what the error lay in.",
    "ground": "Choose the ground.",
    "state": "Somebody took the request further: open it again to see what is possible now.",
}
_LONG_ID: Final = re.compile(r"\b(decision|explanation):[a-z]{3}_[0-9a-f]{32}")
_PLAIN: Final = {**GROUNDS, **REFUSALS, **METHODS, **SECTIONS, "no-server": "no mail server is set up"}


def state(key: str) -> str:
    """Return the words of a state."""
    return STATES.get(key, key.replace("_", " "))


def shape(key: str) -> str:
    """Return the shape that goes with a state's words."""
    return _SHAPES.get(key, "open")


def happened(name: str, facts: dict[str, Any]) -> str:
    """Return what happened in an event, in words; ``name`` is the last part of its kind."""
    told = {key: _word(value) for key, value in facts.items()}
    template = _HAPPENED.get(name, name.replace("-", " ").capitalize())
    try:
        return template.format(**told)
    except KeyError:  # the event says less than its words could
        return template.partition(":")[0]


def _word(value: object) -> str:
    text = str(value)
    return _PLAIN.get(text, text.replace("_", " "))


def source(text: str) -> str:
    """Return where a sentence comes from, short enough to read; the whole stands in the title beside it."""
    return _LONG_ID.sub(r"\1", text).replace("_", " ")


def fault(one: FieldError) -> str:
    """Return what a step lacks, in words that say what to do."""
    name = one.pointer.lstrip("/?").partition("/")[0]
    text = _FAULTS.get(name) or one.detail
    for key, words in SECTIONS.items():
        if "_" in key:
            text = text.replace(key, words[0].lower() + words[1:])
    return text[:1].upper() + text[1:].replace("_", " ")


class Clock(NamedTuple):
    """How much time is left, in words, and the shape that goes with it: calm until a quarter is left."""

    words: str
    kind: str


def clock(received_at: int, due_at: int, now: int, *, owed: bool, on_time: bool | None = None) -> Clock:
    """Return a case's clock as it stands."""
    if not owed:
        return Clock("answered late", "wrong") if on_time is False else Clock("answered in time", "good")
    if due_at == LATEST:
        return Clock("paused", "open")
    left = due_at - now
    if left < 0:
        return Clock(f"{span(-left)} late", "wrong")
    whole = max(due_at - received_at, 1)
    words = f"{span(left)} left" if left >= DAY else f"only {span(left)} left"
    return Clock(words, "wrong" if left < DAY else "open" if left * 4 < whole else "calm")
