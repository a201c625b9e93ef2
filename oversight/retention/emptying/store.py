"""Every statement that looks for records to delete from, reads what stands there, and empties it.

Rows stay, their content goes: what a row says in public is in the ledger for good and goes on being compared with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.database import Reader, Sql, Tx
from core.database.many import Many


class Candidate(NamedTuple):
    """A record: from when its period counts (nothing while it is open), and whether anything is there to delete."""

    id: str
    tenant: str
    subject: bytes
    at: int | None
    kept: bool


class Part(NamedTuple):
    """Something sealed that stands in a record, by a name that tells it from the others."""

    record: str
    name: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _Emptied:
    """How a sort is looked through, what is read of a record, and what empties it."""

    page: Sql
    parts: tuple[Many, ...]
    empty: tuple[Many, ...]


def _page(table: str, at: str, kept: str) -> Sql:
    return Sql(
        f"SELECT x.id, x.tenant, x.subject, {at}, {kept} FROM {table} x"  # noqa: S608 -- our own words; values are parameters
        " WHERE x.id > :after AND x.id < :before ORDER BY x.id LIMIT :most"
    )


def _whole(table: str) -> _Emptied:
    """Return how rows with one sealed column are emptied: it may not be null, so nothing stands there."""
    return _Emptied(
        _page(table, "x.recorded_at", "length(x.sealed) > 0"),
        (Many(f"SELECT id, 'sealed', sealed FROM {table} WHERE id IN (:ids*)", "ids"),),  # noqa: S608 -- see above
        (Many(f"UPDATE {table} SET sealed = :nothing WHERE id IN (:ids*)", "ids"),),  # noqa: S608 -- see above
    )


def _parts(table: str, owner: str, name: str, column: str = "sealed") -> Many:
    text = f"SELECT {owner}, {name}, {column} FROM {table} WHERE {owner} IN (:ids*) AND {column} IS NOT NULL"  # noqa: S608 -- see above
    return Many(text, "ids")


def _emptied(table: str, owner: str, column: str = "sealed") -> Many:
    return Many(f"UPDATE {table} SET {column} = NULL WHERE {owner} IN (:ids*)", "ids")  # noqa: S608 -- see above


def _has(table: str, owner: str) -> str:
    return f"EXISTS (SELECT 1 FROM {table} y WHERE y.{owner} = x.id AND y.sealed IS NOT NULL)"  # noqa: S608 -- see above


_SEQ = "'event ' || CAST(seq AS TEXT)"
_EVENT, _PAPER, _SECRET = (f"explanation_request_{name}" for name in ("event", "paper", "secret"))
_HOW: Final[dict[str, _Emptied]] = {
    "decision": _whole("decision"),
    "explanation": _whole("explanation"),
    "explanation-request": _Emptied(
        _page(
            "explanation_request",
            "CASE WHEN x.state = 'closed' THEN x.updated_at END",
            f"x.sealed IS NOT NULL OR {_has(_EVENT, 'request')} OR {_has(_PAPER, 'request')}",
        ),
        (
            _parts("explanation_request", "id", "'intake'"),
            _parts(_EVENT, "request", _SEQ),
            _parts(_PAPER, "request", "id"),
        ),
        (
            _emptied("explanation_request", "id"),
            _emptied(_EVENT, "request"),
            _emptied(_PAPER, "request"),
            Many(f"DELETE FROM {_SECRET} WHERE request IN (:ids*)", "ids"),  # noqa: S608 -- see above
        ),
    ),
    "handoff": _Emptied(
        _page(
            "handoff",
            "CASE WHEN x.state IN ('resolved', 'cancelled') THEN x.ended_at END",
            f"x.pack IS NOT NULL OR {_has('handoff_event', 'handoff')}",
        ),
        (_parts("handoff", "id", "'pack'", "pack"), _parts("handoff_event", "handoff", _SEQ)),
        (_emptied("handoff", "id", "pack"), _emptied("handoff_event", "handoff")),
    ),
    "conversation": _Emptied(
        _page("conversation", "x.last_at", _has("conversation_turn", "conversation")),
        (_parts("conversation_turn", "conversation", _SEQ),),
        (_emptied("conversation_turn", "conversation"),),
    ),
}
_SUBJECT: Final = {
    sort: Sql(f"SELECT subject FROM {sort.replace('-', '_')} WHERE id = :id AND tenant = :tenant")  # noqa: S608 -- see above
    for sort in _HOW
}
_UNCOVERED: Final = {
    sort: Sql(
        f"SELECT x.id, x.seq FROM {sort} x WHERE length(x.sealed) = 0 AND NOT EXISTS (SELECT 1 FROM deleted_record d"  # noqa: S608 -- see above
        " WHERE d.tenant = x.tenant AND d.record_type = :sort AND d.record = x.id) ORDER BY x.seq LIMIT :most"
    )
    for sort in ("decision", "explanation")
}


async def page(tx: Reader, sort: str, after: str, before: str, most: int) -> list[Candidate]:
    """Return records of all tenants by id, between two ids: the caller takes what is his and due."""
    rows = await tx.rows(_HOW[sort].page, after=after, before=before, most=most)
    return [Candidate(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]


async def parts(tx: Reader, sort: str, ids: Sequence[str]) -> list[Part]:
    """Return everything sealed that stands in records."""
    found = []
    for many in _HOW[sort].parts:
        for sql, values in many.of(ids):
            found += [Part(*row) for row in await tx.rows(sql, **values)]
    return found


async def empty(tx: Tx, sort: str, ids: Sequence[str]) -> None:
    """Delete the content of records, and the links that open them."""
    for many in _HOW[sort].empty:
        for sql, values in many.of(ids):
            nothing: Mapping[str, bytes] = {"nothing": b""}
            await tx.execute(sql, **nothing, **values)


async def subject_of(tx: Reader, tenant: str, sort: str, record: str) -> bytes | None:
    """Return whose record it is; nothing if a tenant has no such record."""
    row = await tx.row(_SUBJECT[sort], id=record, tenant=tenant)
    return None if row is None else bytes(row[0])


async def uncovered(tx: Reader, sort: str, most: int) -> list[tuple[str, int]]:
    """Return (id, ledger entry) of emptied records of which no deletion is known; nothing for other sorts."""
    if sort not in _UNCOVERED:
        return []
    return [(row[0], int(row[1])) for row in await tx.rows(_UNCOVERED[sort], sort=sort, most=most)]
