"""Every statement on recipients."""

from typing import NamedTuple

from consent.propagation.tables import Recipient
from core.database import Insert, Reader, Sql, Tx


class RecipientRow(NamedTuple):
    """One row of ``recipient``, in the table's order."""

    tenant: str
    id: str
    name: str
    url: str
    purposes: str
    systems: str
    scopes: str
    active: bool
    sealed: bytes
    both_until: int | None
    revision: int
    created_at: int
    retired_at: int | None


_COLUMNS = ", ".join(RecipientRow._fields)
_PUT = Insert(Recipient, key=("tenant", "id"), replace=True)
_ONE = Sql(f"SELECT {_COLUMNS} FROM recipient WHERE tenant = :tenant AND id = :id")  # noqa: S608 -- our own column list
_AFTER = Sql(
    f"SELECT {_COLUMNS} FROM recipient WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :most"  # noqa: S608 -- our own column list
)
_LIVE = Sql(f"SELECT {_COLUMNS} FROM recipient WHERE retired_at IS NULL ORDER BY tenant, id")  # noqa: S608 -- our own column list


def _row(found: tuple[object, ...]) -> RecipientRow:
    row = RecipientRow(*found)  # type: ignore[arg-type]  # the driver's columns stand in the table's order
    return row._replace(active=bool(row.active))


def put(tx: Tx, row: RecipientRow) -> None:
    """Write a recipient, new or changed."""
    tx.insert(_PUT, row)


async def one(tx: Reader, tenant: str, recipient: str) -> RecipientRow | None:
    """Return a recipient, retired ones too."""
    row = await tx.row(_ONE, tenant=tenant, id=recipient)
    return None if row is None else _row(tuple(row))


async def after(tx: Reader, tenant: str, recipient: str, most: int) -> list[RecipientRow]:
    """Return up to ``most`` recipients whose id comes after one, retired ones too."""
    return [_row(tuple(row)) for row in await tx.rows(_AFTER, tenant=tenant, after=recipient, most=most)]


async def live(tx: Reader) -> list[RecipientRow]:
    """Return every recipient of every tenant that was not retired."""
    return [_row(tuple(row)) for row in await tx.rows(_LIVE)]
