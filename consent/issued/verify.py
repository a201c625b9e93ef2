"""Receipts held against the ledger: each is signed by us and names the very entries that name it.

The entries are the truth here: every receipt an entry names is there, its signature holds, and what it and its row say
of person, entries and time is what the entries say. A receipt that no entry names is found by counting. HOT PATH of
verification, budget 80 us a receipt, most of it Ed25519; in portions, so that a serving process goes on meanwhile.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from consent.issued import store
from consent.receipts import TYPE
from consent.store import ReceiptRow
from core import canonical
from core.clock import MICROS
from core.database import Reader
from core.keys import KeyRing
from ledger import jws
from ledger.audit import Finding
from ledger.entries import EntryRow

_PORTION = 256
_MOST = 50
_TABLE = "receipt"


class _Named(NamedTuple):
    """One entry that names a receipt."""

    entry: EntryRow
    choice: object
    state: object


class ReceiptCheck:
    """The check of receipts; ``consent.verify`` feeds it the entries of choices."""

    def __init__(self, keyring: KeyRing) -> None:
        """Verify with every key that ever signed receipts."""
        self._signers = jws.signers(jws.public_keys(keyring, "receipt"), TYPE)
        self._open: dict[str, list[_Named]] = {}
        self._found = 0

    def entry(self, entry: EntryRow, public: Mapping[str, Any]) -> None:
        """Take the next entry of a choice."""
        receipt = public.get("receipt")
        if isinstance(receipt, str):
            self._open.setdefault(receipt, []).append(_Named(entry, public.get("choice"), public.get("state")))

    async def judge(self, tx: Reader, last: int | None = None) -> list[Finding]:
        """Check the receipts that are complete: all but one whose entries reach ``last`` and may go on behind it."""
        waiting = {name: named for name, named in self._open.items() if named[-1].entry.seq == last}
        due = [name for name in self._open if name not in waiting]
        found: list[Finding] = []
        for start in range(0, len(due), _PORTION):
            names = due[start : start + _PORTION]
            rows = await store.several(tx, names)
            self._found += len(rows)
            for name in names:
                row, named = rows.get(name), self._open[name]
                faults = ["is missing: its choices are there"] if row is None else self._faults(row, named)
                found += [Finding(_TABLE, name, what, named[0].entry.seq) for what in faults]
            await asyncio.sleep(0)
        self._open = waiting
        return found

    async def finish(self, tx: Reader) -> list[Finding]:
        """Check what is left, and name receipts that no choice has."""
        found = await self.judge(tx)
        if await store.count(tx) == self._found:
            return found
        nameless = await store.nameless(tx, _MOST)
        return found + [Finding(_TABLE, name, "stands without any choice", seq) for name, seq in nameless]

    def _faults(self, row: ReceiptRow, named: Sequence[_Named]) -> list[str]:
        try:
            said = orjson.loads(jws.payload_of(row.jws, self._signers))
        except (jws.JwsError, orjson.JSONDecodeError):
            return ["column jws is not a receipt that we signed"]
        if said.get("jti") != row.id:
            return ["column jws is another receipt"]
        first, last = named[0].entry, named[-1].entry
        entries = [(one.choice, one.state, one.entry.seq, one.entry.id) for one in named]
        if [_entry_of(event) for event in said["events"]] != entries:
            return ["column jws names other entries than its choices have"]
        owed = ReceiptRow(
            row.id,
            first.tenant,
            first.subject or b"",
            said["kind"],
            first.seq,
            last.seq,
            canonical.dumps(said["supersedes"]).decode(),
            first.at,
            row.jws,
        )
        faults = [name for name in ReceiptRow._fields if getattr(row, name) != getattr(owed, name)]
        if said["pii_principal_id"] != f"sub_{owed.subject.hex()}" or said["iat"] != first.at // MICROS:
            faults.append("jws")
        return [f"column {name} differs from its ledger entries" for name in faults]


def _entry_of(event: Mapping[str, Any]) -> tuple[object, object, object, object]:
    return event["choice"], event["event_state"], event["ledger"]["seq"], event["ledger"]["entry"]
