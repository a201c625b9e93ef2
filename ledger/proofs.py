"""Inclusion and consistency proofs (RFC 9162, 2.1.3 and 2.1.4) out of stored tiles.

A proof is first *planned*: a list of steps, each the leaves ``(start, end)`` whose root stands in the proof. The plan
says which tiles it needs; once these are there, the proof is assembled without further reading.
"""

from collections.abc import Mapping, Sequence

from ledger.tiles import TILE_HEIGHT
from ledger.tree import fold, perfect_root, subtrees

Step = tuple[int, int]
Place = tuple[int, int]  # a tile's level and number
Tiles = Mapping[Place, Sequence[bytes]]


def _split(start: int, end: int) -> int:
    """Return where RFC 9162 divides leaves ``start`` to ``end``: at the largest power of two below the length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def plan_inclusion(index: int, size: int) -> list[Step]:
    """Plan the proof that leaf ``index`` (from 0) is in the tree of ``size``. Raises ``ValueError``."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not within the tree")
    steps: list[Step] = []
    start, end = 0, size
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            steps.append((middle, end))
            end = middle
        else:
            steps.append((start, middle))
            start = middle
    return steps[::-1]


def plan_consistency(first: int, second: int) -> list[Step]:
    """Plan the proof that the tree of ``second`` adds to the tree of ``first`` (1 or more). Raises ``ValueError``."""
    if not 1 <= first <= second:
        raise ValueError("the sizes are not those of an older and a newer tree")
    steps: list[Step] = []
    start, end = 0, second
    while end != first:
        middle = _split(start, end)
        if first <= middle:
            steps.append((middle, end))
            end = middle
        else:
            steps.append((start, middle))
            start = middle
    if start:
        steps.append((start, end))
    return steps[::-1]


def _tile_of(height: int, index: int) -> tuple[Place, int, int]:
    """Return the tile that holds a perfect subtree, and the part of the tile under it."""
    level, rest = divmod(height, TILE_HEIGHT)
    start = index << rest
    number, offset = divmod(start, 1 << TILE_HEIGHT)
    return (level, number), offset, 1 << rest


def tiles_needed(steps: Sequence[Step]) -> list[Place]:
    """Return the tiles a plan reads, each once."""
    return sorted({_tile_of(*subtree)[0] for step in steps for subtree in subtrees(*step)})


def root_of(step: Step, tiles: Tiles) -> bytes:
    """Return the root over the leaves of one step. Raises ``LookupError`` if a tile lacks a hash."""
    hashes = []
    for height, index in subtrees(*step):
        place, offset, width = _tile_of(height, index)
        part = tiles[place][offset : offset + width]
        if len(part) != width:
            raise LookupError(f"tile {place} is too short")
        hashes.append(perfect_root(part))
    return fold(hashes)


def assemble(steps: Sequence[Step], tiles: Tiles) -> list[bytes]:
    """Return the hashes of a planned proof. Raises ``LookupError`` if a tile lacks a hash."""
    return [root_of(step, tiles) for step in steps]
