"""Every statement on the acts that take two people."""

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
