"""Every kind of tampering with the log's rows is found, and the first bad row is named."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core import canonical, crypto
from core.database import Database, Reader, Sql, Tx
from core.keys import KeyRing
from core.tables import SubjectKey
from ledger import service, store
from ledger.checkpoints import Checkpoint, sign_checkpoint
from ledger.entries import Entry, EntryRow
from ledger.journal import LedgerJournal
from ledger.sink import CheckpointFile
from ledger.subjects import SubjectBinding
from ledger.tree import Frontier, leaf_hash, perfect_root
from ledger.verify import Report, verify
from tests.ledger.conftest import DEKS, ORIGIN, an_entry, write
from tests.ledger.tampers import SIZE, TAMPERS

pytestmark = pytest.mark.anyio
Grow = Callable[..., Awaitable[None]]


async def _keys(tx: Tx, keyring: KeyRing) -> None:
    for tenant in ("ten_a", "ten_b"):
        for subject, dek in DEKS.items():
            wrapped = crypto.wrap(keyring.kek, dek)
            tx.add(SubjectKey(
                tenant=tenant, subject=subject, space="customer", kek_id=keyring.kek_id, wrapped=wrapped, created_at=1
            ))  # fmt: skip


@pytest.fixture
async def sealed_log(db: Database, grow: Grow, keyring: KeyRing, tmp_path: Path) -> CheckpointFile:
    """A log of 320 entries with checkpoints at 100, 200, 300 and 320, copied to a file."""
    await db.transact(_keys, keyring)
    await grow(100)
    await grow(100, start=100)
    await grow(100, start=200)
    await grow(20, start=300)
    file = CheckpointFile(tmp_path / "outside" / "checkpoints")
    file.append(c.note for c in await db.read(service.checkpoints, file.last_size()))
    return file


async def _report(db: Database, keyring: KeyRing, file: CheckpointFile | None) -> Report:
    return await db.read(
        verify, ORIGIN, service.verifiers(keyring, ORIGIN),
        outside=file.notes() if file else (), checks=[SubjectBinding(keyring)],
    )  # fmt: skip


async def _run(tx: Tx, statements: Sequence[str]) -> None:
    for statement in statements:
        await tx.execute(Sql(statement))


def assert_first(report: Report, row: str, word: str) -> None:
    first = report.first
    assert first is not None
    assert f"{first.table} {first.key}" == row, report.findings
    assert word in first.what
    assert not report.ok


async def test_an_untouched_log_holds(db: Database, sealed_log: CheckpointFile, keyring: KeyRing) -> None:
    report = await _report(db, keyring, sealed_log)

    assert report.findings == []
    assert (report.entries, report.sealed, report.checkpoints) == (SIZE, SIZE, 4)
    assert report.root == await db.read(service.root, SIZE)


@pytest.mark.parametrize(("damage", "row", "word"), [case[1:] for case in TAMPERS], ids=[case[0] for case in TAMPERS])
async def test_tampering_with_rows_is_found(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing, damage: list[str], row: str, word: str
) -> None:
    await db.transact(_run, damage)

    assert_first(await _report(db, keyring, sealed_log), row, word)


_SECOND = "(SELECT subject FROM ledger_entry WHERE seq = 1)"
_BODY = Sql("UPDATE ledger_entry SET body = :body, leaf = :leaf WHERE seq = :seq")
_NODE = Sql("UPDATE ledger_node SET hash = :hash WHERE level = 1 AND idx = 0")
_HEAD = Sql("UPDATE ledger_head SET size = :size, frontier = :frontier")
_CUT = Sql("DELETE FROM ledger_entry WHERE seq >= :size")
_CUT_CHECKPOINTS = Sql("DELETE FROM ledger_checkpoint WHERE size > :size")
_CHECKPOINT = Sql("UPDATE ledger_checkpoint SET root = :root, note = :note WHERE size = :size")


async def _leaves(tx: Reader, size: int) -> list[bytes]:
    return await store.hashes(tx, 0, 0, size)


def _frontier(leaves: Sequence[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


async def _rewrite(tx: Tx, seq: int, *, nodes: bool) -> None:
    """Change an entry as an insider would: body, leaf, head, and the nodes if asked for."""
    row = EntryRow(*(await store.entry_rows(tx, seq, seq + 1))[0])
    body = canonical.loads(row.body)
    body["public"]["purpose"] = "ads"
    raw = canonical.dumps(body)
    await tx.execute(_BODY, body=raw.decode(), leaf=leaf_hash(raw), seq=seq)
    leaves = await _leaves(tx, SIZE)
    if nodes:
        await tx.execute(_NODE, hash=perfect_root(leaves[:256]))
    await tx.execute(_HEAD, size=SIZE, frontier=_frontier(leaves).packed())


async def test_an_emptied_commitment_is_found(db: Database, sealed_log: CheckpointFile, keyring: KeyRing) -> None:
    async def empty(tx: Tx) -> None:
        row = EntryRow(*(await store.entry_rows(tx, 8, 9))[0])
        body = {**canonical.loads(row.body), "commitment": None}
        await tx.execute(_BODY, body=canonical.dumps(body).decode(), leaf=row.leaf, seq=8)

    await db.transact(empty)

    assert_first(await _report(db, keyring, sealed_log), "ledger_entry seq 8", "does not hash")


async def test_an_edited_frontier_is_found(db: Database, sealed_log: CheckpointFile, keyring: KeyRing) -> None:
    async def edit(tx: Tx) -> None:
        await tx.execute(_HEAD, size=SIZE, frontier=b"x" * 64)

    await db.transact(edit)

    assert_first(await _report(db, keyring, sealed_log), "ledger_head id 1", "frontier is not that")


async def test_an_entry_rewritten_with_its_leaf_is_found_by_the_next_checkpoint(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    await db.transact(_rewrite, 150, nodes=True)

    report = await _report(db, keyring, None)
    assert_first(report, "ledger_checkpoint size 200", "entries 100 to 199 no longer give the root")


async def test_an_unsealed_entry_rewritten_with_its_leaf_is_found_by_the_node(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    await db.transact(_run, ["DELETE FROM ledger_checkpoint WHERE size < 320"])
    await db.transact(_rewrite, 150, nodes=False)

    assert_first(await _report(db, keyring, None), "ledger_node level 1 idx 0", "not the root")


async def _cut(tx: Tx, size: int) -> None:
    leaves = await _leaves(tx, size)
    await tx.execute(_CUT, size=size)
    await tx.execute(_CUT_CHECKPOINTS, size=size)
    await tx.execute(_HEAD, size=size, frontier=_frontier(leaves).packed())


async def test_a_tail_cut_off_with_its_checkpoints_is_found_by_the_file(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    await db.transact(_cut, 300)

    assert (await _report(db, keyring, None)).ok  # nothing inside the database can tell
    report = await _report(db, keyring, sealed_log)
    assert_first(report, "checkpoint file size 320", "covers 320 entries, the log has only 300")
    assert "ledger_checkpoint size 320: is missing, but the checkpoint file has it" in map(str, report.findings)


async def test_the_last_entry_deleted_with_the_head_adjusted_is_found_by_the_checkpoint(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    leaves = await db.read(_leaves, SIZE - 1)
    await db.transact(_run, [f"DELETE FROM ledger_entry WHERE seq = {SIZE - 1}"])

    async def adjust(tx: Tx) -> None:
        await tx.execute(_HEAD, size=SIZE - 1, frontier=_frontier(leaves).packed())

    await db.transact(adjust)

    assert_first(await _report(db, keyring, None), "ledger_checkpoint size 320", "covers 320 entries")


async def test_a_checkpoint_forged_with_another_key_is_found(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    root = await db.read(service.root, 300)
    note = sign_checkpoint(Checkpoint(ORIGIN, 300, root), Ed25519PrivateKey.generate())

    async def forge(tx: Tx) -> None:
        await tx.execute(_CHECKPOINT, root=root, note=note, size=300)

    await db.transact(forge)

    assert_first(await _report(db, keyring, None), "ledger_checkpoint size 300", "no signature of a known key")


async def test_a_checkpoint_resigned_over_a_rewritten_log_differs_from_its_copy(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    """Even whoever holds the signing key can't make the copy outside the database agree."""
    await db.transact(_rewrite, 310, nodes=True)

    async def resign(tx: Tx) -> None:
        root = _frontier(await _leaves(tx, SIZE)).root()
        note = sign_checkpoint(Checkpoint(ORIGIN, SIZE, root), keyring.signing("ledger").private)
        await tx.execute(_CHECKPOINT, root=root, note=note, size=SIZE)

    await db.transact(resign)

    assert (await _report(db, keyring, None)).ok
    report = await _report(db, keyring, sealed_log)
    assert_first(report, "checkpoint file size 320", "no longer give the root that was sealed")


async def test_a_checkpoint_file_that_was_edited_is_found(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    text = sealed_log.path.read_text("utf-8")
    sealed_log.path.write_text(text.replace("\n200\n", "\n201\n"), "utf-8")

    assert_first(await _report(db, keyring, sealed_log), "checkpoint file note 2", "invalid signature")


async def test_a_row_that_cannot_even_be_read_is_named(
    make_database_url: Callable[[str], str], keyring: KeyRing, tmp_path: Path
) -> None:
    """SQLite takes any bytes for text; the driver then refuses to hand the row out."""
    db = Database(make_database_url("sqlite"), LedgerJournal())
    await db.open()
    await db.transact(_keys, keyring)
    await db.transact(write, [an_entry(number) for number in range(20)])
    await db.transact(_run, ["UPDATE ledger_entry SET body = CAST(x'ff' AS TEXT) WHERE seq = 11"])

    report = await _report(db, keyring, None)
    await db.close()

    assert_first(report, "ledger_entry seq 11", "can't be read")


async def test_an_erased_subject_may_lack_its_key_if_the_log_says_so(
    db: Database, sealed_log: CheckpointFile, keyring: KeyRing
) -> None:
    subject = bytes([2]) * 16

    async def erase(tx: Tx) -> None:
        service.append(tx, Entry("subject.erased", "ten_a", 9, {}, subject), DEKS[subject])

    await db.transact(erase)
    await db.transact(
        _run,
        ["UPDATE subject_key SET wrapped = NULL WHERE tenant = 'ten_a' AND subject = " + _SECOND],
    )

    assert (await _report(db, keyring, sealed_log)).ok
