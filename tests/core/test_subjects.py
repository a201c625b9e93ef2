"""Subjects' data keys: one for each subject, sealed identifiers, and erasure that nothing undoes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from core import crypto, subjects
from core.database import Database, NoJournal, Sql, Tx
from core.keys import KeyRing
from core.principal import Subject

pytestmark = pytest.mark.anyio

_ROWS = Sql("SELECT count(*) FROM subject_key")


def make_subject(keyring: KeyRing, reference: str = "customer-1", space: str = "customer") -> Subject:
    return Subject(space, reference, crypto.pseudonym(keyring.pepper, "t", space, reference))


async def ensured(db: Database, keyring: KeyRing, subject: Subject, at: int = 1) -> bytes:
    prefetch = ((subjects.KEYS, ("t", subject.pseudonym)),)
    return await db.transact_prefetched(prefetch, subjects.ensure, keyring, "t", subject, at)


async def test_a_subject_gets_one_key_however_many_ask_at_once(db: Database, keyring: KeyRing) -> None:
    subject = make_subject(keyring)

    keys = await asyncio.gather(*(ensured(db, keyring, subject) for _ in range(20)))

    assert len(set(keys)) == 1
    assert await ensured(db, keyring, subject) == keys[0]
    row = await db.read(lambda tx: tx.row(_ROWS))
    assert row is not None
    assert row[0] == 1


async def test_the_reference_of_a_customer_is_sealed_and_that_of_a_device_is_not_kept(
    db: Database, keyring: KeyRing
) -> None:
    customer, device = make_subject(keyring), make_subject(keyring, "d" * 32, "device")
    await ensured(db, keyring, customer)
    await ensured(db, keyring, device)

    assert await db.read(subjects.reference, keyring, "t", customer.pseudonym) == "customer-1"
    assert await db.read(subjects.reference, keyring, "t", device.pseudonym) is None


async def test_erasure_destroys_the_key_and_the_next_life_has_another(db: Database, keyring: KeyRing) -> None:
    subject = make_subject(keyring)
    first = await ensured(db, keyring, subject)

    async def erase(tx: Tx) -> bool:
        return await subjects.erase(tx, "t", subject.pseudonym, 7, 5)

    assert await db.transact(erase)
    assert not await db.transact(erase)
    assert await db.read(subjects.data_key, keyring, "t", subject.pseudonym) is None
    assert await db.read(subjects.reference, keyring, "t", subject.pseudonym) is None

    assert await ensured(db, keyring, subject, at=9) != first
    stored = await db.read(subjects.find, "t", subject.pseudonym)
    assert stored is not None
    assert (stored.erased_at, stored.erased_seq, stored.created_at) == (5, 7, 9)


async def test_a_key_survives_a_new_key_encryption_key(db: Database, keyring: KeyRing) -> None:
    subject = make_subject(keyring)
    dek = await ensured(db, keyring, subject)

    assert await ensured(db, keyring.with_new_kek(), subject) == dek


@pytest.fixture
def sqlite_url(make_database_url: Callable[[str], str]) -> str:
    """The URL of a migrated, empty SQLite file."""
    return make_database_url("sqlite")


async def test_an_erased_key_stays_in_no_free_page_of_the_file(sqlite_url: str, keyring: KeyRing) -> None:
    db = Database(sqlite_url, NoJournal())
    await db.open()
    subject = make_subject(keyring)
    await ensured(db, keyring, subject)
    stored = await db.read(subjects.find, "t", subject.pseudonym)
    sealed = (await db.fetch(Sql("SELECT sealed FROM identifier")))[0][0]
    assert stored is not None
    assert stored.wrapped is not None
    await db.transact(subjects.erase, "t", subject.pseudonym, 7, 5)
    await db.close()

    kept = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    assert subject.pseudonym in kept
    assert stored.wrapped not in kept
    assert sealed not in kept
