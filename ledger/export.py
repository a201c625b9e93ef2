"""The log as files, for auditors: what verifies here needs no database and no running Candor.

    checkpoint            the newest checkpoint (C2SP tlog-tiles)
    checkpoints           every checkpoint, one note after the other
    keys.json             the log's origin and public keys (``vkeys``), and the receipts' key set (``keys``)
    entries.ndjson        one canonical entry a line, in order
    tile/<L>/<N>[.p/<W>]  hash tiles (C2SP tlog-tiles)

Only what a checkpoint covers is exported. Entries hold public facts and commitments, no personal data.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.database import Reader
from core.keys import KeyRing
from ledger import jws, service, store
from ledger.audit import Finding, Part, grown
from ledger.note import NoteError, Verifier, parse_vkey
from ledger.sealed import Tree, compare_outside
from ledger.sink import SinkError, join_notes, split_notes
from ledger.tiles import TILE_WIDTH, as_tile, split_tile, tile_path, tiles_of, width_of
from ledger.tree import leaf_hash
from ledger.verify import FINDINGS_MOST, Report
from ledger.workers import CHUNK

_ENTRIES = "entries.ndjson"


class ExportError(Exception):
    """The folder does not hold an export, or there is nothing to export yet."""


async def export(tx: Reader, keyring: KeyRing, origin: str, folder: Path) -> int:
    """Write the sealed part of the log into an empty ``folder``; return how many entries. Raises ``ExportError``."""
    sealed = await service.latest_checkpoint(tx)
    if sealed is None:
        raise ExportError("nothing was sealed yet: there is no checkpoint to export")
    _make_empty(folder)
    await _write_entries(tx, folder / _ENTRIES, sealed.size)
    for level, number, width in tiles_of(sealed.size):
        path = folder / tile_path(level, number, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        start = number * TILE_WIDTH
        path.write_bytes(as_tile(await store.hashes(tx, level, start, start + width)))
    notes: list[str] = []
    after = 0
    while page := await service.checkpoints(tx, after):
        notes += [checkpoint.note for checkpoint in page]
        after = page[-1].size
    (folder / "checkpoints").write_text(join_notes(notes), "utf-8", newline="\n")
    (folder / "checkpoint").write_text(sealed.note, "utf-8", newline="\n")
    (folder / "keys.json").write_text(json.dumps(public_keys(keyring, origin), indent=1) + "\n", "utf-8")
    return sealed.size


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ExportError("the folder is not empty")


def public_keys(keyring: KeyRing, origin: str) -> dict[str, Any]:
    """Return every public key of the log and of receipts: what an auditor should get by another way and pin."""
    vkeys = [verifier.vkey() for verifier in service.verifiers(keyring, origin)]
    return {"origin": origin, "vkeys": vkeys, **jws.key_set(keyring)}


async def _write_entries(tx: Reader, path: Path, size: int) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, size, CHUNK):
            bodies = await store.bodies(tx, start, min(start + CHUNK, size))
            file.write("".join(f"{body}\n" for body in bodies))


def verify_export(folder: Path, trusted: dict[str, Any] | None = None) -> Report:
    """Verify an export offline. ``trusted`` is a ``keys.json`` got by another way; else the folder's own is used.

    Raises ``ExportError`` if the folder does not hold an export at all.
    """
    try:
        keys = trusted if trusted is not None else json.loads((folder / "keys.json").read_text("utf-8"))
        origin, vkeys = str(keys["origin"]), [parse_vkey(str(vkey)) for vkey in keys["vkeys"]]
        notes = split_notes((folder / "checkpoints").read_text("utf-8"))
    except (OSError, ValueError, LookupError, TypeError, NoteError, SinkError) as error:
        raise ExportError(f"not an export of the log: {error}") from error
    return _verify(folder, origin, vkeys, notes)


def _verify(folder: Path, origin: str, vkeys: Sequence[Verifier], notes: Sequence[str]) -> Report:
    seals, findings = compare_outside(notes, None, origin, vkeys)
    size = max((seal.stated.size for seal in seals), default=0)
    tree = Tree(seals, _nodes(folder, size, findings), None)
    entries = 0
    for lines in _chunks(folder / _ENTRIES):
        part = _rehash(folder, lines, entries, size, tree.sizes())
        entries += len(lines)
        findings += part.findings[:FINDINGS_MOST]
        tree.grow(part, entries)
    findings += tree.finish(entries)
    if entries > size and not findings:
        findings.append(Finding(_ENTRIES, f"seq {size}", "no checkpoint covers it", size))
    findings.sort(key=lambda finding: finding.place)
    root = max(seals, key=lambda seal: seal.stated.size).stated.root if seals else b""
    return Report(entries, tree.sealed, len(notes), root if not findings else b"", findings[:FINDINGS_MOST])


def _chunks(path: Path) -> Iterator[list[bytes]]:
    try:
        with path.open("rb") as file:
            lines: list[bytes] = []
            for line in file:
                lines.append(line.removesuffix(b"\n"))
                if len(lines) == CHUNK:
                    yield lines
                    lines = []
            if lines:
                yield lines
    except OSError as error:
        raise ExportError(f"cannot read {path.name}: {error.strerror}") from error


def _tile(folder: Path, level: int, number: int, size: int, findings: list[Finding]) -> list[bytes]:
    width = width_of(level, number, size)
    path = tile_path(level, number, width)
    place = number * TILE_WIDTH << (8 * level)
    try:
        hashes = split_tile((folder / path).read_bytes())
    except OSError:
        findings.append(Finding("tile", path, "is missing", place))
        return []
    except ValueError as error:
        findings.append(Finding("tile", path, str(error), place))
        return []
    if len(hashes) != width:
        findings.append(Finding("tile", path, f"holds {len(hashes)} hashes, not {width}", place))
    return hashes


def _nodes(folder: Path, size: int, findings: list[Finding]) -> dict[tuple[int, int], bytes]:
    return {
        (level, number * TILE_WIDTH + offset): value
        for level, number, _ in tiles_of(size)
        if level > 0
        for offset, value in enumerate(_tile(folder, level, number, size, findings))
    }


def _rehash(folder: Path, lines: Sequence[bytes], start: int, size: int, sizes: Sequence[int]) -> Part:
    """Re-hash lines from entry ``start`` (a tile's start) and compare them with the level 0 tiles."""
    findings: list[Finding] = []
    leaves = [leaf_hash(line) for line in lines]
    for first in range(start, min(start + len(leaves), size), TILE_WIDTH):
        stored = _tile(folder, 0, first // TILE_WIDTH, size, findings)
        for seq, value in enumerate(stored, first):
            place = seq - start
            if place >= len(leaves):
                findings.append(Finding(_ENTRIES, f"seq {seq}", "is missing", seq))
                break
            if leaves[place] != value:
                findings.append(Finding(_ENTRIES, f"seq {seq}", "does not hash to its leaf", seq))
    findings += [
        Finding(_ENTRIES, f"seq {seq}", "the line is of another entry", seq)
        for seq, line in enumerate(lines, start)
        if b',"seq":%d,"subject":' % seq not in line
    ]
    if findings:
        return Part([], {}, findings, broken=True)
    return grown(leaves, start, sizes)
