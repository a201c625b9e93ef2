"""How a use of AI, a system or everything stands for one person, in states and reasons the page has words for.

Nothing is decided here: the answer is the gate's (``consent.gate``), this only finds the days and the words.
"""

from collections.abc import Mapping
from typing import NamedTuple

from api.pages.view import Standing, Why
from consent.gate import ALLOW, Answer, PurposeFacts
from consent.lifecycle import ALL, NEUTRAL, NO, YES, effective
from consent.store import Present

Rows = Mapping[tuple[str, str], Present]  # by (purpose, system)
_PENDING = "consent-pending"
_ALL_OFF = "all-ai-opted-out"


class Person(NamedTuple):
    """A person's present choices; ``signal`` are purposes a bare signal turns off for somebody not on record."""

    rows: Rows
    signal: frozenset[str] = frozenset()


def of_use(answer: Answer, person: Person, published: PurposeFacts, at: int) -> Standing:
    """Return how a use of AI stands for a person by the gate's ``answer``."""
    purpose = answer.purpose
    own = person.rows.get((purpose, ALL))
    if purpose in person.signal:
        return Standing("off", (Why("signal_now"),))
    why = [_why(reason, own, person.rows) for reason in answer.reasons]
    if answer.reasons[0] == _ALL_OFF and own is not None and own.state in YES:
        why.append(Why("own_answer"))
    if answer.decision == ALLOW:
        if answer.valid_until is not None:
            why.append(Why("until", answer.valid_until))
        return Standing("on", tuple(why), _pressed(own, published, at))
    if own is not None and own.ask_after is not None and own.ask_after > at and own.state in NO:
        why.append(Why("ask_after", own.ask_after))
    state = "waiting" if answer.reasons == (_PENDING,) else "off"
    return Standing(state, tuple(why), _pressed(own, published, at))


def _why(reason: str, own: Present | None, rows: Rows) -> Why:
    if reason == _ALL_OFF:
        return Why("all_ai_opted_out", rows[ALL, ALL].recorded_at)
    key = reason.replace("-", "_")
    if key == "opted_out" and own is not None and own.actor == "signal":
        key = "opted_out_by_signal"
    return Why(key, None if own is None else own.recorded_at)


def _pressed(own: Present | None, published: PurposeFacts, at: int) -> str | None:
    """Return the button that is the person's own choice; nothing is ever preselected."""
    if own is None:
        return None
    worth = effective(own.state, own.valid_until, own.purpose_version, published.material, at)
    # no longer opted out is not consent
    if worth in YES or (worth == NEUTRAL and published.mechanism != "opt_in"):
        return "yes"
    return "no" if worth in NO else None


def of_everything(person: Person) -> Standing:
    """Return how the switch for all AI stands."""
    row = person.rows.get((ALL, ALL))
    if row is None or row.state not in NO:
        return Standing("open", (Why("all_open"),), None if row is None else "yes")
    return Standing("off", (Why("all_ai_opted_out", row.recorded_at),), "no")


def of_system(key: str, person: Person) -> Standing:
    """Return how the switch of one AI system stands."""
    everything = person.rows.get((ALL, ALL))
    row = person.rows.get((ALL, key))
    pressed = None if row is None else "no" if row.state in NO else "yes"
    why = []
    if everything is not None and everything.state in NO:
        why.append(Why("all_ai_opted_out", everything.recorded_at))
    if row is not None and row.state in NO:
        why.append(Why("system_opted_out", row.recorded_at))
    return Standing("off" if why else "open", tuple(why), pressed)
