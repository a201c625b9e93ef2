"""The customer's record of a conversation: what was asked, who answered, what came of it; signed, to keep.

A durable medium (Directive 2011/83/EU, Art. 2(10)): the document holds the words, the compact JWS signs its digest
together with the facts and the head of the chain of events.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core import canonical
from core.clock import rfc3339
from core.keys import SigningKey
from handoff.rows import HandoffRow
from ledger import jws

MEDIA_TYPE: Final = "handoff-receipt+jwt"


def document(row: HandoffRow, said: Sequence[Mapping[str, Any]], controller: str) -> dict[str, Any]:
    """Return the record as JSON values; ``said`` are the public events with their words."""
    return {
        "v": 1,
        "controller": controller,
        "handoff": row.id,
        "reference": row.reference,
        "asked_at": rfc3339(row.opened_at),
        "asked_because": row.trigger,
        "accepted_at": _when(row.accepted_at),
        "answered_by": row.alias,
        "ended_at": _when(row.ended_at),
        "outcome": row.outcome,
        "end_reason": row.end_reason,
        "state": row.state,
        "events": [dict(one) for one in said],
        "chain": row.head.hex(),
    }


def sign(made: Mapping[str, Any], key: SigningKey, now: int) -> str:
    """Return the compact JWS over the digest of the document and its facts."""
    digest = hashlib.sha256(canonical.dumps(made)).hexdigest()
    facts = {name: value for name, value in made.items() if name != "events"}
    return jws.sign({**facts, "sha256": digest, "signed_at": rfc3339(now)}, key, MEDIA_TYPE)


def _when(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
