"""Tiles: how a tree is stored and published as files (C2SP tlog-tiles).

A tile of level L holds up to 256 roots of perfect subtrees of 256**L leaves each; level 0 holds leaf hashes. So a
tile spans eight levels of the tree, and any proof needs a few tiles only. Entry bundles carry the entries themselves,
each with its length in two bytes before it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from ledger.tree import HASH_BYTES

TILE_HEIGHT = 8
TILE_WIDTH = 256
ENTRY_BYTES_MOST = 0xFFFF
_NUMBER = re.compile(r"(?:x\d{3}/)*\d{3}")


def width_of(level: int, number: int, size: int) -> int:
    """Return how many hashes tile ``number`` of ``level`` has in a tree of ``size`` leaves: 0 to 256."""
    there = size >> (TILE_HEIGHT * level)
    return max(0, min(TILE_WIDTH, there - number * TILE_WIDTH))


def path_number(number: int) -> str:
    """Write a tile's number as path: 1234067 is ``x001/x234/067``."""
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts))


def parse_path_number(text: str) -> int:
    """Read a number from its path. Raises ``ValueError`` for any other spelling than ``path_number``'s."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not the number of a tile")
    number = int(text.replace("x", "").replace("/", ""))
    if path_number(number) != text:
        raise ValueError("not the number of a tile")
    return number


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """Return where a tile lies below the log's prefix; ``level`` is a number or ``entries``."""
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{path_number(number)}{partial}"


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield ``(level, number, width)`` of every hash tile of a tree, as C2SP asks for."""
    level = 0
    while there := size >> (TILE_HEIGHT * level):
        for number in range((there + TILE_WIDTH - 1) // TILE_WIDTH):
            yield level, number, min(TILE_WIDTH, there - number * TILE_WIDTH)
        level += 1


def split_tile(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile. Raises ``ValueError`` unless it is 1 to 256 whole hashes."""
    if not tile or len(tile) % HASH_BYTES or len(tile) > TILE_WIDTH * HASH_BYTES:
        raise ValueError("a tile holds 1 to 256 hashes of 32 bytes")
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return an entry bundle. Raises ``ValueError`` for an entry longer than 65,535 bytes."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MOST:
            raise ValueError("an entry is longer than 65,535 bytes")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def split_bundle(raw: bytes) -> list[bytes]:
    """Return the entries of a bundle. Raises ``ValueError`` if it ends inside one."""
    entries = []
    at = 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise ValueError("the bundle ends inside an entry")
        entries.append(raw[at + 2 : end])
        at = end
    return entries


def as_tile(hashes: Sequence[bytes]) -> bytes:
    """Return the bytes of a hash tile."""
    return b"".join(hashes)
