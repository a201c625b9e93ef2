"""Legal holds: what may be evidence is not deleted, by no schedule and by no erasure (GDPR Art. 17(3)(e)).

A hold is on a person (all her records, those to come too), on one record, or on a whole sort of records. It stands
until somebody releases it with a reason. It is looked at in the transaction that deletes, so none comes too late.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core import ids, subjects
from core.database import Reader, Tx
from core.errors import InvalidError
from core.keys import KeyRing
from core.principal import Principal
from ledger import service as ledger
from ledger.entries import Entry
from oversight.retention import store
from oversight.retention.emptying import store as emptying
from oversight.retention.errors import HoldNotFoundError, HoldReleasedError, HoldStandsError
from oversight.retention.sorts import SORTS
from oversight.retention.store import HoldRow

SCOPES: Final = {"subject": "A person", "record": "One record", "type": "All records of a sort"}
GROUNDS: Final = {
    "litigation": "A claim or a lawsuit",
    "authority": "An authority asks or investigates",
    "complaint": "A complaint that may go further",
    "investigation": "An investigation of our own",
    "restriction": "The person asked to keep it (GDPR Art. 18(1)(c))",
}
_PAGE = 500


class Reach(NamedTuple):
    """What a hold is to be on."""

    scope: str
    record_type: str | None = None
    record: str | None = None
    subject: bytes | None = None


class Standing(NamedTuple):
    """The holds that stand, to be asked about records."""

    types: dict[str, str]
    people: dict[bytes, str]
    records: dict[tuple[str, str], str]

    def on(self, sort: str, record: str, subject: bytes) -> str | None:
        """Return the hold that keeps a record, if one does."""
        return self.types.get(sort) or self.people.get(subject) or self.records.get((sort, record))


async def place(
    tx: Tx, keyring: KeyRing, by: Principal, reach: Reach, ground: str, reference: str, now: int
) -> HoldRow:
    """Hold records from now on. Raises ``InvalidError`` naming what is unknown or missing."""
    if ground not in GROUNDS:
        raise InvalidError.field("/ground", "choose one of the grounds")
    if not reference.strip():
        raise InvalidError.field("/reference", "name the matter, by its number say")
    subject = await _whose(tx, by.tenant, reach)
    row = HoldRow(
        by.tenant, ids.new("hld", now), *reach[:3], subject, ground, reference.strip(), by.id, now, -1
    )  # fmt: skip
    row = row._replace(placed_seq=await _entry(tx, keyring, by, "legal-hold.placed", row, now))
    store.add_hold(tx, row)
    return row


async def _whose(tx: Tx, tenant: str, reach: Reach) -> bytes | None:
    """Return the person whom a hold is on; nothing for a whole sort."""
    if reach.scope == "subject":
        known = None if reach.subject is None else await subjects.find(tx, tenant, reach.subject)
        if known is None or known.wrapped is None:
            raise InvalidError.field("/subject", "there are no records of this person")
        return reach.subject
    if reach.record_type not in SORTS:
        raise InvalidError.field("/record_type", f"is none of {', '.join(SORTS)}")
    if reach.scope == "type":
        return None
    found = await emptying.subject_of(tx, tenant, reach.record_type, reach.record or "")
    if reach.scope != "record" or found is None:
        raise InvalidError.field("/record", "there is no such record")
    return found


async def release(tx: Tx, keyring: KeyRing, by: Principal, hold_id: str, because: str, now: int) -> HoldRow:
    """Let records go their way again. Raises ``HoldNotFoundError``, ``HoldReleasedError``, ``InvalidError``."""
    row = await one(tx, by.tenant, hold_id)
    if row.released_at is not None:
        raise HoldReleasedError
    if not because.strip():
        raise InvalidError.field("/because", "say why the records need not be held any more")
    row = row._replace(released_by=by.id, released_at=now, released_because=because.strip())
    row = row._replace(released_seq=await _entry(tx, keyring, by, "legal-hold.released", row, now))
    await store.release(tx, row)
    return row


async def _entry(tx: Tx, keyring: KeyRing, by: Principal, kind: str, row: HoldRow, now: int) -> int:
    public = {
        "hold": row.id, "scope": row.scope, "record_type": row.record_type, "record": row.record,
        "ground": row.ground, "reference": row.reference, "because": row.released_because, "by": by.id,
        "by_role": by.role.value,
    }  # fmt: skip
    dek = None if row.subject is None else await subjects.known_key(tx, keyring, by.tenant, row.subject)
    if dek is None:
        return ledger.append(tx, Entry(kind, by.tenant, now, public))
    return ledger.append(tx, Entry(kind, by.tenant, now, public, row.subject), dek)


async def one(tx: Reader, tenant: str, hold_id: str) -> HoldRow:
    """Return a hold. Raises ``HoldNotFoundError``."""
    row = await store.hold(tx, tenant, hold_id)
    if row is None:
        raise HoldNotFoundError
    return row


async def standing(tx: Reader, tenant: str) -> Standing:
    """Return every hold that stands now."""
    found = Standing({}, {}, {})
    after = ""
    while rows := await store.holds(tx, tenant, after, _PAGE, standing=True):
        _sorted_in(found, rows)
        after = rows[-1].id
    return found


def _sorted_in(found: Standing, rows: Sequence[HoldRow]) -> None:
    for row in rows:
        if row.scope == "type" and row.record_type is not None:
            found.types.setdefault(row.record_type, row.id)
        elif row.scope == "subject" and row.subject is not None:
            found.people.setdefault(row.subject, row.id)
        elif row.record_type is not None and row.record is not None:
            found.records.setdefault((row.record_type, row.record), row.id)


async def must_not_reach(tx: Reader, tenant: str, subject: bytes) -> None:
    """Raise ``HoldStandsError`` naming the hold where one reaches a person: her key must not be destroyed."""
    row = await store.hold_reaching(tx, tenant, subject)
    if row is not None:
        raise HoldStandsError(f"The hold {row.id} ({GROUNDS[row.ground].lower()}) stands. Release it first.")
