"""Every statement on the register of touchpoints."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.database import Reader, Sql, Tx
from disclosures.tables import Touchpoint, TouchpointVersion

_COLUMNS = "tenant, key, document, state, revision, created_at, changed_at"
_ONE = Sql(f"SELECT {_COLUMNS} FROM touchpoint WHERE tenant = :tenant AND key = :key")  # noqa: S608 -- our own column list
_AFTER = Sql(
    f"SELECT {_COLUMNS} FROM touchpoint WHERE tenant = :tenant AND key > :after ORDER BY key LIMIT :limit"  # noqa: S608 -- our own column list
)
_OF_TENANT = Sql(f"SELECT {_COLUMNS} FROM touchpoint WHERE tenant = :tenant ORDER BY key")  # noqa: S608 -- our own column list
_ALL = Sql(f"SELECT {_COLUMNS} FROM touchpoint ORDER BY tenant, key")  # noqa: S608 -- our own column list
_CHANGE = Sql(
    "UPDATE touchpoint SET document = :document, state = :state, revision = :revision, changed_at = :changed_at"
    " WHERE tenant = :tenant AND key = :key AND revision = :before"
)
_VERSIONS = Sql(
    "SELECT key, revision, document, state, sha256, recorded_at FROM touchpoint_version"
    " WHERE tenant = :tenant AND key = :key ORDER BY revision DESC"
)
_RECENT = Sql(
    "SELECT key, revision, document, state, sha256, recorded_at FROM touchpoint_version"
    " WHERE tenant = :tenant ORDER BY recorded_at DESC, key, revision DESC LIMIT :limit"
)


class VersionRow(NamedTuple):
    """What the register said of a touchpoint from ``recorded_at`` (microseconds) on."""

    key: str
    revision: int
    document: str
    state: str
    sha256: str
    recorded_at: int


def _touchpoint(row: Sequence[Any]) -> Touchpoint:
    return Touchpoint(
        tenant=row[0],
        key=row[1],
        document=row[2],
        state=row[3],
        revision=row[4],
        created_at=row[5],
        changed_at=row[6],
    )


async def touchpoint(tx: Reader, tenant: str, key: str) -> Touchpoint | None:
    """Return a touchpoint of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, key=key)
    return None if row is None else _touchpoint(row)


async def touchpoints_after(tx: Reader, tenant: str, after: str, limit: int) -> list[Touchpoint]:
    """Return up to ``limit`` touchpoints whose key comes after ``after``."""
    return [_touchpoint(row) for row in await tx.rows(_AFTER, tenant=tenant, after=after, limit=limit)]


async def touchpoints(tx: Reader, tenant: str) -> list[Touchpoint]:
    """Return every touchpoint of a tenant, by key."""
    return [_touchpoint(row) for row in await tx.rows(_OF_TENANT, tenant=tenant)]


async def every_touchpoint(tx: Reader) -> list[Touchpoint]:
    """Return the touchpoints of all tenants, for the comparison with the ledger."""
    return [_touchpoint(row) for row in await tx.rows(_ALL)]


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return everything the register ever said of a touchpoint, newest first."""
    return [VersionRow(*row) for row in await tx.rows(_VERSIONS, tenant=tenant, key=key)]


async def recent(tx: Reader, tenant: str, limit: int) -> list[VersionRow]:
    """Return the latest changes of the register, newest first."""
    return [VersionRow(*row) for row in await tx.rows(_RECENT, tenant=tenant, limit=limit)]


def add_touchpoint(tx: Tx, made: Touchpoint) -> None:
    """Add a touchpoint."""
    tx.add(made)


def add_version(tx: Tx, made: TouchpointVersion) -> None:
    """Add what the register says from now on."""
    tx.add(made)


async def change(tx: Tx, changed: Touchpoint, before: int) -> bool:
    """Write a touchpoint over its revision ``before``; tell whether that was still the present one."""
    return (
        await tx.execute(
            _CHANGE,
            tenant=changed.tenant,
            key=changed.key,
            document=changed.document,
            state=changed.state,
            revision=changed.revision,
            changed_at=changed.changed_at,
            before=before,
        )
        == 1
    )
