"""The log's verbs: append, read, seal with a checkpoint, prove.

``append`` is called inside the work that changes the state it records, so neither is there without the other.
Sealing signs the head when it has grown, and only after checking that it adds to what was sealed before: a log that
was rewritten underneath is not signed.
"""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any, NamedTuple

from core.database import Reader, Tx
from core.keys import KeyRing
from ledger import proofs, store
from ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.entries import Entry, EntryRow
from ledger.errors import EntryNotFoundError, LedgerBrokenError, NotSealedYetError
from ledger.journal import LedgerJournal
from ledger.note import NoteError, Verifier
from ledger.tiles import TILE_HEIGHT, TILE_WIDTH, as_tile, bundle, width_of
from ledger.tree import ProofError, check_consistency, fold

ENTRIES_MOST = 1000


class SealedCheckpoint(NamedTuple):
    """A stored checkpoint: the tree's ``size`` and ``root``, the signed ``note``, and when it was signed."""

    size: int
    root: bytes
    note: str
    signed_at: int


class InclusionProof(NamedTuple):
    """All that is needed to check, offline, that an entry is in the log."""

    leaf_index: int
    tree_size: int
    hashes: list[bytes]
    checkpoint: str
    entry: str

    def document(self) -> dict[str, Any]:
        """Return the proof as JSON values, as the stand-alone verifier reads it."""
        return {**self._asdict(), "hashes": [b64encode(value).decode() for value in self.hashes]}


def _journal(tx: Tx) -> LedgerJournal:
    journal = tx.journal
    if not isinstance(journal, LedgerJournal):
        raise TypeError("this database was opened without a ledger")
    return journal


def append(tx: Tx, entry: Entry, dek: bytes | None = None) -> int:
    """HOT PATH, 12 us. Record an entry with the rest of the work and return its seq (the leaf's index).

    ``dek`` is the subject's data key, for entries about a subject. Raises ``ValueError`` for one that can't be.
    """
    return _journal(tx).append(entry, dek)


async def entries(
    tx: Reader, after: int = -1, limit: int = 100, tenant: str | None = None, subject: bytes | None = None
) -> list[EntryRow]:
    """Return up to ``limit`` (at most 1,000) entries with a seq greater than ``after``, in order."""
    return await store.entries(tx, after, min(limit, ENTRIES_MOST), tenant, subject)


async def entry(tx: Reader, tenant: str, seq: int) -> EntryRow:
    """Return one entry of a tenant. Raises ``EntryNotFoundError``."""
    found = await store.entry(tx, tenant, seq)
    if found is None:
        raise EntryNotFoundError
    return found


async def latest_checkpoint(tx: Reader) -> SealedCheckpoint | None:
    """Return the newest checkpoint, if any was signed yet."""
    row = await store.latest_checkpoint(tx)
    return None if row is None else SealedCheckpoint(*row)


async def checkpoints(tx: Reader, after: int = 0, limit: int = 1000) -> list[SealedCheckpoint]:
    """Return checkpoints of trees larger than ``after``, by size."""
    return [SealedCheckpoint(*row) for row in await store.checkpoints(tx, after, limit)]


def verifiers(keyring: KeyRing, origin: str) -> list[Verifier]:
    """Return every key that ever signed this log's checkpoints, retired ones included."""
    return [Verifier(origin, key.public) for key in keyring.all("ledger")]


async def seal(tx: Tx, keyring: KeyRing, origin: str, now: int) -> SealedCheckpoint | None:
    """Sign the log as it stood when this batch began, if it grew since the last checkpoint.

    Raises ``LedgerBrokenError`` and signs nothing if the log does not add to what was sealed before.
    """
    head = _journal(tx).head
    last = await latest_checkpoint(tx)
    if last is None and head.size == 0:
        return None
    root = head.root()
    if last is not None:
        if not await _adds_to(tx, last, verifiers(keyring, origin), Checkpoint(origin, head.size, root)):
            raise LedgerBrokenError
        if last.size == head.size:
            return None
    note = sign_checkpoint(Checkpoint(origin, head.size, root), keyring.signing("ledger").private)
    tx.insert(store.INSERT_CHECKPOINT, (head.size, root, note, now))
    return SealedCheckpoint(head.size, root, note, now)


async def has_grown(tx: Reader) -> bool:
    """Tell whether there are entries that no checkpoint covers yet."""
    return await size(tx) > await _sealed_size(tx)


async def _adds_to(tx: Reader, last: SealedCheckpoint, known: Iterable[Verifier], head: Checkpoint) -> bool:
    try:
        sealed = open_checkpoint(last.note, head.origin, known)
        if (sealed.size, sealed.root) != (last.size, last.root):
            return False
        if sealed.size == head.size:
            return sealed.root == head.root
        proof = await _proof(tx, proofs.plan_consistency(sealed.size, head.size))
        check_consistency(sealed.size, head.size, proof, sealed.root, head.root)
    except (NoteError, ProofError, LookupError, ValueError):
        return False
    return True


async def _proof(tx: Reader, steps: list[proofs.Step]) -> list[bytes]:
    tiles = {
        (level, number): await store.hashes(tx, level, number * TILE_WIDTH, (number + 1) * TILE_WIDTH)
        for level, number in proofs.tiles_needed(steps)
    }
    return proofs.assemble(steps, tiles)


async def size(tx: Reader) -> int:
    """Return how many entries the log has."""
    rows = await store.heads(tx)
    return int(rows[0][1]) if rows else 0


async def root(tx: Reader, tree_size: int) -> bytes:
    """Return the root of the tree at a size of 1 or more. Raises ``EntryNotFoundError``."""
    if not 1 <= tree_size <= await size(tx):
        raise EntryNotFoundError
    return fold(await _proof(tx, [(0, tree_size)]))


async def inclusion(tx: Reader, seq: int, tree_size: int) -> list[bytes]:
    """Return the proof that entry ``seq`` is in the tree of ``tree_size``. Raises ``EntryNotFoundError``."""
    if not 0 <= seq < tree_size or tree_size > await size(tx):
        raise EntryNotFoundError
    return await _proof(tx, proofs.plan_inclusion(seq, tree_size))


async def consistency(tx: Reader, first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of ``second`` adds to that of ``first``. Raises ``EntryNotFoundError``."""
    if not 1 <= first <= second or second > await size(tx):
        raise EntryNotFoundError
    return await _proof(tx, proofs.plan_consistency(first, second))


async def prove(tx: Reader, tenant: str, seq: int) -> InclusionProof:
    """Return the offline proof of a tenant's entry against the newest checkpoint.

    Raises ``EntryNotFoundError``, or ``NotSealedYetError`` in the moment before its first checkpoint.
    """
    found = await entry(tx, tenant, seq)
    sealed = await latest_checkpoint(tx)
    if sealed is None or sealed.size <= seq:
        raise NotSealedYetError
    path = await inclusion(tx, seq, sealed.size)
    return InclusionProof(seq, sealed.size, path, sealed.note, found.body)


async def tile(tx: Reader, level: int, number: int, width: int = TILE_WIDTH) -> bytes:
    """Return a hash tile (C2SP tlog-tiles), whole or its first ``width`` hashes. Raises ``EntryNotFoundError``."""
    if not 0 <= level < 8 or number < 0 or not 1 <= width <= width_of(level, number, await _sealed_size(tx)):
        raise EntryNotFoundError
    start = number << TILE_HEIGHT
    return as_tile(await store.hashes(tx, level, start, start + width))


async def entry_bundle(tx: Reader, number: int, width: int = TILE_WIDTH) -> bytes:
    """Return an entry bundle (C2SP tlog-tiles), whole or its first ``width`` entries. Raises ``EntryNotFoundError``."""
    if number < 0 or not 1 <= width <= width_of(0, number, await _sealed_size(tx)):
        raise EntryNotFoundError
    start = number << TILE_HEIGHT
    return bundle(body.encode() for body in await store.bodies(tx, start, start + width))


async def _sealed_size(tx: Reader) -> int:
    row = await store.latest_checkpoint(tx)
    return 0 if row is None else int(row[0])
