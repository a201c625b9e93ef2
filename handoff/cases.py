"""One handoff inside one transaction: its row, its customer's key, and what happens to it.

Every change is an event with the next sequence number, chained by hash to the one before it; what has legal effect is
a ledger entry too. ``save`` writes the row, so a change without its event can't be.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag

from core import canonical, crypto, subjects
from core.database import Reader, Tx
from core.keys import KeyRing
from handoff import store
from handoff.errors import ErasedError, HandoffNotFoundError
from handoff.lifecycle import next_state
from handoff.queues import DEFAULT_QUEUE, QueueRules, rules_of
from handoff.rows import HandoffRow
from handoff.store import Event
from ledger import service as ledger
from ledger.entries import Entry

PUBLIC, INTERNAL = "public", "internal"


def open_key(subject: bytes, conversation: str) -> str:
    """Return what is unique while a handoff is open: the person and the conversation."""
    return hashlib.sha256(canonical.dumps([subject.hex(), conversation])).hexdigest()


def event_place(row: HandoffRow, seq: int) -> str:
    """Return the place the sealed part of an event is bound to."""
    return f"{row.tenant}|{row.subject.hex()}|handoff_event|sealed|{row.id}:{seq}"


def pack_place(row: HandoffRow) -> str:
    """Return the place a context pack is bound to."""
    return f"{row.tenant}|{row.subject.hex()}|handoff|pack|{row.id}"


def link(before: bytes, event: Event, stood: str | None = None) -> bytes:
    """Return the chain's next hash: SHA-256 over the one before and the event, sealed parts by their digest.

    ``stood`` is the digest of what stood there and was deleted when its time had come.
    """
    sealed = stood if event.sealed is None else hashlib.sha256(event.sealed).hexdigest()
    said = [*event[:7], event.public, sealed, event.dedupe]
    return hashlib.sha256(before + canonical.dumps(said)).digest()


def opened(row: HandoffRow, dek: bytes | None, event: Event) -> str | None:
    """Return an event's words; nothing where there are none or the customer was erased."""
    if event.sealed is None or dek is None:
        return None
    try:
        return crypto.unseal(dek, event.sealed, event_place(row, event.seq)).decode()
    except InvalidTag:  # sealed in the customer's former life
        return None


class Case:
    """A handoff being changed at the instant ``now`` (microseconds)."""

    def __init__(self, tx: Tx, row: HandoffRow, dek: bytes | None, rules: QueueRules, now: int) -> None:
        """Work on ``row`` by the rules of its queue."""
        self.tx = tx
        self.row = row
        self.dek = dek
        self.rules = rules
        self.now = now

    def note(
        self,
        kind: str,
        actor: str,
        ref: str = "",
        *,
        text: str | None = None,
        visible: str = PUBLIC,
        dedupe: str | None = None,
        **public: Any,
    ) -> int:
        """Record an event and return its sequence number. Raises ``ErasedError`` for words without a key."""
        row = self.row
        sealed = None
        if text is not None:
            if self.dek is None:
                raise ErasedError
            sealed = crypto.seal(self.dek, text.encode(), event_place(row, row.last_seq + 1))
        said = canonical.dumps(public).decode()
        event = Event(row.id, row.last_seq + 1, kind, actor, ref, visible, self.now, said, sealed, dedupe, b"")
        row.head = link(row.head, event)
        row.last_seq = event.seq
        self.tx.insert(store.INSERT_EVENT, (*event[:-1], row.head))
        return event.seq

    def move(self, verb: str, actor: str) -> None:
        """Change the state. Raises ``MoveNotPossibleError``."""
        self.row.state = next_state(self.row.state, verb, actor)

    def fact(self, kind: str, **public: Any) -> int:
        """Write what has legal effect to the ledger, with the head of the chain of events so far."""
        row = self.row
        said: Mapping[str, Any] = {
            "handoff": row.id,
            "reference": row.reference,
            "state": row.state,
            "chain": row.head.hex(),
            **public,
        }
        subject = row.subject if self.dek is not None else None
        return ledger.append(self.tx, Entry(kind, row.tenant, self.now, said, subject), self.dek)

    async def save(self) -> None:
        """Write the row."""
        await store.save(self.tx, self.row)


async def rules_for(tx: Reader, tenant: str, key: str) -> QueueRules:
    """Return a queue's rules; those of the default queue where there is none of that name."""
    found = await store.queue(tx, tenant, key)
    if found is None and key != DEFAULT_QUEUE:
        return await rules_for(tx, tenant, DEFAULT_QUEUE)
    return QueueRules() if found is None else rules_of(canonical.loads(found[0]), found[1])


async def load(tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, now: int) -> Case:
    """Return a case to work on. Raises ``HandoffNotFoundError``."""
    row = await store.handoff(tx, tenant, handoff_id)
    if row is None:
        raise HandoffNotFoundError
    return await case_of(tx, keyring, row, now)


async def case_of(tx: Tx, keyring: KeyRing, row: HandoffRow, now: int) -> Case:
    """Return the case of a row."""
    dek = await subjects.data_key(tx, keyring, row.tenant, row.subject)
    return Case(tx, row, dek, await rules_for(tx, row.tenant, row.queue), now)
