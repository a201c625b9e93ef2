"""What a button means for the record: from *yes* or *no* and the present state to the state to be asked for.

Saying no takes one step everywhere. Saying yes takes one, and two where the law asks for express consent. A button
that asks for what already is records nothing.
"""

from typing import Final, cast

from consent.lifecycle import NEUTRAL, NO, YES, Mechanism, effective, possible
from consent.purposes.published import Published
from consent.store import Present
from core.errors import InvalidError

_NO: Final = ("withdrawn", "refused", "opted_out")
_YES: Final = ("given", "requested", NEUTRAL)


def for_use(answer: str, row: Present | None, published: Published, at: int) -> str | None:
    """Return the state to ask for about one use of AI, or nothing if it stands so already."""
    facts = published.facts
    state, worth = _present(row, facts.material, at)
    reachable = possible(state, worth, cast("Mechanism", facts.mechanism), explicit=facts.explicit)
    # no longer opted out is not consent: where consent is asked for, a yes is still to be given
    already = YES if facts.mechanism == "opt_in" else YES | {NEUTRAL}
    return _pick(answer, worth, reachable, already)


def for_all(answer: str, row: Present | None) -> str | None:
    """Return the state to ask for at a level above single uses: all AI, or one AI system with all its uses."""
    state = None if row is None else row.state
    return _pick(answer, state, possible(state, state, None, explicit=False), frozenset({NEUTRAL}))


def confirmable(row: Present | None, opened_after: int) -> bool:
    """Tell whether a first step is on record that was made after the instant ``opened_after``."""
    return row is not None and row.state == "requested" and row.recorded_at >= opened_after


def _present(row: Present | None, material: int, at: int) -> tuple[str | None, str | None]:
    if row is None:
        return None, None
    return row.state, effective(row.state, row.valid_until, row.purpose_version, material, at)


def _pick(answer: str, worth: str | None, reachable: frozenset[str], already: frozenset[str]) -> str | None:
    if answer == "no":
        return None if worth in NO else next(state for state in _NO if state in reachable)
    if answer != "yes":
        raise InvalidError.field("/answer", "yes or no")
    if worth in already:
        return None
    return next((state for state in _YES if state in reachable), None)
