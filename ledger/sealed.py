"""Checkpoints and the tree they stand on, checked together: pure, shared by a database's and an export's verification.

Entries are re-hashed elsewhere (``ledger.audit``); here their tile roots are grown into the tree, and every stored
node and every signed checkpoint is held against it, in the order in which they lie in the log.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ledger.audit import Finding, Part
from ledger.checkpoints import Checkpoint, open_checkpoint, parse_text
from ledger.note import NoteError, Verifier
from ledger.tiles import TILE_HEIGHT, TILE_WIDTH
from ledger.tree import Frontier, perfect_root

Nodes = Mapping[tuple[int, int], bytes]


class Seal(NamedTuple):
    """A checkpoint that was opened: what it states, and where it was found."""

    stated: Checkpoint
    table: str
    key: str


def open_seals(
    rows: Iterable[Sequence[object]], origin: str, verifiers: Sequence[Verifier]
) -> tuple[list[Seal], list[Finding]]:
    """Open stored checkpoints, rows of (size, root, note, ...); say which are not signed or not what they seem."""
    seals: list[Seal] = []
    findings: list[Finding] = []
    for size, root, note, *_ in rows:
        key = f"size {size}"
        place = size if isinstance(size, int) else 0
        try:
            stated = open_checkpoint(str(note), origin, verifiers)
        except NoteError as error:
            findings.append(Finding("ledger_checkpoint", key, str(error), place))
            continue
        if (stated.size, stated.root) != (size, root):
            findings.append(Finding("ledger_checkpoint", key, "size or root differ from the signed note", place))
        seals.append(Seal(stated, "ledger_checkpoint", key))
    return seals, findings


def compare_outside(
    outside: Sequence[str], stored: Mapping[int, str] | None, origin: str, verifiers: Sequence[Verifier]
) -> tuple[list[Seal], list[Finding]]:
    """Open the copies kept outside the database; hold the stored checkpoints (note by size), if given, against them."""
    seals: list[Seal] = []
    findings: list[Finding] = []
    for number, note in enumerate(outside, 1):
        try:
            stated = open_checkpoint(note, origin, verifiers)
        except NoteError as error:
            findings.append(Finding("checkpoint file", f"note {number}", str(error), _size_of(note)))
            continue
        seals.append(Seal(stated, "checkpoint file", f"size {stated.size}"))
        there = note if stored is None else stored.get(stated.size)
        if there is None:
            what = "is missing, but the checkpoint file has it"
        elif there != note:
            what = "differs from its copy in the checkpoint file"
        else:
            continue
        findings.append(Finding("ledger_checkpoint", f"size {stated.size}", what, stated.size))
    return seals, findings


def _size_of(note: str) -> int:
    try:
        return parse_text(note.partition("\n\n")[0] + "\n").size
    except NoteError:
        return 0


class Tree:
    """The tree grown from re-hashed tiles, comparing as it grows.

    The first difference ends the comparing: whatever follows it in the log would differ too.
    """

    def __init__(self, seals: Iterable[Seal], nodes: Nodes, head: Frontier | None) -> None:
        """Compare with ``seals``, the stored ``nodes``, and the stored ``head`` if it can be read."""
        self._frontier = Frontier()
        self._findings: list[Finding] = []
        self._broken = False
        self._nodes = nodes
        self._due = deque(sorted(seals, key=lambda seal: seal.stated.size))
        self.head = head
        heads = set() if head is None else {head.size}
        self._sizes = sorted({seal.stated.size for seal in self._due} | heads)
        self._edges: dict[int, list[bytes]] = {}
        self.sealed = 0
        self.root = b""

    @property
    def size(self) -> int:
        """Return how many entries stand in whole tiles so far."""
        return self._frontier.size

    def sizes(self) -> list[int]:
        """Return the sizes at which the tree's edge is asked for, in order, each once."""
        return self._sizes

    def grow(self, part: Part, end: int) -> None:
        """Add what re-hashing the next entries gave, up to entry ``end``."""
        self._broken = self._broken or part.broken
        if self._broken:
            return
        self._edges = part.edges
        for root in part.roots:
            self._judge(self._frontier.size + TILE_WIDTH - 1)
            self._frontier.append_perfect(root, TILE_HEIGHT)
            self._compare_nodes(root)
        self._judge(end)

    def _hashes_at(self, size: int) -> list[bytes]:
        return self._frontier.hashes + (self._edges.get(size, []) if size % TILE_WIDTH else [])

    def _judge(self, up_to: int) -> None:
        """Compare the checkpoints of sizes up to ``up_to``, which the present tiles and edges reach."""
        while not self._broken and self._due and self._due[0].stated.size <= up_to:
            seal = self._due.popleft()
            size = seal.stated.size
            root = Frontier(size, self._hashes_at(size)).root()
            if root == seal.stated.root:
                self.sealed = max(self.sealed, size)
            else:
                what = f"entries {self.sealed} to {size - 1} no longer give the root that was sealed"
                self._break(Finding(seal.table, seal.key, what, size - 1))

    def _compare_nodes(self, root: bytes) -> None:
        """Compare the stored node of each subtree that the last tile completed."""
        count, level = self._frontier.size >> TILE_HEIGHT, 1
        while not self._broken:
            if self._nodes.get((level, count - 1)) != root:
                first = (count - 1) << (TILE_HEIGHT * level)
                last = (count << (TILE_HEIGHT * level)) - 1
                what = f"is not the root of entries {first} to {last}"
                self._break(Finding("ledger_node", f"level {level} idx {count - 1}", what, last))
            if self._broken or count % TILE_WIDTH:
                return
            # the nodes below were compared before, so the stored ones are the computed ones
            root = perfect_root([self._nodes[level, idx] for idx in range(count - TILE_WIDTH, count)])
            count, level = count >> TILE_HEIGHT, level + 1

    def _break(self, finding: Finding) -> None:
        self._findings.append(finding)
        self._broken = True

    def finish(self, entries: int) -> list[Finding]:
        """Return all findings, with the head and the checkpoints that do not fit the number of entries."""
        for seal in self._due:
            if seal.stated.size > entries:
                what = f"covers {seal.stated.size} entries, the log has only {entries}"
                self._findings.append(Finding(seal.table, seal.key, what, entries))
        if self.head is not None and self.head.size != entries:
            what = f"says {self.head.size} entries, the log has {entries}"
            place = min(self.head.size, entries)
            self._findings.append(Finding("ledger_head", "id 1", what, place))
        elif self.head is not None and not self._broken:
            if self.head.hashes != self._hashes_at(entries):
                what = "the frontier is not that of the entries"
                self._findings.append(Finding("ledger_head", "id 1", what, entries))
            self.root = Frontier(entries, self._hashes_at(entries)).root()
        return self._findings
