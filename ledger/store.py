"""Every statement on the log's rows."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from core.database import Insert, Reader, Sql, Tx
from core.database.transaction import Row
from ledger.entries import EntryRow
from ledger.tables import LedgerCheckpoint, LedgerEntry, LedgerNode

INSERT_ENTRY = Insert(LedgerEntry)
INSERT_NODE = Insert(LedgerNode)
INSERT_CHECKPOINT = Insert(LedgerCheckpoint)

# what caches follow: (seq, tenant, subject, kind, restrictive) of entries after :seq, and the number of entries
CHANGES = Sql(
    "SELECT seq, tenant, subject, kind, restrictive FROM ledger_entry WHERE seq > :seq ORDER BY seq LIMIT 10001"
)
SIZE = Sql("SELECT size FROM ledger_head WHERE id = 1")

_ENTRY = "seq, id, tenant, kind, subject, at, restrictive, body, leaf"
_LOCK_HEAD = Sql(
    "SELECT size, frontier FROM ledger_head WHERE id = 1",
    postgresql="SELECT size, frontier FROM ledger_head WHERE id = 1 FOR UPDATE",
)
_HEAD = Sql("SELECT id, size, frontier FROM ledger_head ORDER BY id")
_FIRST_HEAD = Sql("INSERT INTO ledger_head (id, size, frontier) VALUES (1, 0, :frontier) ON CONFLICT (id) DO NOTHING")
_MOVE_HEAD = Sql("UPDATE ledger_head SET size = :size, frontier = :frontier WHERE id = 1 AND size = :before")
_RANGE = Sql(f"SELECT {_ENTRY} FROM ledger_entry WHERE seq >= :start AND seq < :end ORDER BY seq")  # noqa: S608 -- column names of ours
_ONE = Sql(f"SELECT {_ENTRY} FROM ledger_entry WHERE seq = :seq AND tenant = :tenant")  # noqa: S608 -- column names of ours
_AFTER = Sql(f"SELECT {_ENTRY} FROM ledger_entry WHERE seq > :after ORDER BY seq LIMIT :limit")  # noqa: S608 -- column names of ours
_TENANT_AFTER = Sql(
    f"SELECT {_ENTRY} FROM ledger_entry WHERE tenant = :tenant AND seq > :after ORDER BY seq LIMIT :limit"  # noqa: S608 -- column names of ours
)
_SUBJECT_AFTER = Sql(
    f"SELECT {_ENTRY} FROM ledger_entry WHERE tenant = :tenant AND subject = :subject AND seq > :after "  # noqa: S608 -- column names of ours
    "ORDER BY seq LIMIT :limit"
)
# what caches ask: the log is the change log (core/database/coherence.py)
CHANGES = Sql(
    "SELECT seq, tenant, subject, kind, restrictive FROM ledger_entry WHERE seq > :seq ORDER BY seq LIMIT 10000"
)
SIZE = Sql("SELECT coalesce(max(size), 0) FROM ledger_head")
_BODIES = Sql("SELECT body FROM ledger_entry WHERE seq >= :start AND seq < :end ORDER BY seq")
_SEQS_AFTER = Sql("SELECT seq FROM ledger_entry WHERE seq > :after ORDER BY seq LIMIT :limit")
_LAST_SEQ = Sql("SELECT max(seq) FROM ledger_entry")
_LEAVES = Sql("SELECT leaf FROM ledger_entry WHERE seq >= :start AND seq < :end ORDER BY seq")
_NODES = Sql("SELECT hash FROM ledger_node WHERE level = :level AND idx >= :start AND idx < :end ORDER BY idx")
_ALL_NODES = Sql(
    "SELECT level, idx, hash FROM ledger_node WHERE level = :level AND idx > :after ORDER BY idx LIMIT :limit"
)
_NODE_LEVELS = Sql("SELECT DISTINCT level FROM ledger_node ORDER BY level")
_LATEST = Sql("SELECT size, root, note, signed_at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
_CHECKPOINTS = Sql(
    "SELECT size, root, note, signed_at FROM ledger_checkpoint WHERE size > :after ORDER BY size LIMIT :limit"
)
_CHECKPOINT = Sql("SELECT size, root, note, signed_at FROM ledger_checkpoint WHERE size = :size")
_SUBJECT_KEYS = Sql("SELECT kek_id, wrapped, erased_seq FROM subject_key WHERE tenant = :tenant AND subject = :subject")


async def lock_head(tx: Tx) -> tuple[int, bytes]:
    """Lock and return the head's size and frontier; the first caller ever makes it."""
    row = await tx.row(_LOCK_HEAD)
    if row is None:
        await tx.execute(_FIRST_HEAD, frontier=b"")
        row = await tx.row(_LOCK_HEAD)
    if row is None:
        raise LookupError("the head of the log can't be made")
    return row[0], row[1]


async def move_head(tx: Tx, before: int, size: int, frontier: bytes) -> bool:
    """Write the new head over the one of size ``before``; tell whether it was still there."""
    return await tx.execute(_MOVE_HEAD, before=before, size=size, frontier=frontier) == 1


async def heads(tx: Reader) -> Sequence[Row]:
    """Return (id, size, frontier) of every head row; a sound log has one."""
    return await tx.rows(_HEAD)


async def entry_rows(tx: Reader, start: int, end: int) -> Sequence[Row]:
    """HOT PATH of verification, 2 us a row. Return raw rows of entries ``start`` to ``end`` in order."""
    return await tx.rows(_RANGE, start=start, end=end)


async def entry_rows_after(tx: Reader, after: int, limit: int) -> Sequence[Row]:
    """Return up to ``limit`` raw rows of entries whose seq is greater than ``after``, in order."""
    return await tx.rows(_AFTER, after=after, limit=limit)


async def last_seq(tx: Reader) -> int | None:
    """Return the number of the last entry."""
    row = await tx.row(_LAST_SEQ)
    return None if row is None else row[0]


async def seqs_after(tx: Reader, after: int, limit: int) -> list[int]:
    """Return the numbers alone of what ``entry_rows_after`` would return."""
    return [row[0] for row in await tx.rows(_SEQS_AFTER, after=after, limit=limit)]


async def entry(tx: Reader, tenant: str, seq: int) -> EntryRow | None:
    """Return one entry of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, seq=seq)
    return None if row is None else EntryRow(*row)


async def entries(tx: Reader, after: int, limit: int, tenant: str | None, subject: bytes | None) -> list[EntryRow]:
    """Return entries with a seq greater than ``after``: all, a tenant's, or those of a tenant's subject."""
    if tenant is None:
        rows = await tx.rows(_AFTER, after=after, limit=limit)
    elif subject is None:
        rows = await tx.rows(_TENANT_AFTER, tenant=tenant, after=after, limit=limit)
    else:
        rows = await tx.rows(_SUBJECT_AFTER, tenant=tenant, subject=subject, after=after, limit=limit)
    return [EntryRow(*row) for row in rows]


async def bodies(tx: Reader, start: int, end: int) -> list[str]:
    """Return the bodies of entries ``start`` to ``end``."""
    return [row[0] for row in await tx.rows(_BODIES, start=start, end=end)]


async def hashes(tx: Reader, level: int, start: int, end: int) -> list[bytes]:
    """Return stored hashes ``start`` to ``end`` of a tile level: leaves at level 0, nodes above."""
    if level == 0:
        rows = await tx.rows(_LEAVES, start=start, end=end)
    else:
        rows = await tx.rows(_NODES, level=level, start=start, end=end)
    return [row[0] for row in rows]


async def node_levels(tx: Reader) -> list[int]:
    """Return the levels at which nodes are stored."""
    return [row[0] for row in await tx.rows(_NODE_LEVELS)]


async def nodes_after(tx: Reader, level: int, after: int, limit: int) -> Sequence[Row]:
    """Return (level, idx, hash) of a level's nodes with an index greater than ``after``."""
    return await tx.rows(_ALL_NODES, level=level, after=after, limit=limit)


async def latest_checkpoint(tx: Reader) -> Row | None:
    """Return (size, root, note, signed_at) of the newest checkpoint."""
    return await tx.row(_LATEST)


async def checkpoint(tx: Reader, size: int) -> Row | None:
    """Return (size, root, note, signed_at) of the checkpoint of one size."""
    return await tx.row(_CHECKPOINT, size=size)


async def checkpoints(tx: Reader, after: int, limit: int) -> Sequence[Row]:
    """Return (size, root, note, signed_at) of checkpoints larger than ``after``, by size."""
    return await tx.rows(_CHECKPOINTS, after=after, limit=limit)


async def subject_key(tx: Reader, tenant: str, subject: bytes) -> Row | None:
    """Return (kek_id, wrapped, erased_seq) of a subject's key; ``wrapped`` is empty once erased."""
    return await tx.row(_SUBJECT_KEYS, tenant=tenant, subject=subject)


_FIRST_FROM = Sql("SELECT seq, at FROM ledger_entry WHERE seq >= :seq ORDER BY seq LIMIT 1")


@cache
def _narrowed(names: frozenset[str]) -> Sql:
    wheres = ["seq < :before", "seq >= :start", "tenant = :tenant"]
    if "kind" in names:
        wheres.append("kind = :kind")
    if "thing" in names:
        wheres.append("kind LIKE :thing")
    if "subject" in names:
        wheres.append("subject = :subject")
    if "by" in names:
        wheres.append("body LIKE :by")
    return Sql(f"SELECT {_ENTRY} FROM ledger_entry WHERE {' AND '.join(wheres)} ORDER BY seq DESC LIMIT :limit")  # noqa: S608 -- our own columns


async def listed(
    tx: Reader, tenant: str, narrowing: Mapping[str, Any], start: int, before: int, limit: int
) -> list[EntryRow]:
    """Return a tenant's entries with a seq from ``start`` to below ``before``, newest first, narrowed."""
    sql = _narrowed(frozenset(narrowing))
    rows = await tx.rows(sql, tenant=tenant, start=start, before=before, limit=limit, **narrowing)
    return [EntryRow(*row) for row in rows]


async def seq_after(tx: Reader, at: int) -> int:
    """Return the first seq recorded after an instant, by halving: numbers and times grow together."""
    low, high = 0, (await last_seq(tx) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = await tx.row(_FIRST_FROM, seq=middle)
        if row is None or row[1] > at:
            high = middle
        else:
            low = row[0] + 1
    return low
