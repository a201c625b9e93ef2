"""What came with a request for a person, in words: an agent who has read it asks nothing again (WCAG 2.2, 3.3.7)."""

from typing import Any, Final

from api.console.desk import Desk
from core import canonical, crypto, subjects
from core.clock import parse_rfc3339
from core.database import Reader
from handoff import cases
from handoff.rows import HandoffRow

SPEAKERS: Final = {
    "customer": "Customer",
    "ai": "AI",
    "human": "A person",
    "system": "System",
}
_WITHHELD: Final = {
    "transcript": "what was said before",
    "decisions": "the decision and its reasons",
    "disclosures": "what they were told about AI",
    "choices": "their choices",
    "needs": "what they need",
    "answered": "what was asked already",
    "earlier": "earlier conversations",
    "promises": "what was promised",
}


async def pack(tx: Reader, desk: Desk, row: HandoffRow) -> dict[str, Any] | None:
    """Return the context as it was at the request, for a page; nothing of an erased customer."""
    dek = await subjects.data_key(tx, desk.state.keyring, row.tenant, row.subject)
    if row.pack is None or dek is None:
        return None
    document: dict[str, Any] = canonical.loads(crypto.unseal(dek, row.pack, cases.pack_place(row)))
    return {
        "transcript": [_timed(one, "at") | {"who": SPEAKERS.get(one["speaker"], "")} for one in document["transcript"]],
        "decisions": document["decisions"],
        "disclosures": [_timed(one, "shown_at") for one in document["disclosures"]],
        "choices": document["choices"],
        "needs": _needs(document["needs"]),
        "earlier": [_timed(one, "opened_at") for one in document["earlier"]],
        "withheld": [(_WITHHELD.get(name, name), _why(why)) for name, why in document["withheld"].items()],
        "hash": row.pack_hash,
    }


def _timed(one: dict[str, Any], name: str) -> dict[str, Any]:
    return {**one, name: parse_rfc3339(one[name])}


def _needs(told: dict[str, Any] | list[Any]) -> list[str]:
    """Return the needs that were named: ``{"needs": [...]}``, or nothing at all."""
    found = told.get("needs", []) if isinstance(told, dict) else told
    return [str(one) for one in found]


def _why(reason: str) -> str:
    """Return why a part was left out: ``not-permitted:<purpose>`` is how the gate's no is noted."""
    head, _, purpose = reason.partition(":")
    return f"not allowed for “{purpose}”" if head == "not-permitted" else reason.replace("-", " ")
