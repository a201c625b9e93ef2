"""Every statement on a tenant's overrides of rules."""

from collections.abc import Sequence
from typing import Any

from core.database import Reader, Sql, Tx
from disclosures.tables import RuleOverride

_COLUMNS = (
    "tenant, id, pack, rule, document, direction, reason, created_by, signed_off_by, created_at, expires_at,"
    " revoked_at, revoked_by"
)
_ONE = Sql(f"SELECT {_COLUMNS} FROM rule_override WHERE tenant = :tenant AND id = :id")  # noqa: S608 -- our own column list
_OF_PACK = Sql(
    f"SELECT {_COLUMNS} FROM rule_override WHERE tenant = :tenant AND pack = :pack ORDER BY id"  # noqa: S608 -- our own column list
)
_AT = Sql(
    f"SELECT {_COLUMNS} FROM rule_override WHERE tenant = :tenant AND created_at <= :at"  # noqa: S608 -- our own column list
    " AND (expires_at IS NULL OR expires_at > :at) AND (revoked_at IS NULL OR revoked_at > :at) ORDER BY id"
)
_ALL = Sql(f"SELECT {_COLUMNS} FROM rule_override ORDER BY tenant, id")  # noqa: S608 -- our own column list
_REVOKE = Sql(
    "UPDATE rule_override SET revoked_at = :at, revoked_by = :by"
    " WHERE tenant = :tenant AND id = :id AND revoked_at IS NULL"
)


def _override(row: Sequence[Any]) -> RuleOverride:
    return RuleOverride(
        tenant=row[0],
        id=row[1],
        pack=row[2],
        rule=row[3],
        document=row[4],
        direction=row[5],
        reason=row[6],
        created_by=row[7],
        signed_off_by=row[8],
        created_at=row[9],
        expires_at=row[10],
        revoked_at=row[11],
        revoked_by=row[12],
    )


async def override(tx: Reader, tenant: str, override_id: str) -> RuleOverride | None:
    """Return an override of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, id=override_id)
    return None if row is None else _override(row)


async def overrides_of(tx: Reader, tenant: str, pack: str) -> list[RuleOverride]:
    """Return every override of a pack's rules, oldest first, those that ended too."""
    return [_override(row) for row in await tx.rows(_OF_PACK, tenant=tenant, pack=pack)]


async def overrides_at(tx: Reader, tenant: str, at: int) -> list[RuleOverride]:
    """Return the overrides in force at an instant (microseconds), oldest first."""
    return [_override(row) for row in await tx.rows(_AT, tenant=tenant, at=at)]


async def every_override(tx: Reader) -> list[RuleOverride]:
    """Return the overrides of all tenants, for the comparison with the ledger."""
    return [_override(row) for row in await tx.rows(_ALL)]


def add_override(tx: Tx, made: RuleOverride) -> None:
    """Add an override."""
    tx.add(made)


async def revoke(tx: Tx, tenant: str, override_id: str, by: str, at: int) -> bool:
    """Note the end of an override; tell whether it had not ended before."""
    return await tx.execute(_REVOKE, tenant=tenant, id=override_id, by=by, at=at) == 1
