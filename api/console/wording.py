"""The words of the consoles for what the records hold as keys: states, actors, kinds of entries."""

import re
from typing import Final

from consent.lifecycle import NO, YES
from explanations.requests.board import MOST_COUNTED

STATES: Final = {
    "requested": "Asked to confirm",
    "given": "Given",
    "explicitly_given": "Given explicitly",
    "renewed": "Renewed",
    "refused": "Refused",
    "withdrawn": "Withdrawn",
    "objected": "Objected",
    "restricted": "Restricted",
    "opted_out": "Opted out",
    "opt_out_reversed": "Opt-out taken back",
    "expired": "Expired",
    "invalidated": "Declared invalid",
    "superseded": "Superseded by a new text",
}
_WORDS: Final = {
    "subject": "the person",
    "guardian": "a guardian",
    "agent": "an agent",
    "staff": "staff",
    "signal": "the browser's signal",
    "system": "Candor",
    "gpc": "Global Privacy Control",
    "button": "button",
    "api": "API",
    "import": "import",
    "*": "all",
    "opt_in": "asks first",
    "opt_out": "on until opted out",
    "notice_only": "notice only",
    "given": "Given",
}
_KINDS: Final = {
    "notice.set-aside": "A text was published for experiments alone",
    "experiment.drafted": "An experiment with a text was drafted",
    "experiment.approved": "An experiment with a text was approved",
    "experiment.started": "An experiment with a text was started",
    "experiment.stopped": "An experiment with a text was stopped",
    "training.recorded": "Training of a colleague was recorded",
    "ai-concern.reported": "A fault or idea about the AI was reported",
    "record.viewed": "A record was read",
    "records.exported": "Records were exported",
    "recipient.told": "A recipient was told of a no",
    "recipient.acknowledged": "A recipient acknowledged a no",
    "recipient.given-up": "Telling a recipient was given up",
    "recipient.late": "A recipient has not acknowledged by business day 10",
    "recipient.overdue": "A recipient has not acknowledged by business day 15",
    "recipient.asked-again": "A recipient is told again",
    "recipient.secret-rotated": "A recipient got a new secret",
    "handoff.requested": "A person was asked for",
    "subject.erased": "A person was erased",
    "records.deleted": "Records were deleted by schedule",
    "deletion.certified": "A deletion was certified",
    "legal-hold.placed": "Records were put under a legal hold",
    "legal-hold.released": "A legal hold was released",
    "subject.erasure-requested": "An erasure was asked for",
}


EVENTS: Final = {
    "requested": "asked for a person",
    "context_attached": "put beside it what was known",
    "queued": "put it in the queue",
    "offered": "offered it to somebody",
    "accepted": "took the conversation",
    "declined": "gave it back",
    "disclosed": "told the customer who is talking now",
    "transferred": "passed it on",
    "passed_on": "passed it on",
    "deferred": "kept it for later",
    "callback_booked": "booked a call",
    "callback_missed": "waited for a call that did not come",
    "return_proposed": "asked whether the AI may go on",
    "return_answered": "answered whether the AI may go on",
    "resolved": "ended the conversation",
    "reopened": "opened it again",
    "cancelled": "left",
    "csat": "said how it was",
}


def event(key: str) -> str:
    """Return what happened in a conversation, in words that follow who did it."""
    return EVENTS.get(key) or word(key)


def state(key: str) -> str:
    """Return the word for a state of a choice."""
    return STATES.get(key, word(key))


def shape(key: str) -> str:
    """Return the shape that goes with a state: colour never stands alone."""
    if key in YES:
        return "on"
    return "off" if key in NO else "open"


def word(key: str) -> str:
    """Return plain words for a key of the records."""
    return _WORDS.get(key) or re.sub(r"\bai\b", "AI", key.replace("_", " ").replace("-", " "))


def kind(key: str) -> str:
    """Return a ledger entry's kind in words."""
    if key in _KINDS:
        return _KINDS[key]
    thing, _, happened = key.partition(".")
    said = STATES.get(happened.replace("-", "_"), happened.replace("-", " ")).lower()
    return f"{thing.replace('-', ' ').capitalize()} {said}"


def short(public_id: str) -> str:
    """Return the first part of a long id: enough to tell rows apart."""
    head, mark, rest = public_id.partition("_")
    return f"{head}{mark}{rest[:8]}"


def counted_up(number: int) -> str:
    """Return a number that was counted up to ten thousand and no further."""
    return f"{number:,}" if number < MOST_COUNTED else f"{MOST_COUNTED:,} or more"
