"""The seven states of a handoff, which may follow which, who may cause it, and what the customer can do next.

There is no ``expired`` on purpose: a timer moves to ``deferred`` with a choice, so that nobody's request ends without
a human or an offered alternative (Directive 2011/83/EU, Art. 16d; Spain, Ley 10/2025). An explicit request is never
refused. Accepting and resolving take a human: an AI can do neither.
"""

from typing import Final, Literal, NamedTuple

from handoff.errors import MoveNotPossibleError

State = Literal["requested", "queued", "offered", "active", "deferred", "resolved", "cancelled"]
Verb = Literal["queue", "defer", "offer", "decline", "accept", "transfer", "resolve", "reopen", "cancel"]
Actor = Literal["customer", "ai", "agent", "system", "remote"]
Mode = Literal["live", "ticket", "callback"]
Choice = Literal["ticket", "callback", "keep_place"]

STATES: Final = frozenset({"requested", "queued", "offered", "active", "deferred", "resolved", "cancelled"})
OPEN: Final = frozenset({"requested", "queued", "offered", "active", "deferred"})
WAITING: Final = frozenset({"requested", "queued", "offered", "deferred"})
ENDED: Final = STATES - OPEN
CHOICES: Final = ("ticket", "callback", "keep_place")
MOST_HOPS: Final = 8  # a case passed on so often is the supervisor's; at 2 nothing returns to an AI by itself

MOVES: Final[dict[tuple[str, str], str]] = {
    ("requested", "queue"): "queued",
    ("deferred", "queue"): "queued",
    ("requested", "defer"): "deferred",
    ("queued", "defer"): "deferred",
    ("deferred", "defer"): "deferred",  # the customer chooses, or chooses again
    ("queued", "offer"): "offered",
    ("offered", "decline"): "queued",
    ("offered", "accept"): "active",
    ("queued", "accept"): "active",
    ("active", "transfer"): "queued",
    ("active", "resolve"): "resolved",
    ("resolved", "reopen"): "active",
    **{(state, "cancel"): "cancelled" for state in OPEN},
}
_HUMAN: Final = frozenset({"agent", "remote"})  # `remote` is a person at another company's desk, named by that desk
_MAY: Final[dict[str, frozenset[str]]] = {
    "queue": frozenset({"system", "customer"}),
    "defer": frozenset({"system", "customer"}),
    "offer": frozenset({"system"}),
    "decline": frozenset({"agent", "system"}),
    "accept": _HUMAN,
    "transfer": _HUMAN | {"system"},
    "resolve": _HUMAN,
    "reopen": _HUMAN | {"customer"},
    "cancel": frozenset({"customer"}),
}


class Step(NamedTuple):
    """One thing the customer can do now, or is waiting for; ``until`` in microseconds where it has an end."""

    code: str
    until: int | None = None


def next_state(state: str, verb: str, actor: str) -> str:
    """Return the state that follows. Raises ``MoveNotPossibleError``, also where ``actor`` may not cause it."""
    after = MOVES.get((state, verb))
    if after is None or actor not in _MAY[verb]:
        possible = ", ".join(sorted(v for (s, v) in MOVES if s == state and actor in _MAY[v])) or "nothing"
        raise MoveNotPossibleError(f"The handoff is {state}. Possible now: {possible}.")
    return after


def possible(state: str, actor: str) -> frozenset[str]:
    """Return the verbs an actor can use in a state."""
    return frozenset(verb for (before, verb) in MOVES if before == state and actor in _MAY[verb])


def steps(state: str, *, due_at: int | None = None, reopen_until: int | None = None, asked: bool = False) -> list[Step]:
    """Return what the customer can do next; never nothing.

    ``due_at`` is when a deferred case goes on; ``asked`` says that the return to the AI awaits the customer's answer.
    """
    if state == "cancelled":
        return [Step("ask_again"), Step("receipt")]
    if state == "resolved":
        again = [Step("reopen", reopen_until)] if reopen_until is not None else []
        return [*again, Step("survey"), Step("receipt"), Step("ask_again")]
    if state == "active":
        return [Step("message"), *([Step("answer_return")] if asked else []), Step("cancel"), Step("receipt")]
    if state == "deferred":
        return [Step("wait", due_at), *(Step(choice) for choice in CHOICES), Step("message"), Step("cancel")]
    return [Step("wait"), Step("message"), Step("ticket"), Step("callback"), Step("cancel")]


def handler(state: str, *, ever_accepted: bool, person_here: bool = True) -> str:
    """Return who answers the customer now: ``ai``, ``waiting`` for a person, or ``human``. It can't be flattered.

    ``human`` is said only while a person who accepted is there: acceptance is a fact (CA B&P 17941, Utah 13-75-103).
    """
    if state == "active":
        return "human" if ever_accepted and person_here else "waiting"
    return "waiting" if state in WAITING else "ai"


def ai_may_speak(state: str | None) -> bool:
    """Tell whether the AI may answer: it is silent from the request on until the case has ended."""
    return state is None or state in ENDED
