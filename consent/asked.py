"""What is asked for, by whom and how, and whether it may be: all of a request is weighed before any of it is recorded.

Wrong input names every wrong field (422); a transition that is not possible says what is (409). The rules are those
of ``consent.lifecycle``; this file knows the rest: actors, evidence, what was shown, dates, two distinct acts.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from consent.errors import ConfirmationLapsedError, InvalidChoiceError
from consent.lifecycle import (
    ALL,
    NEEDS_EVIDENCE,
    OF_CONSENT,
    OF_EVERYTHING,
    YES,
    Mechanism,
    effective,
    may_set,
    next_state,
)
from consent.purposes.published import Published
from consent.store import Present
from core.clock import MICROS
from core.errors import ConflictError, FieldError
from core.principal import Subject
from core.settings import ConsentSettings

MOST: Final = 50
_HOUR: Final = 3600 * MICROS
_AHEAD: Final = 2 * MICROS
# these need an answer to "what was the person shown?"
_ON_WHAT_WAS_SHOWN: Final = YES | {"requested"}


class Asked(NamedTuple):
    """One requested choice; ``*`` stands for all; instants in microseconds."""

    purpose: str
    state: str
    system: str = ALL
    confirms: str | None = None
    notice_version: str | None = None
    notice_hash: str | None = None
    locale: str | None = None
    jurisdiction: str | None = None
    occurred_at: int | None = None
    reason: str | None = None


class Circumstances(NamedTuple):
    """Whose choices, who acted, and how; ``actor_ref`` names a credential, never a person."""

    tenant: str
    subject: Subject
    actor: str
    actor_ref: str | None = None
    method: str = "api"
    channel: str = "api"
    site: str | None = None
    gpc: bool = False
    evidence: tuple[str, ...] = ()
    note: str | None = None


class Step(NamedTuple):
    """A choice that may be recorded: ``before`` is the present row of the same key."""

    asked: Asked
    actor: str
    method: str
    published: Published | None
    before: Present | None
    explicit: bool
    version: int  # of the purpose; 0 for all purposes


class Known(NamedTuple):
    """What is known when a request is weighed."""

    purposes: Mapping[str, Published | None]
    systems: frozenset[str]
    rows: Mapping[tuple[str, str], Present]
    settings: ConsentSettings
    now: int


def plan(asked: Sequence[Asked], how: Circumstances, known: Known, base: str = "/choices/{}") -> list[Step]:
    """Return what to record. Raises ``InvalidChoiceError`` for wrong fields, else ``ConflictError`` for transitions.

    ``base`` is the JSON pointer of a choice, with its number for ``{}``.
    """
    faults: list[FieldError] = []
    if not 0 < len(asked) <= MOST:
        faults.append(FieldError("/choices", f"1 to {MOST} choices go into one request"))
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(asked):
        pointer = base.format(number)
        faults += [FieldError(pointer + name, detail) for name, detail in _faults(one, how, known)]
        if (one.purpose, one.system) in seen:
            faults.append(FieldError(f"{pointer}/purpose", "the same purpose and system stand twice in this request"))
        seen.add((one.purpose, one.system))
    if faults:
        raise InvalidChoiceError(fields=tuple(faults))
    steps: list[Step] = []
    refusals: list[tuple[str, ConflictError]] = []
    for number, one in enumerate(asked):
        try:
            steps.append(_step(one, how, known))
        except ConflictError as refusal:
            refusals.append((base.format(number) + "/state", refusal))
    if refusals:
        first = refusals[0][1]
        raise type(first)(first.detail, tuple(FieldError(pointer, said.detail) for pointer, said in refusals))
    return steps


def _faults(one: Asked, how: Circumstances, known: Known) -> list[tuple[str, str]]:
    """Return (member, what is wrong with it) of one requested choice."""
    found: list[tuple[str, str]] = []
    if one.purpose == ALL:
        if one.state not in OF_EVERYTHING:
            found.append(("/purpose", f"{one.state} is for one purpose: consent is specific (GDPR Art. 4(11))"))
    else:
        found += _purpose_faults(one, known.purposes.get(one.purpose))
    if one.system not in (ALL, *known.systems):
        found.append(("/system", "no such AI system is registered"))
    if not may_set(how.actor, one.state):
        found.append(("/state", f"{one.state} can't be set by {how.actor}"))
    if how.actor in NEEDS_EVIDENCE and not how.evidence:
        found.append(("/state", f"an act by {how.actor} needs a reference to its evidence"))
    if (one.state == "explicitly_given") != (one.confirms is not None):
        found.append(("/confirms", "explicitly_given, and only that, names the request it confirms"))
    if one.state in _ON_WHAT_WAS_SHOWN and not how.evidence:
        shown = (one.notice_version, one.notice_hash, one.locale)
        if None in shown:
            found.append(("/notice_version", "say what was shown: notice_version, notice_hash and locale, or evidence"))
    if one.occurred_at is not None:
        earliest = known.now - known.settings.backdate_seconds * MICROS
        if not earliest <= one.occurred_at <= known.now + _AHEAD:
            found.append(("/occurred_at", "not in the future, and not too long ago"))
    return found


def _purpose_faults(one: Asked, published: Published | None) -> list[tuple[str, str]]:
    if published is None:
        return [("/purpose", "no such purpose is published")]
    if published.facts.retired and one.state in _ON_WHAT_WAS_SHOWN:
        return [("/purpose", "this purpose was retired")]
    if one.state in OF_CONSENT and published.facts.mechanism != "opt_in":
        return [("/state", f"{one.state} is for purposes based on consent; this one is {published.facts.mechanism}")]
    return []


def _step(one: Asked, how: Circumstances, known: Known) -> Step:
    before = known.rows.get((one.purpose, one.system))
    published = known.purposes.get(one.purpose)
    mechanism: Mechanism | None = None
    explicit, material, version = False, 0, 0
    if published is not None:
        facts = published.facts
        mechanism, explicit = cast("Mechanism", facts.mechanism), facts.explicit
        material, version = facts.material, facts.version
    state = worth = None
    if before is not None:
        state = before.state
        worth = effective(state, before.valid_until, before.purpose_version, material, known.now)
    next_state(state, worth, one.state, mechanism, explicit=explicit)
    if one.state == "explicitly_given":
        _confirm(one, before, material, known)
    two_acts = one.state == "explicitly_given" or (one.state == "renewed" and before is not None and before.explicit)
    return Step(one, how.actor, how.method, published, before, two_acts, version)


def _confirm(one: Asked, pending: Present | None, material: int, known: Known) -> None:
    """Hold a confirmation against the request it confirms. Raises ``ConfirmationLapsedError``."""
    latest = known.now - known.settings.second_step_hours * _HOUR
    if (
        pending is None
        or pending.choice != one.confirms
        or pending.recorded_at < latest
        or pending.purpose_version < material
    ):
        raise ConfirmationLapsedError
