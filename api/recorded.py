"""HOT PATH, budget 8 us a choice. Records of choices as they go out: plain members, put together without wire types.

The types of ``api/schemas/choices.py`` declare the same members; a test compares the two.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from consent.gate import Answer
from consent.receipts import Signed
from consent.recording import Recorded
from consent.standing import Standing, Worth
from consent.store import Happened, ReceiptRow
from core import canonical
from core.clock import rfc3339


def _instant(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def choice(event: Happened) -> dict[str, Any]:
    """Return one recorded choice."""
    return {
        "id": event.id,
        "seq": event.seq,
        "purpose": event.purpose,
        "purpose_version": event.purpose_version,
        "system": event.system,
        "state": event.state,
        "explicit": event.explicit,
        "actor": event.actor,
        "method": event.method,
        "channel": event.channel,
        "notice_version": event.notice_version,
        "notice_hash": event.notice_hash,
        "locale": event.locale,
        "jurisdiction": event.jurisdiction,
        "gpc": event.gpc,
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(event.recorded_at),
        "valid_until": _instant(event.valid_until),
        "receipt": event.receipt,
    }


def _receipt(signed: Signed) -> dict[str, Any]:
    return {
        "id": signed.id,
        "kind": signed.kind,
        "issued_at": rfc3339(signed.issued_at),
        "supersedes": signed.supersedes,
        "jws": signed.jws,
    }


def kept_receipt(row: ReceiptRow) -> dict[str, Any]:
    """Return a receipt as it was issued."""
    return {
        "id": row.id,
        "kind": row.kind,
        "issued_at": rfc3339(row.issued_at),
        "supersedes": canonical.loads(row.supersedes),
        "jws": row.jws,
    }


def signal(is_on: bool, honoured: Iterable[str]) -> dict[str, Any]:  # noqa: FBT001 -- the member's own value
    """Return how Sec-GPC was honoured; without the signal there is nothing to honour."""
    return {"signal": is_on, "honoured": list(honoured) if is_on else []}


def recorded(subject: str, made: Recorded, *, gpc: bool, offer: str | None = None) -> bytes:
    """Return what a request recorded, as JSON; ``offer`` is the next one."""
    return orjson.dumps(
        {
            "subject": subject,
            "choices": [choice(one.event) for one in made.chosen],
            "receipt": None if made.receipt is None else _receipt(made.receipt),
            "gpc": signal(gpc, made.honoured),
            "offer": offer,
        }
    )


def invalidated(subject: str, made: Recorded) -> bytes:
    """Return the consents that were declared invalid, as JSON."""
    return orjson.dumps({"subject": subject, "choices": [choice(one.event) for one in made.chosen]})


def _current(worth: Worth) -> dict[str, Any]:
    row = worth.row
    return {
        "id": row.choice,
        "purpose": row.purpose,
        "purpose_version": row.purpose_version,
        "system": row.system,
        "state": row.state,
        "effective": worth.effective,
        "explicit": row.explicit,
        "actor": row.actor,
        "gpc": row.gpc,
        "notice_version": row.notice_version,
        "recorded_at": rfc3339(row.recorded_at),
        "valid_until": _instant(row.valid_until),
        "ask_after": _instant(row.ask_after),
        "receipt": row.receipt,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "purpose": answer.purpose,
        "decision": answer.decision,
        "reasons": answer.reasons,
        "choice": answer.choice,
    }


def standing(subject: str | None, found: Standing, *, gpc: bool) -> bytes:
    """Return how a person's choices stand, as JSON."""
    return orjson.dumps(
        {
            "subject": subject,
            "at": rfc3339(found.at),
            "choices": [_current(worth) for worth in found.rows],
            "purposes": [_answer(answer) for answer in found.answers],
            "gpc": signal(gpc, found.honoured),
        }
    )


def page(items: Sequence[dict[str, Any]], next_cursor: str | None) -> bytes:
    """Return a page, as JSON."""
    return orjson.dumps({"items": items, "next_cursor": next_cursor})
