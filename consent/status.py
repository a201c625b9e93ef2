"""What became of a receipt: told by its id alone, without anything personal (CCPA 7221(h)). It never changes itself."""

from typing import Any, NamedTuple

from consent import receipts, store
from consent.errors import ReceiptNotFoundError
from consent.lifecycle import effective
from consent.notary import Notary
from consent.purposes import published
from consent.store import Happened, Present, ReceiptRow
from core import subjects
from core.database import Reader
from ledger import service as ledger
from ledger.service import InclusionProof


class ChoiceStatus(NamedTuple):
    """One choice of a receipt: ``now`` is what it is worth, or ``replaced`` or ``erased``; instants in microseconds."""

    choice: str
    purpose: str
    system: str
    state: str
    recorded_at: int
    valid_until: int | None
    now: str


class ReceiptStatus(NamedTuple):
    """A receipt and its choices: ``state`` is ``current``, ``partly_replaced``, ``replaced`` or ``erased``."""

    id: str
    kind: str
    issued_at: int
    state: str
    choices: tuple[ChoiceStatus, ...]


async def _row(tx: Reader, receipt_id: str) -> ReceiptRow:
    found = await store.receipt(tx, receipt_id)
    if found is None:
        raise ReceiptNotFoundError
    return found


async def status(tx: Reader, receipt_id: str, now: int) -> ReceiptStatus:
    """Return what became of a receipt. Raises ``ReceiptNotFoundError``."""
    row = await _row(tx, receipt_id)
    events = [
        event
        for event in await store.events_between(tx, row.first_seq, row.last_seq + 1)
        if event.receipt == receipt_id
    ]
    key = await subjects.find(tx, row.tenant, row.subject)
    erased = key is None or row.last_seq < (-1 if key.erased_seq is None else key.erased_seq)
    current = {place.choice: place for place in await store.present(tx, row.tenant, row.subject)}
    facts = await published.facts_at(tx, row.tenant, None)
    choices = []
    for event in events:
        material = facts[event.purpose].material if event.purpose in facts else 0
        choices.append(_choice(event, current.get(event.id), material, now, erased=erased))
    live = [choice for choice in choices if choice.now not in {"replaced", "erased"}]
    state = (
        "erased" if erased else "current" if len(live) == len(choices) else "partly_replaced" if live else "replaced"
    )
    return ReceiptStatus(row.id, row.kind, row.issued_at, state, tuple(choices))


def _choice(event: Happened, current: Present | None, material: int, now: int, *, erased: bool) -> ChoiceStatus:
    worth = "erased" if erased else "replaced"
    if current is not None:  # of an erased person: a no that was kept
        worth = effective(event.state, event.valid_until, event.purpose_version, material, now)
    return ChoiceStatus(event.id, event.purpose, event.system, event.state, event.recorded_at, event.valid_until, worth)


async def proof(tx: Reader, receipt_id: str) -> tuple[str, InclusionProof]:
    """Return a receipt's JWS and the proof that its last entry is in the log.

    Raises ``ReceiptNotFoundError``, or ``NotSealedYetError`` in the moment before the first checkpoint.
    """
    row = await _row(tx, receipt_id)
    return row.jws, await ledger.prove(tx, row.tenant, row.last_seq)


async def record_27560(tx: Reader, notary: Notary, receipt_id: str) -> dict[str, Any]:
    """Return a receipt as a record of ISO/IEC TS 27560 in JSON-LD. Raises ``ReceiptNotFoundError``."""
    row = await _row(tx, receipt_id)
    return receipts.as_27560(receipts.verified(notary.keyring, row.jws))
