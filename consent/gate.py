"""HOT PATH, budget 2 us. The one decision: may this purpose be processed for this person, now? Pure.

Every path that answers "allowed?" comes through ``decide``. Unknown, refused, withdrawn, expired, restricted and
superseded never read as allowed; expiry is evaluated here, whatever the records say. Rules in docs/gate.md.
"""

from typing import Any, Final, NamedTuple

import orjson

from consent.lifecycle import NEUTRAL, NO, YES
from core.clock import MICROS

ALLOW: Final = "allow"
DENY: Final = "deny"
HUMAN: Final = "human_route"


class PurposeFacts(NamedTuple):
    """What the gate knows of a purpose: the published version in force and what it asks for."""

    key: str
    version: int  # the latest published; 0: none yet
    material: int  # the last material version up to it: choices made for older ones need renewal
    mechanism: str  # opt_in, opt_out or notice_only
    explicit: bool
    retired: bool


class SystemFacts(NamedTuple):
    """What the gate knows of an AI system: what it is declared for, and where people go instead."""

    key: str
    purposes: frozenset[str]
    human_route: str | None
    retired: bool


class Row(NamedTuple):
    """The latest event of one (subject, purpose, system), as far as the gate needs it; instants in microseconds."""

    state: str
    explicit: bool
    purpose_version: int
    choice: str
    notice_version: str | None
    valid_until: int | None


# widest to nearest: (all, all), (all, system), (purpose, all), (purpose, system)
Levels = tuple[Row | None, Row | None, Row | None, Row | None]
NO_ROWS: Final[Levels] = (None, None, None, None)


class Answer(NamedTuple):
    """What the gate says, why, and on whose word; ``ttl`` in seconds, ``valid_until`` in microseconds."""

    decision: str
    reasons: tuple[str, ...]
    purpose: str
    purpose_version: int | None
    system: str | None
    choice: str | None
    notice_version: str | None
    valid_until: int | None
    human_route: str | None
    ttl: int


_YES_REASONS: Final = {
    "given": ("consent-given",),
    "explicitly_given": ("consent-explicitly-given",),
    "renewed": ("consent-renewed",),
}
_NO_REASONS: Final = {
    "refused": "consent-refused",
    "withdrawn": "consent-withdrawn",
    "objected": "objection",
    "restricted": "restriction",
    "opted_out": "opted-out",
}
_LAPSED_REASONS: Final = {
    "expired": ("consent-expired",),
    "superseded": ("consent-needs-renewal",),
    "invalidated": ("consent-invalidated",),
    "requested": ("consent-pending",),
}
_UNDECLARED: Final = ("undeclared-purpose",)
_PURPOSE_RETIRED: Final = ("purpose-retired",)
_UNKNOWN_SYSTEM: Final = ("unknown-system",)
_SYSTEM_RETIRED: Final = ("system-retired",)
_NOT_DECLARED: Final = ("purpose-not-declared-for-system",)
_EXPIRED: Final = ("consent-expired",)
_NEEDS_RENEWAL: Final = ("consent-needs-renewal",)
_EXPLICIT_NEEDED: Final = ("explicit-consent-needed",)
_UNKNOWN: Final = ("consent-unknown",)
_NOT_OPTED_OUT: Final = ("not-opted-out",)
_NOTICE_ONLY: Final = ("notice-only",)


def _undeclared(purpose: PurposeFacts | None, system_key: str | None, system: SystemFacts | None) -> tuple[str, ...]:
    """Return why the question itself can't be answered yes for anyone, or nothing."""
    if purpose is None or not purpose.version:
        return _UNDECLARED
    if purpose.retired:
        return _PURPOSE_RETIRED
    if system_key is None:
        return ()
    if system is None:
        return _UNKNOWN_SYSTEM
    if system.retired:
        return _SYSTEM_RETIRED
    if purpose.key not in system.purposes:
        return _NOT_DECLARED
    return ()


def _refusals(rows: Levels) -> tuple[tuple[str, ...], Row] | None:
    """Return the reasons, widest first, why the person said no at some level, and the widest row that says so."""
    everything, whole_system, whole_purpose, nearest = rows
    reasons: list[str] = []
    widest: Row | None = None
    if everything is not None and everything.state in NO:
        reasons.append("all-ai-opted-out")
        widest = everything
    if whole_system is not None and whole_system.state in NO:
        reasons.append("system-opted-out")
        widest = widest or whole_system
    for row in (whole_purpose, nearest):
        if row is not None and row.state in NO:
            reason = _NO_REASONS[row.state]
            if reason not in reasons:
                reasons.append(reason)
            widest = widest or row
    return None if widest is None else (tuple(reasons), widest)


def _weigh(row: Row, purpose: PurposeFacts, at: int) -> tuple[bool, tuple[str, ...]]:
    """Return whether the deciding row is worth a yes at the instant ``at``, and why."""
    if row.valid_until is not None and row.valid_until <= at:
        return False, _EXPIRED
    state = row.state
    if state in YES:
        if row.purpose_version < purpose.material:
            return False, _NEEDS_RENEWAL
        if purpose.explicit and not row.explicit:
            return False, _EXPLICIT_NEEDED
        return True, _YES_REASONS[state]
    # a state nobody knows counts as no consent: never as a yes
    return False, _LAPSED_REASONS.get(state, _UNKNOWN)


def _answer(
    decision: str,
    reasons: tuple[str, ...],
    question: tuple[str, int | None, str | None],
    row: Row | None,
    route: str | None,
    ttl: int,
) -> Answer:
    if row is None:
        return Answer(decision, reasons, *question, None, None, None, route, ttl)
    return Answer(decision, reasons, *question, row.choice, row.notice_version, row.valid_until, route, ttl)


def decide(
    purpose_key: str,
    purpose: PurposeFacts | None,
    system_key: str | None,
    system: SystemFacts | None,
    rows: Levels,
    at: int,
    ttl: int,
) -> Answer:
    """Decide one question at the instant ``at`` (microseconds); ``ttl`` is the longest reuse in seconds.

    ``purpose`` and ``system`` are ``None`` when unknown; ``rows`` are the person's, widest to nearest, and those of
    the system's levels are left out of account when no system is asked about.
    """
    barred = _undeclared(purpose, system_key, system)
    if barred or purpose is None:
        version = purpose.version or None if purpose is not None else None
        return Answer(DENY, barred, purpose_key, version, system_key, None, None, None, None, ttl)
    if system_key is None:
        rows = (rows[0], None, rows[2], None)
    question = (purpose_key, purpose.version, system_key)
    route = system.human_route if system is not None and system_key is not None else None
    refused = DENY if route is None else HUMAN
    if said_no := _refusals(rows):
        return _answer(refused, said_no[0], question, said_no[1], route, ttl)
    row = rows[3]
    if row is None or row.state == NEUTRAL:
        row = rows[2]
    if row is not None and row.state != NEUTRAL:
        worth, reasons = _weigh(row, purpose, at)
        if not worth:
            return _answer(refused, reasons, question, row, route, ttl)
        if row.valid_until is not None:
            ttl = min(ttl, (row.valid_until - at) // MICROS)
        return _answer(ALLOW, reasons, question, row, None, ttl)
    if purpose.mechanism == "opt_out":
        return _answer(ALLOW, _NOT_OPTED_OUT, question, None, None, ttl)
    if purpose.mechanism == "notice_only":
        return _answer(ALLOW, _NOTICE_ONLY, question, None, None, ttl)
    return _answer(refused, _UNKNOWN, question, None, route, ttl)


def document(answer: Answer) -> dict[str, Any]:
    """Return the answer as it goes on the wire, members in their fixed order."""
    return {
        "decision": answer.decision,
        "reasons": answer.reasons,
        "purpose": answer.purpose,
        "purpose_version": answer.purpose_version,
        "system": answer.system,
        "choice": answer.choice,
        "notice_version": answer.notice_version,
        "human_route": answer.human_route,
        "ttl": answer.ttl,
    }


def wire(answer: Answer) -> bytes:
    """Return the answer's JSON bytes."""
    return orjson.dumps(document(answer))
