"""The states of a choice, which may follow which, and who may set them (GDPR Art. 7, 18, 21; DPV consent states).

One choice is the sequence of events of one (subject, purpose, system); the latest event is its present state.
``*`` stands for all purposes or all systems. What the person expressed is kept; what it is worth now is computed.
"""

from typing import Final, Literal

from consent.errors import SecondStepNeededError, TransitionNotPossibleError

State = Literal[
    "requested",
    "given",
    "explicitly_given",
    "renewed",
    "refused",
    "withdrawn",
    "objected",
    "restricted",
    "opted_out",
    "opt_out_reversed",
    "expired",
    "invalidated",
    "superseded",
]
Actor = Literal["subject", "guardian", "agent", "staff", "signal", "system"]
Mechanism = Literal["opt_in", "opt_out", "notice_only"]

ALL: Final = "*"
YES: Final = frozenset({"given", "explicitly_given", "renewed"})
NO: Final = frozenset({"refused", "withdrawn", "objected", "restricted", "opted_out"})
LAPSED: Final = frozenset({"requested", "expired", "invalidated", "superseded"})
NEUTRAL: Final = "opt_out_reversed"
STATES: Final = YES | NO | LAPSED | {NEUTRAL}

# consent itself: exists only where the law asks for an opt-in
OF_CONSENT: Final = frozenset({"requested", "given", "explicitly_given", "renewed", "refused", "withdrawn"})
# may be set for all purposes at once; consent never may: it is specific (GDPR Art. 4(11))
OF_EVERYTHING: Final = frozenset({"opted_out", "opt_out_reversed", "objected", "restricted"})
# what a person, or someone for her, may ask for
REQUESTABLE: Final = OF_CONSENT | OF_EVERYTHING
# after one of these nobody asks again for a while (CCPA 7221(k))
CLOSES_THE_MATTER: Final = frozenset({"refused", "withdrawn", "opted_out"})
# answers that may have been yes before and are no now: caches must hear of them first
RESTRICTIVE: Final = NO | LAPSED

_FRESH: Final = frozenset({"given", "requested", "refused", "opted_out", "objected", "restricted"})
_ASK: Final = frozenset({"given", "requested"})
_OBJECTIONS: Final = frozenset({"objected", "restricted", "opted_out"})
_FROM_YES: Final = frozenset({"renewed", "withdrawn"}) | _OBJECTIONS

FOLLOWS: Final[dict[str | None, frozenset[str]]] = {
    None: _FRESH,
    "expired": _FRESH,
    "invalidated": _FRESH,
    "superseded": _FRESH,
    "requested": frozenset({"explicitly_given", "requested", "refused"}) | _OBJECTIONS,
    "given": _FROM_YES,
    "explicitly_given": _FROM_YES,
    "renewed": _FROM_YES,
    "refused": _ASK | _OBJECTIONS,
    "withdrawn": _ASK | _OBJECTIONS,
    "objected": _ASK | {NEUTRAL, "restricted", "opted_out"},
    "opted_out": _ASK | {NEUTRAL, "restricted", "objected"},
    "restricted": _ASK | {NEUTRAL, "withdrawn", "objected", "opted_out"},
    NEUTRAL: _ASK | _OBJECTIONS,
}
# a lapsed yes can still be renewed or taken back: the words the person said then are still on record
_LAPSED_YES: Final = _FRESH | {"renewed", "withdrawn"}
# on an explicit purpose no single act makes a yes of what is none (GDPR Art. 9(2)(a)): a consent that is over, too,
# needs both acts again, while one that stands is renewed with one
_ONE_ACT: Final = frozenset({"given", "renewed"})
_OVER: Final = frozenset({"expired", "superseded"})

_MAY_SET: Final[dict[str, frozenset[str]]] = {
    "subject": REQUESTABLE,
    "guardian": REQUESTABLE,
    "agent": REQUESTABLE,
    "staff": NO | {"given"},
    "signal": frozenset({"opted_out"}),
    "system": frozenset({"expired", "superseded", "invalidated"}),
}
NEEDS_EVIDENCE: Final = frozenset({"agent", "staff"})


def effective(state: str, valid_until: int | None, version: int, material: int, at: int) -> str:
    """Return what ``state`` is worth at the instant ``at`` (microseconds).

    A yes is ``expired`` once ``valid_until`` has come and ``superseded`` once a material version newer than the one
    it was given for is published; every other state is worth what it says.
    """
    if state in YES:
        if valid_until is not None and valid_until <= at:
            return "expired"
        if version < material:
            return "superseded"
    return state


def possible(state: str | None, worth: str | None, mechanism: Mechanism | None, *, explicit: bool) -> frozenset[str]:
    """Return the states a request may set now.

    ``state`` is the present one (``None``: no event yet), ``worth`` its effective value; ``mechanism`` is the
    purpose's, or ``None`` where the choice is for all purposes.
    """
    reachable = _LAPSED_YES if state in YES and worth not in YES else FOLLOWS[worth]
    if explicit and worth not in YES:
        reachable = reachable - _ONE_ACT
    if mechanism is None:
        return reachable & OF_EVERYTHING
    if mechanism != "opt_in":
        return reachable - OF_CONSENT
    return reachable


def next_state(
    state: str | None, worth: str | None, wanted: str, mechanism: Mechanism | None, *, explicit: bool
) -> str:
    """Return ``wanted`` if it may follow. Raises ``TransitionNotPossibleError`` or ``SecondStepNeededError``."""
    allowed = possible(state, worth, mechanism, explicit=explicit)
    if wanted in allowed:
        return wanted
    single = wanted == "given" or (wanted == "renewed" and worth in _OVER)
    if single and explicit and "requested" in allowed:
        raise SecondStepNeededError(
            "Record `requested` first, then confirm it with `explicitly_given` in a second request."
        )
    named = ", ".join(sorted(allowed)) or "nothing"
    raise TransitionNotPossibleError(f"The present state is {worth or 'none'}. Possible now: {named}.")


def may_set(actor: str, state: str) -> bool:
    """Tell whether an actor may set a state at all; a signal can only opt out, never in."""
    return state in _MAY_SET[actor]
