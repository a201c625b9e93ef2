"""Entries get their numbers at once, share one lock and one write a batch, and leave no gaps."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

import pytest

from core import canonical, crypto
from core.clock import FixedClock
from core.database import Change, Database, Reader, Sql, Tx
from core.errors import ConflictError
from core.keys import KeyRing
from ledger import service, store
from ledger.checkpoints import open_checkpoint
from ledger.entries import Entry, commitment, subject_binding
from ledger.errors import EntryNotFoundError, LedgerBrokenError, NotSealedYetError
from ledger.journal import LedgerJournal
from ledger.tiles import split_bundle, split_tile
from ledger.tree import check_consistency, check_inclusion, leaf_hash
from tests.ledger.conftest import DEKS, ORIGIN, an_entry, write

pytestmark = pytest.mark.anyio
Grow = Callable[..., Awaitable[None]]
SUBJECT = bytes([1]) * 16


async def _entries(tx: Reader) -> list[int]:
    return [entry.seq for entry in await service.entries(tx, limit=1000)]


async def _run(tx: Tx, text: str) -> int:
    return await tx.execute(Sql(text))


async def test_entries_are_numbered_from_zero_at_once(db: Database) -> None:
    assert await db.transact(write, [an_entry(0), an_entry(1)]) == [0, 1]
    assert await db.transact(write, [an_entry(2)]) == [2]

    assert await db.read(_entries) == [0, 1, 2]
    assert await db.read(service.size) == 3


async def test_an_entry_is_kept_as_it_was_hashed(db: Database) -> None:
    entry = Entry("choice.given", "ten_a", 7, {"purpose": "advice"}, SUBJECT, {"reason": "ü"}, id="ent_1")
    await db.transact(write, [entry])

    row = await db.read(service.entry, "ten_a", 0)

    dek = DEKS[SUBJECT]
    assert canonical.loads(row.body) == {
        "v": 1, "id": "ent_1", "tenant": "ten_a", "kind": "choice.given", "at": 7, "seq": 0, "restrictive": False,
        "public": {"purpose": "advice"},
        "commitment": commitment(dek, "ent_1", {"reason": "ü"}),
        "subject": subject_binding(dek, "ent_1", SUBJECT),
    }  # fmt: skip
    assert row.leaf == leaf_hash(row.body.encode()) == sha256(b"\x00" + row.body.encode()).digest()
    assert "ü" not in row.body
    assert SUBJECT.hex() not in row.body


async def test_the_salt_of_a_commitment_comes_from_the_key_and_the_entry() -> None:
    dek = DEKS[SUBJECT]
    personal = {"reason": "x"}

    assert commitment(dek, "ent_1", personal) == crypto.commit(dek, "ent_1", b'{"reason":"x"}')
    assert commitment(dek, "ent_1", personal) != commitment(dek, "ent_2", personal)
    assert commitment(dek, "ent_1", personal) != commitment(b"k" * 32, "ent_1", personal)


@pytest.mark.parametrize(
    ("entry", "dek"),
    [
        (Entry("a.b", "t", 1, {}, SUBJECT), None),
        (Entry("a.b", "t", 1, {}, None, {"x": 1}), None),
        (Entry("a.b", "t", 1, {}), b"k" * 32),
        (Entry("a.b", "t", 1, {"x": "y" * 65_536}), None),
    ],
)
async def test_an_entry_that_cannot_be_is_refused_and_nothing_recorded(
    db: Database, entry: Entry, dek: bytes | None
) -> None:
    async def work(tx: Tx) -> None:
        service.append(tx, an_entry(3))
        service.append(tx, entry, dek)

    with pytest.raises(ValueError, match="entry"):
        await db.transact(work)

    assert await db.read(_entries) == []


async def test_a_failing_work_leaves_no_gap(db: Database) -> None:
    async def fail(tx: Tx) -> None:
        service.append(tx, an_entry(3))
        raise ConflictError

    results = await asyncio.gather(
        db.transact(write, [an_entry(0)]),
        db.transact(fail),
        db.transact(write, [an_entry(1), an_entry(2)]),
        return_exceptions=True,
    )

    assert results[0] == [0]
    assert isinstance(results[1], ConflictError)
    assert results[2] == [1, 2]
    assert await db.read(_entries) == [0, 1, 2]


async def test_many_writers_leave_one_gapless_tree(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    seqs = await asyncio.gather(*(db.transact(write, [an_entry(n), an_entry(n + 1)]) for n in range(150)))

    assert sorted(seq for pair in seqs for seq in pair) == list(range(300))
    sealed = await db.transact(service.seal, keyring, ORIGIN, clock.now())
    assert sealed is not None
    assert sealed.root == await db.read(service.root, 300)


async def test_commits_announce_their_entries(database_url: str) -> None:
    heard: list[Change] = []

    async def listen(changes: Sequence[Change]) -> None:
        heard.extend(changes)

    database = Database(database_url, LedgerJournal())
    database.on_commit(listen)
    await database.open()
    await database.transact(write, [an_entry(0), an_entry(3)])
    await database.close()

    assert heard == [
        Change(0, "ten_b", bytes([1]) * 16, "choice.withdrawn", True),
        Change(1, "ten_a", None, "purpose.published", False),
    ]


async def test_two_ledgers_on_one_database_share_the_numbers(db: Database, database_url: str) -> None:
    other = Database(database_url, LedgerJournal())
    await other.open()

    results = await asyncio.gather(*((db if n % 2 else other).transact(write, [an_entry(n)]) for n in range(40)))
    await other.close()

    assert sorted(seq for result in results for seq in result) == list(range(40))
    assert await db.read(_entries) == list(range(40))


async def test_a_seal_signs_what_grew_and_nothing_twice(
    db: Database, grow: Grow, keyring: KeyRing, clock: FixedClock
) -> None:
    assert await db.transact(service.seal, keyring, ORIGIN, clock.now()) is None
    await grow(10, seal=False)

    sealed = await db.transact(service.seal, keyring, ORIGIN, clock.now())

    assert sealed is not None
    assert sealed.size == 10
    assert sealed == await db.read(service.latest_checkpoint)
    stated = open_checkpoint(sealed.note, ORIGIN, service.verifiers(keyring, ORIGIN))
    assert (stated.size, stated.root) == (10, await db.read(service.root, 10))
    assert await db.transact(service.seal, keyring, ORIGIN, clock.now()) is None


async def test_a_rotated_key_goes_on_sealing(db: Database, grow: Grow, keyring: KeyRing, clock: FixedClock) -> None:
    await grow(3)
    rotated = keyring.rotated("ledger", clock.now())
    await grow(3, start=3, seal=False)

    sealed = await db.transact(service.seal, rotated, ORIGIN, clock.now())

    assert sealed is not None
    known = service.verifiers(rotated, ORIGIN)
    for checkpoint in await db.read(service.checkpoints):
        open_checkpoint(checkpoint.note, ORIGIN, known)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_entry SET leaf = (SELECT leaf FROM ledger_entry WHERE seq = 0) WHERE seq = 290",
        "UPDATE ledger_node SET hash = (SELECT leaf FROM ledger_entry WHERE seq = 0)",
        "UPDATE ledger_checkpoint SET root = (SELECT leaf FROM ledger_entry WHERE seq = 0)",
        "UPDATE ledger_checkpoint SET note = 'gone'",
        "DELETE FROM ledger_entry WHERE seq >= 250",
    ],
)
async def test_a_log_that_was_rewritten_underneath_is_not_sealed(
    db: Database, grow: Grow, keyring: KeyRing, clock: FixedClock, damage: str
) -> None:
    await grow(300)
    await db.transact(_run, damage)
    await db.transact(write, [an_entry(300)])

    with pytest.raises(LedgerBrokenError):
        await db.transact(service.seal, keyring, ORIGIN, clock.now())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_head SET size = 7",
        "UPDATE ledger_head SET frontier = (SELECT leaf FROM ledger_entry WHERE seq = 0)",
    ],
)
async def test_nothing_is_recorded_under_a_head_that_is_none(db: Database, grow: Grow, damage: str) -> None:
    await grow(3)
    await db.transact(_run, damage)

    with pytest.raises(LedgerBrokenError):
        await db.transact(write, [an_entry(4)])


async def test_proofs_from_the_store_hold(db: Database, grow: Grow) -> None:
    await grow(300)
    await grow(350, start=300)
    size = 650
    root = await db.read(service.root, size)
    for seq in (0, 1, 255, 256, 511, 512, 649):
        row = (await db.read(service.entries, seq - 1, 1))[0]
        check_inclusion(seq, size, row.leaf, await db.read(service.inclusion, seq, size), root)
    for first in (1, 255, 256, 300, 512, 649, 650):
        proof = await db.read(service.consistency, first, size)
        check_consistency(first, size, proof, await db.read(service.root, first), root)


async def test_an_entry_is_proved_against_the_newest_checkpoint(db: Database, grow: Grow, keyring: KeyRing) -> None:
    await grow(5)
    await grow(1, start=5, seal=False)

    proof = await db.read(service.prove, "ten_a", 3)
    checkpoint = open_checkpoint(proof.checkpoint, ORIGIN, service.verifiers(keyring, ORIGIN))

    check_inclusion(3, checkpoint.size, leaf_hash(proof.entry.encode()), proof.hashes, checkpoint.root)
    with pytest.raises(NotSealedYetError):
        await db.read(service.prove, "ten_a", 5)
    with pytest.raises(EntryNotFoundError):
        await db.read(service.prove, "ten_other", 3)


async def test_what_is_not_in_the_log_is_not_found(db: Database, grow: Grow) -> None:
    await grow(3)
    for seq, size in ((3, 3), (-1, 3), (0, 4)):
        with pytest.raises(EntryNotFoundError):
            await db.read(service.inclusion, seq, size)
    for first, second in ((0, 3), (3, 4), (3, 2)):
        with pytest.raises(EntryNotFoundError):
            await db.read(service.consistency, first, second)
    with pytest.raises(EntryNotFoundError):
        await db.read(service.root, 4)
    with pytest.raises(EntryNotFoundError):
        await db.read(service.tile, 0, 0, 4)


async def test_tiles_are_those_of_the_sealed_tree(db: Database, grow: Grow) -> None:
    await grow(520)

    leaves = [row.leaf for row in await db.read(service.entries, -1, 1000)]
    assert split_tile(await db.read(service.tile, 0, 1)) == leaves[256:512]
    assert split_tile(await db.read(service.tile, 0, 2, 8)) == leaves[512:520]
    assert len(split_tile(await db.read(service.tile, 1, 0, 2))) == 2
    bodies = split_bundle(await db.read(service.entry_bundle, 2, 8))
    assert [leaf_hash(body) for body in bodies] == leaves[512:520]


async def test_entries_are_read_by_tenant_and_subject(db: Database, grow: Grow) -> None:
    await grow(40)

    ours = await db.read(service.entries, -1, 100, "ten_b")
    theirs = await db.read(service.entries, -1, 100, "ten_b", bytes([1]) * 16)

    assert [e.seq for e in ours] == [0, 14, 21, 28]
    assert {e.subject for e in theirs} == {bytes([1]) * 16}
    assert await db.read(store.entry, "ten_b", 1) is None
