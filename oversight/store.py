"""Every statement on the acts that take two people, and on what the DPO counts."""

from collections.abc import Mapping

from core.database import Reader, Sql, Tx
from oversight.tables import ErasureRequest

_OPEN = Sql(
    "SELECT id, tenant, subject, reason, requested_by, requested_at, approved_by, approved_at, seq FROM erasure_request"
    " WHERE subject = :subject AND tenant = :tenant AND approved_at IS NULL ORDER BY requested_at DESC LIMIT 1"
)
_APPROVE = Sql(
    "UPDATE erasure_request SET approved_by = :by, approved_at = :at, seq = :seq WHERE id = :id AND approved_at IS NULL"
)


async def open_request(tx: Reader, tenant: str, subject: bytes) -> ErasureRequest | None:
    """Return the open request to erase a subject."""
    row = await tx.row(_OPEN, tenant=tenant, subject=subject)
    if row is None:
        return None
    return ErasureRequest(
        id=row[0],
        tenant=row[1],
        subject=row[2],
        reason=row[3],
        requested_by=row[4],
        requested_at=row[5],
        approved_by=row[6],
        approved_at=row[7],
        seq=row[8],
    )


def add_request(tx: Tx, made: ErasureRequest) -> None:
    """Add a request."""
    tx.add(made)


async def approve(tx: Tx, request_id: str, by: str, at: int, seq: int) -> None:
    """Note who approved a request, when, and which ledger entry says so."""
    await tx.execute(_APPROVE, id=request_id, by=by, at=at, seq=seq)


_SORT = "tenant, day, purpose, system, notice_version, locale, channel, actor, state"
_MARK = Sql("SELECT seq FROM tally_mark WHERE id = 1")
_MOVE_MARK = Sql("UPDATE tally_mark SET seq = :seq WHERE id = 1")
_FIRST_MARK = Sql("INSERT INTO tally_mark (id, seq) VALUES (1, :seq)")
_ADD = Sql(
    f"INSERT INTO choice_tally ({_SORT}, number) VALUES (:tenant, :day, :purpose, :system, :notice_version, :locale,"  # noqa: S608 -- our own columns
    f" :channel, :actor, :state, :number) ON CONFLICT ({_SORT}) DO UPDATE SET"
    " number = choice_tally.number + excluded.number"
)
_BY = {
    column: Sql(
        f"SELECT {column}, state, actor, sum(number) FROM choice_tally WHERE tenant = :tenant AND day >= :first"  # noqa: S608 -- our own columns
        f" AND day <= :last GROUP BY {column}, state, actor ORDER BY {column}, state, actor"
    )
    for column in ("day", "purpose", "notice_version", "locale", "channel")
}
_REQUEST = "id, tenant, subject, reason, requested_by, requested_at, approved_by, approved_at, seq"
_REQUESTS = Sql(
    f"SELECT {_REQUEST} FROM erasure_request WHERE tenant = :tenant ORDER BY requested_at DESC, id LIMIT :limit"  # noqa: S608 -- our own columns
)


async def tally_mark(tx: Reader) -> int:
    """Return the ledger entry up to which choices are counted, -1 before the first."""
    row = await tx.row(_MARK)
    return -1 if row is None else int(row[0])


async def move_tally_mark(tx: Tx, seq: int) -> None:
    """Note that choices are counted up to an entry."""
    if await tx.execute(_MOVE_MARK, seq=seq) == 0:
        await tx.execute(_FIRST_MARK, seq=seq)


async def add_tallies(tx: Tx, sorts: Mapping[tuple[str, ...], int]) -> None:
    """Add to the counts of sorts, each named by the columns of the table in their order."""
    names = _SORT.split(", ")
    for sort, number in sorts.items():
        await tx.execute(_ADD, number=number, **dict(zip(names, sort, strict=True)))


async def tallies_by(tx: Reader, tenant: str, column: str, first: str, last: str) -> list[tuple[str, str, str, int]]:
    """Return (group, state, actor, number) of the days ``first`` to ``last``, grouped by one column."""
    rows = await tx.rows(_BY[column], tenant=tenant, first=first, last=last)
    return [(row[0], row[1], row[2], int(row[3])) for row in rows]


async def requests(tx: Reader, tenant: str, limit: int) -> list[ErasureRequest]:
    """Return requests to erase somebody, the newest first, approved ones too."""
    names = _REQUEST.split(", ")
    rows = await tx.rows(_REQUESTS, tenant=tenant, limit=limit)
    return [ErasureRequest(**dict(zip(names, row, strict=True))) for row in rows]
