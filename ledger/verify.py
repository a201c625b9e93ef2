"""Verification of the whole log in a database: everything is re-hashed, the first bad row is named.

Checked are: every entry's hash, number and columns; every stored node; the head; every checkpoint's signature and
root; the copies of checkpoints kept outside; and whatever other rooms hand in as ``checks`` (their own rows against
the entries of the same numbers).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

from core.database import Reader
from core.errors import DomainError
from ledger import store
from ledger.audit import Finding, Part, rehash
from ledger.entries import EntryRow
from ledger.note import Verifier
from ledger.sealed import Tree, compare_outside, open_seals
from ledger.tiles import TILE_HEIGHT
from ledger.tree import Frontier
from ledger.workers import CHUNK, rehash_on_all_cores

FINDINGS_MOST = 50
_PAGE = 10_000
_BEFORE_ALL = -(2**63)
_UNREADABLE = "can't be read"


class Check(Protocol):
    """Another room's rows held against the entries; ``findings`` name its own tables."""

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Look at the next entries, in order of their seq."""
        ...

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Look at what can only be told at the end, after ``size`` entries."""
        ...


class Parallel(NamedTuple):
    """Where child processes find the same database, and how many there may be."""

    url: str
    workers: int


@dataclass(slots=True)
class Report:
    """What verification found; ``findings`` in the order in which they lie in the log."""

    entries: int = 0
    sealed: int = 0
    checkpoints: int = 0
    root: bytes = b""
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Tell whether everything holds."""
        return not self.findings

    @property
    def first(self) -> Finding | None:
        """Return the first bad row."""
        return self.findings[0] if self.findings else None


async def verify(
    tx: Reader,
    origin: str,
    verifiers: Sequence[Verifier],
    *,
    outside: Sequence[str] = (),
    checks: Sequence[Check] = (),
    parallel: Parallel | None = None,
) -> Report:
    """Re-hash and compare everything; ``outside`` are the notes of the checkpoint file.

    ``verifiers`` are the log's own keys, retired ones included. With ``parallel``, re-hashing uses several cores.
    Never raises for what it finds.
    """
    rows = await _pages(tx, store.checkpoints, 0)
    seals, findings = open_seals(rows, origin, verifiers)
    copies, differing = compare_outside(outside, {row[0]: str(row[2]) for row in rows}, origin, verifiers)
    findings += differing
    head, wrong = _head(await store.heads(tx))
    findings += wrong
    nodes = await _nodes(tx)
    tree = Tree([*seals, *copies], nodes, head)
    parts = await _parts(tx, tree, parallel)
    entries = await _entries(tx, tree, findings, checks, parts)
    findings += tree.finish(entries)
    findings += [
        Finding("ledger_node", f"level {level} idx {idx}", "stands for entries the log does not have", entries)
        for level, idx in nodes
        if level < 1 or not 0 <= idx < entries >> (TILE_HEIGHT * level)
    ]
    for check in checks:
        findings += await check.finish(tx, entries)
    findings.sort(key=lambda finding: finding.place)
    return Report(entries, tree.sealed, len(rows), tree.root, findings[:FINDINGS_MOST])


async def _parts(tx: Reader, tree: Tree, parallel: Parallel | None) -> deque[Part]:
    """Re-hash on several cores what looks like a whole log; return nothing if it is not right in every row."""
    if parallel is None or parallel.workers < 2 or tree.head is None:
        return deque()
    if await store.last_seq(tx) != tree.head.size - 1 or tree.head.size < CHUNK:
        return deque()
    parts = await rehash_on_all_cores(parallel.url, tree.head.size, tree.sizes(), parallel.workers)
    return deque() if any(part.broken for part in parts) else deque(parts)


async def _entries(tx: Reader, tree: Tree, findings: list[Finding], checks: Sequence[Check], parts: deque[Part]) -> int:
    """Re-hash all entries into ``tree``, but for those in ``parts``; return how many the log has, by the last's seq."""
    if parts and not checks and tree.head is not None:
        for part in parts:
            tree.grow(part, min(tree.size + CHUNK, tree.head.size))
        return tree.head.size
    after, due = _BEFORE_ALL, 0
    while rows := await _readable(tx, after, findings):
        part = parts.popleft() if parts else rehash(rows, due, due + len(rows), tree.sizes())
        after = rows[-1][0]
        due = after + 1
        findings += part.findings[:FINDINGS_MOST]
        tree.grow(part, due)
        if checks:
            found = [EntryRow(*row) for row in rows]
            for check in checks:
                findings += await check.chunk(tx, found)
        await asyncio.sleep(0)  # a serving process may verify too: others get their turn
    return max(due, 0)


async def _readable(tx: Reader, after: int, findings: list[Finding]) -> Sequence[Sequence[Any]]:
    """Read the next chunk; where a row makes the driver fail, name it and end the reading there."""
    try:
        return await store.entry_rows_after(tx, after, CHUNK)
    except DomainError:
        raise
    except Exception as error:
        # what a driver raises for bytes that are no text is its own affair
        if any(f.what.startswith(_UNREADABLE) for f in findings):
            return []
        seqs = await store.seqs_after(tx, after, CHUNK)
        for place, seq in enumerate(seqs):
            try:
                await store.entry_rows(tx, seq, seq + 1)
            except Exception:  # noqa: BLE001 -- the very row on which the driver fails
                findings.append(Finding("ledger_entry", f"seq {seq}", f"{_UNREADABLE}: {error}", seq))
                return await store.entry_rows(tx, seqs[0], seq) if place else []
        raise


def _head(rows: Sequence[Sequence[Any]]) -> tuple[Frontier | None, list[Finding]]:
    findings = [Finding("ledger_head", f"id {row[0]}", "there must be one head, id 1") for row in rows if row[0] != 1]
    for row in rows:
        if row[0] == 1:
            try:
                return Frontier.unpack(row[1], row[2]), findings
            except (TypeError, ValueError):
                return None, [*findings, Finding("ledger_head", "id 1", "is not the head of any tree")]
    return None, [*findings, Finding("ledger_head", "id 1", "is missing")]


async def _nodes(tx: Reader) -> dict[tuple[int, int], bytes]:
    return {
        (row[0], row[1]): row[2]
        for level in await store.node_levels(tx)
        for row in await _pages(tx, partial(store.nodes_after, level=level), _BEFORE_ALL, 1)
    }


class _Page(Protocol):
    async def __call__(self, tx: Reader, *, after: int, limit: int) -> Sequence[Sequence[Any]]: ...


async def _pages(tx: Reader, page: _Page, after: int, column: int = 0) -> list[Sequence[Any]]:
    """Read all rows of a paged query whose key stands in ``column``."""
    found: list[Sequence[Any]] = []
    while rows := await page(tx, after=after, limit=_PAGE):
        found += rows
        after = rows[-1][column]
    return found
