"""Every statement on choices and receipts. What is read here is weighed elsewhere (``consent.gate``)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from consent.cache import StateRow
from consent.lifecycle import NO
from consent.tables import ChoiceEvent, ChoiceState, Receipt
from core import canonical
from core.database import Database, Insert, Loader, Reader, Sql, Tx
from core.database.many import Many
from core.database.sqlite import SqliteStore

_END_OF_TIME = (1 << 63) - 1


class Present(NamedTuple):
    """HOT. One row of ``choice_state``, in the table's order without subject and tenant; instants in microseconds."""

    purpose: str
    system: str
    state: str
    explicit: bool
    actor: str
    gpc: bool
    choice: str
    seq: int
    purpose_version: int
    notice_version: str | None
    recorded_at: int
    valid_until: int | None
    ask_after: int | None
    receipt: str | None


class Happened(NamedTuple):
    """One row of ``choice_event``, in the table's order."""

    seq: int
    id: str
    tenant: str
    subject: bytes
    purpose: str
    purpose_version: int
    system: str
    state: str
    explicit: bool
    actor: str
    actor_ref: str | None
    method: str
    channel: str
    site: str | None
    notice_version: str | None
    notice_hash: str | None
    locale: str | None
    jurisdiction: str | None
    gpc: bool
    occurred_at: int
    recorded_at: int
    valid_until: int | None
    receipt: str | None
    sealed: bytes | None


Person = tuple[str, bytes]  # tenant, pseudonym
INSERT_EVENT = Insert(ChoiceEvent)
UPSERT_STATE = Insert(ChoiceState, key=("subject", "tenant", "purpose", "system"), replace=True)
INSERT_RECEIPT = Insert(Receipt)
_EVENT = ", ".join(f"e.{name}" for name in Happened._fields)
_PRESENT = ", ".join(f"c.{name}" for name in Present._fields)
_GATE = (
    "c.purpose, c.system, c.state, c.explicit, c.purpose_version, c.notice_version, c.choice, c.valid_until, c.subject"
)
_OF_SEVERAL = Many(
    f"SELECT {_PRESENT}, c.subject, c.tenant FROM choice_state c"  # noqa: S608 -- our own column list
    " WHERE c.subject IN (:subjects*) AND c.tenant = :tenant",
    "subjects",
)
_OF_MANY = Sql(
    f"SELECT {_PRESENT}, c.subject, c.tenant FROM unnest(:subjects::bytea[], :tenants::text[])"  # noqa: S608 -- our own column list
    " AS asked(subject, tenant) JOIN choice_state c ON c.subject = asked.subject AND c.tenant = asked.tenant"
)
_GATE_ONE = Sql(f"SELECT {_GATE} FROM choice_state c WHERE c.subject = :subject AND c.tenant = :tenant")  # noqa: S608 -- our own column list
_GATE_ONE_TEXT = _GATE_ONE.prepared("sqlite").text
_GATE_MANY = Sql(
    f"SELECT {_GATE} FROM choice_state c WHERE c.subject = ANY(:subjects::bytea[]) AND c.tenant = :tenant"  # noqa: S608 -- our own column list
)
# what was recorded before the subject's last erasure counts as unknown
# "+e.seq" keeps SQLite from walking a tenant's whole past by number where the person's own index is short
_ERASED_SEQ = (
    "(SELECT coalesce(max(k.erased_seq), -1) FROM subject_key k WHERE k.tenant = :tenant AND k.subject = :subject)"
)
_ALIVE = f"+e.seq > {_ERASED_SEQ}"
# of an erased life the last word on each place, whenever it was said: a no among them holds for all of its past
_AT = Sql(
    f"SELECT {_EVENT}, {_ERASED_SEQ} FROM choice_event e WHERE e.seq IN (SELECT max(e.seq) FROM choice_event e"  # noqa: S608 -- our own column list
    f" WHERE e.subject = :subject AND e.tenant = :tenant AND (e.recorded_at <= :at OR NOT ({_ALIVE}))"
    " GROUP BY e.purpose, e.system)"
)
_HISTORY = Sql(
    f"SELECT {_EVENT} FROM choice_event e WHERE e.subject = :subject AND e.tenant = :tenant AND +e.seq < :before"  # noqa: S608 -- our own column list
    f" AND {_ALIVE} ORDER BY +e.seq DESC LIMIT :limit"
)
_EVENTS_BETWEEN = Sql(f"SELECT {_EVENT} FROM choice_event e WHERE e.seq >= :start AND e.seq < :end ORDER BY e.seq")  # noqa: S608 -- our own column list
_EVENTS_OF = Sql(
    f"SELECT {_EVENT} FROM choice_event e WHERE e.seq IN (SELECT value FROM json_each(:seqs))",  # noqa: S608 -- our own column list
    postgresql=f"SELECT {_EVENT} FROM choice_event e WHERE e.seq IN"  # noqa: S608 -- our own column list
    " (SELECT value::bigint FROM json_array_elements_text(:seqs::json))",
)
_EVENTS_OF_PEOPLE = Many(
    f"SELECT {_EVENT} FROM choice_event e WHERE e.subject IN (:subjects*) AND e.tenant = :tenant",  # noqa: S608 -- our own column list
    "subjects",
)
_STATES_AFTER = Sql(
    f"SELECT {_PRESENT}, c.subject, c.tenant FROM choice_state c"  # noqa: S608 -- our own column list
    " WHERE (c.subject, c.tenant, c.purpose, c.system) > (:subject, :tenant, :purpose, :system)"
    " ORDER BY c.subject, c.tenant, c.purpose, c.system LIMIT :limit"
)
_DUE = Sql(
    "SELECT c.tenant, c.subject, k.space, c.purpose, c.system, c.valid_until FROM choice_state c"
    " JOIN subject_key k ON k.tenant = c.tenant AND k.subject = c.subject"
    " WHERE c.valid_until <= :at AND c.state IN ('given', 'explicitly_given', 'renewed')"
    " ORDER BY c.valid_until LIMIT :limit"
)
_RECEIPT = "r.id, r.tenant, r.subject, r.kind, r.first_seq, r.last_seq, r.supersedes, r.issued_at, r.jws"
_ONE_RECEIPT = Sql(f"SELECT {_RECEIPT} FROM receipt r WHERE r.id = :id")  # noqa: S608 -- our own column list
_RECEIPTS = Sql(
    f"SELECT {_RECEIPT} FROM receipt r WHERE r.subject = :subject AND r.tenant = :tenant AND r.last_seq < :before"  # noqa: S608 -- our own column list
    " AND r.last_seq > (SELECT coalesce(max(k.erased_seq), -1) FROM subject_key k"
    " WHERE k.tenant = :tenant AND k.subject = :subject) ORDER BY r.last_seq DESC LIMIT :limit"
)
_REFUSING = ", ".join(f"'{state}'" for state in sorted(NO))
_FORGET_OTHERS = Sql(
    f"DELETE FROM choice_state WHERE subject = :subject AND tenant = :tenant AND state NOT IN ({_REFUSING})"  # noqa: S608 -- our own states
)
_BARE_REFUSALS = Sql(
    "UPDATE choice_state SET gpc = FALSE, notice_version = NULL, receipt = NULL"
    " WHERE subject = :subject AND tenant = :tenant"
)


def _present(row: Sequence[Any]) -> Present:
    return Present(row[0], row[1], row[2], bool(row[3]), row[4], bool(row[5]), *row[6:14])


def _happened(row: Sequence[Any]) -> Happened:
    return Happened._make(row)._replace(explicit=bool(row[8]), gpc=bool(row[18]))


def _state_row(row: Sequence[Any]) -> StateRow:
    return StateRow(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6], row[7])


async def _fetch_present(tx: Reader, people: list[Person]) -> dict[Person, tuple[Present, ...]]:
    """HOT PATH, budget 4 us a person on SQLite. Read many people's current rows; one statement on PostgreSQL."""
    if tx.dialect == "postgresql":
        rows = await tx.rows(_OF_MANY, subjects=[p[1] for p in people], tenants=[p[0] for p in people])
    else:
        rows = [
            row
            for tenant in {p[0] for p in people}
            for sql, values in _OF_SEVERAL.of([p[1] for p in people if p[0] == tenant])
            for row in await tx.rows(sql, tenant=tenant, **values)
        ]
    found: dict[Person, list[Present]] = {}
    for row in rows:
        found.setdefault((row[15], row[14]), []).append(_present(row))
    return {person: tuple(rows) for person, rows in found.items()}


PRESENT: Loader[Person, tuple[Present, ...]] = Loader(_fetch_present, ())


async def present(tx: Reader, tenant: str, subject: bytes) -> tuple[Present, ...]:
    """Return a person's current rows."""
    return (await _fetch_present(tx, [(tenant, subject)])).get((tenant, subject), ())


def states_here(db: Database, tenant: str, subject: bytes) -> Sequence[StateRow] | None:
    """HOT PATH, budget 4 us. Return a person's current rows at once on SQLite; on PostgreSQL there is no "at once"."""
    if not isinstance(db.store, SqliteStore):
        return None
    rows = db.store.peek(_GATE_ONE_TEXT, (subject, tenant))
    return [_state_row(row) for row in rows] if rows else ()


async def states_of_many(db: Database, tenant: str, subjects: Sequence[bytes]) -> dict[bytes, list[StateRow]]:
    """HOT PATH, budget 3 us a person on SQLite. Return people's current rows as the gate takes them."""
    found: dict[bytes, list[StateRow]] = {}
    if db.dialect == "postgresql":
        for row in await db.fetch(_GATE_MANY, subjects=list(subjects), tenant=tenant):
            found.setdefault(row[8], []).append(_state_row(row))
        return found
    for subject in subjects:
        rows = await db.fetch(_GATE_ONE, subject=subject, tenant=tenant)
        if rows:
            found[subject] = [_state_row(row) for row in rows]
    return found


async def events_at(tx: Reader, tenant: str, subject: bytes, at: int) -> list[Happened]:
    """Return the latest event of each of a person's choices recorded by the instant ``at``.

    Of a life that was erased there are the suppressions alone, and they hold for every instant of it.
    """
    found = []
    for *columns, erased_seq in await tx.rows(_AT, tenant=tenant, subject=subject, at=at):
        event = _happened(columns)
        if event.seq > erased_seq:
            found.append(event)
        elif event.state in NO:
            found.append(suppression(event))
    return found


def suppression(refusal: Happened) -> Happened:
    """Return what remains of a no once the person was erased: that it was said, of what, by whom and when."""
    return refusal._replace(gpc=False, notice_version=None, notice_hash=None, receipt=None, sealed=None)


async def states_at(tx: Reader, tenant: str, subject: bytes, at: int) -> list[StateRow]:
    """Return a person's rows as the gate took them at the past instant ``at``."""
    return [
        StateRow(e.purpose, e.system, e.state, e.explicit, e.purpose_version, e.notice_version, e.id, e.valid_until)
        for e in await events_at(tx, tenant, subject, at)
    ]


async def history(tx: Reader, tenant: str, subject: bytes, before: int | None, limit: int) -> list[Happened]:
    """Return a person's events, newest first, with a seq lower than ``before``."""
    start = _END_OF_TIME if before is None else before
    rows = await tx.rows(_HISTORY, tenant=tenant, subject=subject, before=start, limit=limit)
    return [_happened(row) for row in rows]


async def events_between(tx: Reader, start: int, end: int) -> list[Happened]:
    """Return the events of all tenants with a seq from ``start`` to before ``end``, in order."""
    return [_happened(row) for row in await tx.rows(_EVENTS_BETWEEN, start=start, end=end)]


async def events_of(tx: Reader, seqs: Sequence[int]) -> list[Happened]:
    """Return the events with these numbers, as far as there are any."""
    return [_happened(row) for row in await tx.rows(_EVENTS_OF, seqs=canonical.dumps(list(seqs)).decode())]


async def events_of_people(tx: Reader, tenant: str, subjects: Sequence[bytes]) -> list[Happened]:
    """Return every event of some people, in the order in which they happened."""
    rows = [
        row for sql, values in _EVENTS_OF_PEOPLE.of(subjects) for row in await tx.rows(sql, tenant=tenant, **values)
    ]
    return sorted(map(_happened, rows), key=lambda event: event.seq)


StatePlace = tuple[bytes, str, str, str]  # subject, tenant, purpose, system


async def states_after(tx: Reader, after: StatePlace | None, limit: int) -> list[tuple[Person, Present]]:
    """Return everybody's current rows in the order of their key, with whose each is."""
    subject, tenant, purpose, system = after or (b"", "", "", "")
    rows = await tx.rows(_STATES_AFTER, subject=subject, tenant=tenant, purpose=purpose, system=system, limit=limit)
    return [((row[15], row[14]), _present(row)) for row in rows]


class ReceiptRow(NamedTuple):
    """One row of ``receipt``, in the table's order."""

    id: str
    tenant: str
    subject: bytes
    kind: str
    first_seq: int
    last_seq: int
    supersedes: str
    issued_at: int
    jws: str


async def receipt(tx: Reader, receipt_id: str) -> ReceiptRow | None:
    """Return a receipt of any tenant: its id alone opens it."""
    row = await tx.row(_ONE_RECEIPT, id=receipt_id)
    return None if row is None else ReceiptRow(*row)


async def receipts(tx: Reader, tenant: str, subject: bytes, before: int | None, limit: int) -> list[ReceiptRow]:
    """Return a person's receipts, newest first, whose last entry is lower than ``before``."""
    start = _END_OF_TIME if before is None else before
    rows = await tx.rows(_RECEIPTS, tenant=tenant, subject=subject, before=start, limit=limit)
    return [ReceiptRow(*row) for row in rows]


class Due(NamedTuple):
    """A consent whose time has come."""

    tenant: str
    subject: bytes
    space: str
    purpose: str
    system: str
    valid_until: int


async def due(tx: Reader, at: int, limit: int) -> list[Due]:
    """Return consents that ended by the instant ``at`` and still stand as a yes."""
    return [Due(*row) for row in await tx.rows(_DUE, at=at, limit=limit)]


async def forget_all_but_refusals(tx: Tx, tenant: str, subject: bytes) -> int:
    """Delete an erased person's current rows but for each no, bared to a suppression; return how many stay."""
    await tx.execute(_FORGET_OTHERS, tenant=tenant, subject=subject)
    return await tx.execute(_BARE_REFUSALS, tenant=tenant, subject=subject)


def write_state(tx: Tx, person: Person, before: Iterable[Present], changed: Sequence[Present]) -> None:
    """HOT PATH, budget 2 us a row. Replace current rows, and let later works of the batch see them."""
    tenant, subject = person
    rows = {(row.purpose, row.system): row for row in before}
    for row in changed:
        rows[row.purpose, row.system] = row
        tx.insert(UPSERT_STATE, (subject, tenant, *row))
    tx.remember(PRESENT, person, tuple(rows.values()))


# what a list of everybody's choices may be narrowed by; every name is a column of ours
NARROWING = frozenset(("purpose", "system", "state", "actor", "method", "channel", "site", "notice_version", "locale"))
_FIRST_FROM = Sql("SELECT seq, recorded_at FROM choice_event WHERE seq >= :seq ORDER BY seq LIMIT 1")
_NEWEST = Sql("SELECT coalesce(max(seq), -1) FROM choice_event")


@cache
def _narrowed(names: frozenset[str], *, counted: bool) -> Sql:
    """Return the statement for a list or a count narrowed by these columns; ``states`` stands for several states."""
    wheres = ["e.seq < :before", "e.seq >= :start", "e.tenant = :tenant"]
    wheres += [f"e.{name} = :{name}" for name in sorted(names & NARROWING)]
    if "subject" in names:
        wheres.append("e.subject = :subject")
    if "no" in names:
        wheres.append(f"e.state IN ({_REFUSING})")
    what = "count(*)" if counted else _EVENT
    order = "" if counted else " ORDER BY e.seq DESC LIMIT :limit"
    return Sql(f"SELECT {what} FROM choice_event e WHERE {' AND '.join(wheres)}{order}")  # noqa: S608 -- our own columns


async def listed_events(
    tx: Reader, tenant: str, narrowing: Mapping[str, Any], start: int, before: int, limit: int
) -> list[Happened]:
    """Return a tenant's events with a seq from ``start`` to below ``before``, newest first, narrowed by columns."""
    sql = _narrowed(frozenset(narrowing), counted=False)
    rows = await tx.rows(sql, tenant=tenant, start=start, before=before, limit=limit, **narrowing)
    return [_happened(row) for row in rows]


async def counted_events(tx: Reader, tenant: str, narrowing: Mapping[str, Any], start: int, before: int) -> int:
    """Return how many events ``listed_events`` would list without a limit."""
    sql = _narrowed(frozenset(narrowing), counted=True)
    row = await tx.row(sql, tenant=tenant, start=start, before=before, **narrowing)
    return 0 if row is None else int(row[0])


async def newest_seq(tx: Reader) -> int:
    """Return the seq of the newest event of all tenants, -1 before the first."""
    row = await tx.row(_NEWEST)
    return -1 if row is None else int(row[0])


async def seq_after(tx: Reader, at: int) -> int:
    """Return the first seq recorded after an instant, by halving: numbers and times grow together."""
    low, high = 0, await newest_seq(tx) + 1
    while low < high:
        middle = (low + high) // 2
        row = await tx.row(_FIRST_FROM, seq=middle)
        if row is None or row[1] > at:
            high = middle
        else:
            low = row[0] + 1
    return low


_ENDING = Sql(
    "SELECT count(*) FROM (SELECT 1 AS one FROM choice_state c WHERE c.valid_until > :now AND c.valid_until <= :until"
    " AND c.tenant = :tenant AND c.state IN ('given', 'explicitly_given', 'renewed') LIMIT :most) AS ending"
)


async def ending(tx: Reader, tenant: str, now: int, until: int, most: int) -> int:
    """Return how many consents end between two instants, ``most`` at most."""
    row = await tx.row(_ENDING, tenant=tenant, now=now, until=until, most=most)
    return 0 if row is None else int(row[0])
