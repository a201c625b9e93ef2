"""Statements that read receipts of all tenants, for verification."""

from collections.abc import Sequence

from consent.store import ReceiptRow
from core import canonical
from core.database import Reader, Sql

_RECEIPT = "r.id, r.tenant, r.subject, r.kind, r.first_seq, r.last_seq, r.supersedes, r.issued_at, r.jws"
_SEVERAL = Sql(
    f"SELECT {_RECEIPT} FROM receipt r WHERE r.id IN (SELECT value FROM json_each(:ids))",  # noqa: S608 -- our own column list
    postgresql=f"SELECT {_RECEIPT} FROM receipt r"  # noqa: S608 -- our own column list
    " WHERE r.id IN (SELECT value FROM json_array_elements_text(:ids::json))",
)
_COUNT = Sql("SELECT count(*) FROM receipt")
_NAMELESS = Sql(
    "SELECT r.id, r.first_seq FROM receipt r LEFT JOIN choice_event e ON e.seq = r.first_seq AND e.receipt = r.id"
    " WHERE e.seq IS NULL ORDER BY r.first_seq LIMIT :limit"
)


async def several(tx: Reader, ids: Sequence[str]) -> dict[str, ReceiptRow]:
    """Return the receipts of these ids, as far as there are any."""
    rows = await tx.rows(_SEVERAL, ids=canonical.dumps(list(ids)).decode())
    return {row[0]: ReceiptRow(*row) for row in rows}


async def count(tx: Reader) -> int:
    """Return how many receipts there are."""
    row = await tx.row(_COUNT)
    return 0 if row is None else int(row[0])


async def nameless(tx: Reader, limit: int) -> list[tuple[str, int]]:
    """Return (id, first seq) of receipts that the event of their first entry does not name."""
    return [(row[0], row[1]) for row in await tx.rows(_NAMELESS, limit=limit)]
