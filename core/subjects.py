"""Subjects' data keys: made at the first record, used for everything personal, destroyed by erasure (GDPR Art. 17).

A subject's row in ``subject_key`` holds its wrapped key. Erasure empties it, deletes the sealed identifier and notes
the ledger sequence at which it happened; what was sealed before can never be opened again, and what was recorded
before counts as unknown. People may come back: a new choice gets a fresh key in the same row, and the noted
sequence keeps the two lives apart.
"""

from typing import NamedTuple

from core import crypto
from core.database import Insert, Loader, Reader, Sql, Tx
from core.database.many import Many
from core.keys import KeyRing
from core.principal import Subject
from core.tables import Identifier, SubjectKey

KNOWN_SPACE = "customer"
Key = tuple[str, bytes]  # tenant, pseudonym


class StoredKey(NamedTuple):
    """What is stored of one subject's key; ``wrapped`` is empty after erasure; instants in microseconds."""

    space: str
    kek_id: str
    wrapped: bytes | None
    created_at: int
    erased_at: int | None
    erased_seq: int | None


_COLUMNS = "k.tenant, k.subject, k.space, k.kek_id, k.wrapped, k.created_at, k.erased_at, k.erased_seq"
_SEVERAL = Many(
    f"SELECT {_COLUMNS} FROM subject_key k WHERE k.tenant = :tenant AND k.subject IN (:subjects*)",  # noqa: S608 -- our own column list
    "subjects",
)
_MANY = Sql(
    f"SELECT {_COLUMNS} FROM unnest(:tenants::text[], :subjects::bytea[]) AS asked(tenant, subject)"  # noqa: S608 -- our own column list
    " JOIN subject_key k ON k.tenant = asked.tenant AND k.subject = asked.subject"
)
_ERASE = Sql(
    "UPDATE subject_key SET wrapped = NULL, erased_at = :at, erased_seq = :seq"
    " WHERE tenant = :tenant AND subject = :subject AND wrapped IS NOT NULL"
)
_FORGET = Sql("DELETE FROM identifier WHERE tenant = :tenant AND subject = :subject")
_SEALED = Sql("SELECT sealed FROM identifier WHERE tenant = :tenant AND subject = :subject")
_NEW_KEY = Insert(SubjectKey)
_NEXT_LIFE = Insert(SubjectKey, key=("tenant", "subject"), replace=True)
_IDENTIFIER = Insert(Identifier)


async def _fetch(tx: Reader, keys: list[Key]) -> dict[Key, StoredKey | None]:
    """HOT PATH, budget 4 us a key on SQLite. Read many subjects' keys; one statement on PostgreSQL."""
    if tx.dialect == "postgresql":
        rows = await tx.rows(_MANY, tenants=[key[0] for key in keys], subjects=[key[1] for key in keys])
    else:
        rows = [
            row
            for tenant in {key[0] for key in keys}
            for sql, values in _SEVERAL.of([key[1] for key in keys if key[0] == tenant])
            for row in await tx.rows(sql, tenant=tenant, **values)
        ]
    return {(row[0], row[1]): StoredKey(*row[2:]) for row in rows}


KEYS: Loader[Key, StoredKey | None] = Loader(_fetch, None)


def identifier_place(tenant: str, pseudonym: bytes) -> str:
    """Return the place a sealed identifier is bound to."""
    return f"{tenant}|{pseudonym.hex()}|identifier|sealed"


async def ensure(tx: Tx, keyring: KeyRing, tenant: str, subject: Subject, now: int) -> bytes:
    """HOT PATH, budget 5 us for a known subject. Return the subject's data key, making it at the first record."""
    place = (tenant, subject.pseudonym)
    stored = await tx.load(KEYS, place)
    if stored is not None and stored.wrapped is not None:
        return crypto.unwrap(keyring.kek_by_id(stored.kek_id), stored.wrapped)
    dek = crypto.new_data_key()
    erased = (None, None) if stored is None else (stored.erased_at, stored.erased_seq)
    fresh = StoredKey(subject.space, keyring.kek_id, crypto.wrap(keyring.kek, dek), now, *erased)
    tx.insert(_NEW_KEY if stored is None else _NEXT_LIFE, (*place, *fresh))
    tx.remember(KEYS, place, fresh)
    if subject.space == KNOWN_SPACE:
        sealed = crypto.seal(dek, subject.reference.encode(), identifier_place(*place))
        tx.insert(_IDENTIFIER, (*place, sealed))
    return dek


async def known_key(tx: Tx, keyring: KeyRing, tenant: str, pseudonym: bytes) -> bytes | None:
    """Return the data key of a subject there are records of; nothing if there are none, or all were erased."""
    stored = await tx.load(KEYS, (tenant, pseudonym))
    if stored is None or stored.wrapped is None:
        return None
    return crypto.unwrap(keyring.kek_by_id(stored.kek_id), stored.wrapped)


async def find(tx: Reader, tenant: str, pseudonym: bytes) -> StoredKey | None:
    """Return what is stored of a subject's key, or nothing if the subject never had one."""
    return (await _fetch(tx, [(tenant, pseudonym)])).get((tenant, pseudonym))


async def data_key(tx: Reader, keyring: KeyRing, tenant: str, pseudonym: bytes) -> bytes | None:
    """Return a subject's data key for reading; nothing if the subject is unknown or erased."""
    stored = await find(tx, tenant, pseudonym)
    if stored is None or stored.wrapped is None:
        return None
    return crypto.unwrap(keyring.kek_by_id(stored.kek_id), stored.wrapped)


async def reference(tx: Reader, keyring: KeyRing, tenant: str, pseudonym: bytes) -> str | None:
    """Return a known subject's reference in the tenant's own words; nothing for devices and erased subjects."""
    dek = await data_key(tx, keyring, tenant, pseudonym)
    row = await tx.row(_SEALED, tenant=tenant, subject=pseudonym)
    if dek is None or row is None:
        return None
    return crypto.unseal(dek, row[0], identifier_place(tenant, pseudonym)).decode()


async def erase(tx: Tx, tenant: str, pseudonym: bytes, seq: int, now: int) -> bool:
    """Destroy a subject's key and identifier; ``seq`` is the ledger entry's. Tells whether there was a key."""
    destroyed = await tx.execute(_ERASE, tenant=tenant, subject=pseudonym, seq=seq, at=now)
    await tx.execute(_FORGET, tenant=tenant, subject=pseudonym)
    return destroyed > 0
