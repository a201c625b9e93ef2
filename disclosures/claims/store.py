"""Every statement on claims."""

from collections.abc import Sequence
from typing import Any, Final

from core.database import Reader, Sql, Tx
from disclosures.tables import ClaimVersion

_COLUMNS: Final = "c.tenant, c.key, c.revision, c.document, c.retired, c.sha256, c.recorded_at"
_PRESENT: Final = (
    " AND c.revision = (SELECT max(o.revision) FROM claim_version o WHERE o.tenant = c.tenant AND o.key = c.key)"
)
_ONE = Sql(f"SELECT {_COLUMNS} FROM claim_version c WHERE c.tenant = :tenant AND c.key = :key{_PRESENT}")  # noqa: S608 -- our own column list
_AFTER = Sql(
    f"SELECT {_COLUMNS} FROM claim_version c WHERE c.tenant = :tenant AND c.key > :after{_PRESENT}"  # noqa: S608 -- our own column list
    " ORDER BY c.key LIMIT :limit"
)
_VERSIONS = Sql(
    f"SELECT {_COLUMNS} FROM claim_version c WHERE c.tenant = :tenant AND c.key = :key ORDER BY c.revision DESC"  # noqa: S608 -- our own column list
)
_ALL = Sql(f"SELECT {_COLUMNS} FROM claim_version c ORDER BY c.tenant, c.key, c.revision")  # noqa: S608 -- our own column list


def _claim(row: Sequence[Any]) -> ClaimVersion:
    return ClaimVersion(
        tenant=row[0],
        key=row[1],
        revision=row[2],
        document=row[3],
        retired=bool(row[4]),
        sha256=row[5],
        recorded_at=row[6],
    )


async def claim(tx: Reader, tenant: str, key: str) -> ClaimVersion | None:
    """Return a claim as it is now."""
    row = await tx.row(_ONE, tenant=tenant, key=key)
    return None if row is None else _claim(row)


async def claims_after(tx: Reader, tenant: str, after: str, limit: int) -> list[ClaimVersion]:
    """Return up to ``limit`` claims, as they are now, whose key comes after ``after``."""
    return [_claim(row) for row in await tx.rows(_AFTER, tenant=tenant, after=after, limit=limit)]


async def versions(tx: Reader, tenant: str, key: str) -> list[ClaimVersion]:
    """Return everything the register ever said of a claim, newest first."""
    return [_claim(row) for row in await tx.rows(_VERSIONS, tenant=tenant, key=key)]


async def every_version(tx: Reader) -> list[ClaimVersion]:
    """Return every revision of all tenants, for the comparison with the ledger."""
    return [_claim(row) for row in await tx.rows(_ALL)]


def add(tx: Tx, made: ClaimVersion) -> None:
    """Add what the register says from now on."""
    tx.add(made)
