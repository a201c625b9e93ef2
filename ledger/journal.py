"""HOT PATH, 12 us an entry. The pen that writes the log: each batch locks the head once and writes once.

An entry has its number, body and hash as soon as it is appended, so a receipt can name them in the same work. A work
that fails takes its entries back; the next work's take their numbers, so the log has no gaps.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from core.database import Change, Tx
from ledger import store
from ledger.entries import Entry, body_of, new_id
from ledger.errors import LedgerBrokenError
from ledger.tiles import TILE_WIDTH
from ledger.tree import Frontier


class LedgerJournal:
    """The log as the writer lane sees it; one for each database, used by one batch at a time."""

    def __init__(self) -> None:
        """Know nothing yet: every batch reads the head anew, since another process may have written."""
        self.head = Frontier()
        self._rows: list[tuple[Any, ...]] = []

    async def lock(self, tx: Tx) -> None:
        """Lock and read the head. Raises ``LedgerBrokenError`` if it is not the head of any tree."""
        self._rows = []
        try:
            self.head = Frontier.unpack(*await store.lock_head(tx))
        except (ValueError, TypeError, LookupError) as error:
            raise LedgerBrokenError from error

    def mark(self) -> int:
        """Return how many entries are pending."""
        return len(self._rows)

    def rewind(self, mark: int) -> None:
        """Forget what was appended since ``mark``."""
        del self._rows[mark:]

    def append(self, entry: Entry, dek: bytes | None) -> int:
        """Number, hash and keep an entry until the flush; return its seq. Raises ``ValueError``."""
        rows = self._rows
        seq = self.head.size + len(rows)
        entry_id = new_id(entry)
        body = body_of(entry, entry_id, seq, dek)
        rows.append(
            (
                seq,
                entry_id,
                entry.tenant,
                entry.kind,
                entry.subject,
                entry.at,
                entry.restrictive,
                body.decode(),
                sha256(b"\x00" + body).digest(),
            )
        )
        return seq

    async def flush(self, tx: Tx) -> None:
        """Write the pending entries, the nodes they complete, and the new head."""
        if not self._rows:
            return
        frontier = self.head.copy()
        append, insert, entries = frontier.append, tx.insert, store.INSERT_ENTRY
        for row in self._rows:
            insert(entries, row)
            if (row[0] + 1) % TILE_WIDTH:
                append(row[8])
            else:
                for node in frontier.append_completing(row[8]):
                    insert(store.INSERT_NODE, node)
        if not await store.move_head(tx, self.head.size, frontier.size, frontier.packed()):
            raise LedgerBrokenError

    def changes(self) -> Sequence[Change]:
        """Return what the batch appended, as caches want to know it."""
        return [Change(row[0], row[2], row[4], row[3], row[6]) for row in self._rows]
