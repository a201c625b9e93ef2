"""An export verifies offline, without the database; every changed file is found."""

import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.database import Database
from core.keys import KeyRing, generate
from ledger import service
from ledger.export import ExportError, export, public_keys, verify_export
from ledger.tiles import tiles_of
from tests.ledger.conftest import ORIGIN

pytestmark = pytest.mark.anyio
Grow = Callable[..., Awaitable[None]]


@pytest.fixture
async def folder(db: Database, grow: Grow, keyring: KeyRing, tmp_path: Path) -> Path:
    """An export of 600 sealed entries of 610, with checkpoints at 300 and 600."""
    await grow(300)
    await grow(300, start=300)
    await grow(10, start=600, seal=False)
    assert await db.read(export, keyring, ORIGIN, tmp_path / "export") == 600
    return tmp_path / "export"


async def test_an_export_verifies_offline(folder: Path, keyring: KeyRing, db: Database) -> None:
    report = verify_export(folder)

    assert report.findings == []
    assert (report.entries, report.sealed, report.checkpoints) == (600, 600, 2)
    assert report.root == await db.read(service.root, 600)
    assert verify_export(folder, public_keys(keyring, ORIGIN)).ok
    assert len([p for p in (folder / "tile").rglob("*") if p.is_file()]) == len(list(tiles_of(600)))


async def test_an_export_holds_no_personal_data(folder: Path) -> None:
    text = (folder / "entries.ndjson").read_text("utf-8")

    assert "because" not in text
    assert (bytes([1]) * 16).hex() not in text


async def test_keys_pinned_elsewhere_refuse_a_log_signed_by_others(folder: Path, clock: FixedClock) -> None:
    report = verify_export(folder, public_keys(generate(clock.now()), ORIGIN))

    assert report.sealed == 0
    assert "checkpoint file note 1: the note has no signature of a known key" in map(str, report.findings)


def edited(path: Path, old: bytes, new: bytes) -> None:
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


def lines_of(folder: Path) -> list[bytes]:
    return (folder / "entries.ndjson").read_bytes().splitlines(keepends=True)


def put(folder: Path, lines: list[bytes]) -> None:
    (folder / "entries.ndjson").write_bytes(b"".join(lines))


async def test_every_change_of_an_export_is_found(folder: Path, tmp_path: Path) -> None:
    def swap(f: Path) -> None:
        lines = lines_of(f)
        lines[3], lines[4] = lines[4], lines[3]
        put(f, lines)

    damages: list[tuple[Callable[[Path], object], str]] = [
        (lambda f: edited(f / "entries.ndjson", b'"version":7', b'"version":8'), "entries.ndjson seq 7"),
        (swap, "entries.ndjson seq 3"),
        (lambda f: put(f, lines_of(f)[:-1]), "entries.ndjson seq 599"),
        (lambda f: put(f, [*lines_of(f), lines_of(f)[-1]]), "entries.ndjson seq 600"),
        (lambda f: put(f, lines_of(f)[1:]), "entries.ndjson seq 0"),
        (lambda f: (f / "tile/0/001").write_bytes(b"x" * 8192), "entries.ndjson seq 256"),
        (lambda f: (f / "tile/0/001").write_bytes(b"x" * 8191), "tile tile/0/001"),
        (lambda f: (f / "tile/0/001").unlink(), "tile tile/0/001"),
        (lambda f: (f / "tile/1/000.p/2").write_bytes(b"x" * 64), "ledger_node level 1 idx 0"),
        (lambda f: edited(f / "checkpoints", b"\n300\n", b"\n299\n"), "checkpoint file note 1"),
    ]
    for number, (damage, row) in enumerate(damages):
        copy = tmp_path / f"copy{number}"
        shutil.copytree(folder, copy)
        damage(copy)
        first = verify_export(copy).first
        assert first is not None
        assert f"{first.table} {first.key}" == row


async def test_a_rewritten_export_is_found_by_its_checkpoint(folder: Path) -> None:
    from ledger.tree import leaf_hash

    edited(folder / "entries.ndjson", b'"version":599', b'"version":598')
    leaves = [leaf_hash(line.rstrip(b"\n")) for line in lines_of(folder)]
    (folder / "tile/0/002.p/88").write_bytes(b"".join(leaves[512:]))

    first = verify_export(folder).first

    assert first is not None
    assert "no longer give the root" in first.what


async def test_what_is_no_export_is_said_so(tmp_path: Path, folder: Path, db: Database, keyring: KeyRing) -> None:
    with pytest.raises(ExportError, match="not an export"):
        verify_export(tmp_path)
    (folder / "keys.json").write_text(json.dumps({"origin": ORIGIN}))
    with pytest.raises(ExportError, match="not an export"):
        verify_export(folder)
    with pytest.raises(ExportError, match="not empty"):
        await db.read(export, keyring, ORIGIN, folder)


async def test_nothing_sealed_is_nothing_to_export(db: Database, keyring: KeyRing, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="sealed"):
        await db.read(export, keyring, ORIGIN, tmp_path / "export")
