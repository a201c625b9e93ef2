"""What a recipient is sent, and what its answer says. Pure.

A message names the person by the tenant's own reference, which the recipient knows anyway, and by the pseudonym that
stays the same; nothing else of a person goes out. Its bytes are the same at every attempt, but for the time in the
header. A 2xx answer means that the message arrived, unless it is a page or an object with ``error`` in it.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from consent.propagation.recipients.service import SCOPES
from consent.propagation.store import NoticeRow
from core import canonical
from core.clock import parse_rfc3339, rfc3339
from core.http import Answer

TOLD: Final = "told"
ACKNOWLEDGED: Final = "acknowledged"
REFUSED: Final = "refused"
FAILED: Final = "failed"


class Outcome(NamedTuple):
    """What came of an attempt; ``scopes`` and ``applied_at`` are what the recipient acknowledged at once."""

    kind: str
    status: int | None = None
    scopes: tuple[str, ...] = ()
    applied_at: int | None = None


def body(row: NoticeRow, reference: str | None, scopes: Sequence[str]) -> bytes:
    """Return the message; ``reference`` is the tenant's own, nothing for devices and erased persons."""
    said = {
        "notice": row.id,
        "entry": row.seq,
        "choice": row.choice,
        "subject": reference,
        "subject_id": f"sub_{row.subject.hex()}",
        "purpose": row.purpose,
        "system": row.system,
        "state": row.state,
        "at": rfc3339(row.chosen_at),
        "due_at": rfc3339(row.due_at),
        "scope": list(scopes),
    }
    return canonical.dumps({"type": f"choice.{row.state}", "timestamp": rfc3339(row.chosen_at), "data": said})


def test_body(recipient: str, now: int) -> bytes:
    """Return a message that says nothing but that it is a test."""
    return canonical.dumps({"type": "recipient.test", "timestamp": rfc3339(now), "data": {"recipient": recipient}})


def outcome_of(answer: Answer, scopes: Sequence[str], chosen_at: int, now: int) -> Outcome:
    """Read a recipient's answer; scopes it was not asked for and times that can't be are passed over."""
    if not 200 <= answer.status < 300:
        return Outcome(REFUSED, answer.status)
    text = answer.body.lstrip()
    if text.startswith(b"<"):
        return Outcome(REFUSED, answer.status)
    said = _object(text)
    if said.get("error"):
        return Outcome(REFUSED, answer.status)
    applied = _scopes(said.get("scope"), scopes)
    if said.get("applied") is not True or not applied:
        return Outcome(TOLD, answer.status)
    return Outcome(ACKNOWLEDGED, answer.status, applied, _instant(said.get("applied_at"), chosen_at, now))


def _object(text: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _scopes(said: object, asked: Sequence[str]) -> tuple[str, ...]:
    named = said if isinstance(said, list) else [said]
    return tuple(scope for scope in SCOPES if scope in named and scope in asked)


def _instant(said: object, chosen_at: int, now: int) -> int:
    """Return when it was applied; the time of the answer where it says nothing that can be."""
    try:
        at = parse_rfc3339(said) if isinstance(said, str) else now
    except ValueError:
        return now
    return at if chosen_at <= at <= now else now
