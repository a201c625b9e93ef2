"""HOT PATH of verification, 2 us an entry. Pure re-hashing of entries, and what to say when one is not right.

An entry is right if its hash is the stored leaf, its number is the next one, and every column beside the body says
what the body says. The fast way compares a whole chunk at once; only when that fails is each row looked at alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from core import canonical
from ledger.entries import VERSION, EntryRow
from ledger.tiles import TILE_WIDTH
from ledger.tree import perfect_root, subtrees

_MEMBERS = {"at", "commitment", "id", "kind", "public", "restrictive", "seq", "subject", "tenant", "v"}
_SAME = ("id", "tenant", "kind", "at")
_END = f'","v":{VERSION}}}'


class Finding(NamedTuple):
    """One thing that is wrong: the row (``table`` and ``key``), ``what`` differs, and its ``place`` in the log."""

    table: str
    key: str
    what: str
    place: int = 0

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.table} {self.key}: {self.what}"


class Part(NamedTuple):
    """What re-hashing a run of entries gave: tile roots in order, the tree's edge at some sizes, what was wrong.

    ``roots`` ends before the first tile that could not be re-hashed; ``edges`` maps a size to the roots of the
    perfect subtrees that its last, partial tile is made of.
    """

    roots: list[bytes]
    edges: dict[int, list[bytes]]
    findings: list[Finding]
    broken: bool


def _columns_agree(rows: Iterable[Sequence[Any]]) -> bool:
    for seq, entry_id, tenant, kind, subject, at, restrictive, body, _ in rows:
        head, _, rest = body.partition(',"public":{')
        flag = "true" if restrictive else "false"
        if subject is None:
            tail = f',"restrictive":{flag},"seq":{seq},"subject":null,"tenant":"{tenant}{_END}'
            agrees = rest.endswith(tail)
        else:
            tail = f'","tenant":"{tenant}{_END}'
            agrees = rest.endswith(tail) and rest.endswith(
                f',"restrictive":{flag},"seq":{seq},"subject":"', 0, len(rest) - len(tail) - 64
            )
        if not (
            agrees
            and head.startswith(f'{{"at":{at},"commitment":')
            and head.endswith(f',"id":"{entry_id}","kind":"{kind}"')
        ):
            return False
    return True


def leaves_of(rows: Sequence[Sequence[Any]], start: int, end: int) -> list[bytes] | None:
    """Return the leaf hashes of entries ``start`` to ``end``, or nothing if any row is not plainly right."""
    if len(rows) != end - start or rows[0][0] != start or rows[-1][0] != end - 1:
        return None
    try:
        leaves = [sha256(b"\x00" + row[7].encode()).digest() for row in rows]
        if leaves != [row[8] for row in rows] or not _columns_agree(rows):
            return None
    except (AttributeError, TypeError, UnicodeError):
        return None
    return leaves


def differences(row: EntryRow) -> list[str]:
    """Return what is wrong with one row, in words; nothing if it is right."""
    stored: object = row.body  # whoever writes into the file is not bound by the column's type
    if not isinstance(stored, str):
        return ["the body is not text"]
    raw = stored.encode("utf-8", "surrogatepass")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return ["the body is not JSON"]
    if not isinstance(body, dict) or set(body) != _MEMBERS:
        return ["the body is not that of an entry"]
    found = []
    if canonical.dumps(body) != raw or body["v"] != VERSION:
        found.append("the body is not canonical JSON of version 1")
    if sha256(b"\x00" + raw).digest() != row.leaf:
        found.append("the body does not hash to the leaf")
    if body["seq"] != row.seq:
        found.append(f"the body is of seq {body['seq']}")
    found += [f"column {name} differs from the body" for name in _SAME if body[name] != getattr(row, name)]
    if row.restrictive not in {0, 1} or body["restrictive"] is not bool(row.restrictive):
        found.append("column restrictive differs from the body")
    if (body["subject"] is None) != (row.subject is None):
        found.append("column subject differs from the body")
    return found


def findings_of(rows: Sequence[Sequence[Any]], start: int) -> list[Finding]:
    """Look at rows one by one, from entry ``start``, and say what is wrong."""
    found = []
    due = start
    for raw in rows:
        row = EntryRow(*raw)
        if row.seq > due:
            more = row.seq - due - 1
            what = "is missing" + (f", and so are the {more} after it" if more else "")
            found.append(Finding("ledger_entry", f"seq {due}", what, due))
        wrong = differences(row)
        if row.seq < 0:
            wrong.insert(0, "no entry has such a number")
        if wrong:
            found.append(Finding("ledger_entry", f"seq {row.seq}", "; ".join(wrong), row.seq))
        due = max(row.seq + 1, 0)
    return found


def edge_of(leaves: Sequence[bytes], first: int, size: int) -> list[bytes]:
    """Return the roots of the perfect subtrees over the leaves from ``first`` (a tile's start) to ``size``."""
    return [
        perfect_root(leaves[(index << height) - first : ((index + 1) << height) - first])
        for height, index in subtrees(first, size)
    ]


def grown(leaves: Sequence[bytes], start: int, sizes: Sequence[int]) -> Part:
    """Return what right leaves from entry ``start`` (a tile's start) add to the tree; ``sizes`` stand in order."""
    whole = len(leaves) - len(leaves) % TILE_WIDTH
    roots = [perfect_root(leaves[at : at + TILE_WIDTH]) for at in range(0, whole, TILE_WIDTH)]
    edges = {}
    for size in sizes[bisect_right(sizes, start) : bisect_right(sizes, start + len(leaves))]:
        first = (size - 1) // TILE_WIDTH * TILE_WIDTH
        edges[size] = edge_of(leaves[first - start : first - start + TILE_WIDTH], first, size)
    return Part(roots, edges, [], broken=False)


def rehash(rows: Sequence[Sequence[Any]], start: int, end: int, sizes: Sequence[int]) -> Part:
    """Re-hash entries ``start`` (a tile's start) to ``end``; give the tree's edge at each of ``sizes`` in there."""
    leaves = leaves_of(rows, start, end)
    if leaves is None:
        findings = findings_of(rows, start)
        if findings:
            return Part([], {}, findings, broken=True)
        leaves = [row[8] for row in rows]
    return grown(leaves, start, sizes)
