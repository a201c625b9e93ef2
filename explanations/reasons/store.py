"""Every statement on reason tables and their versions."""

from collections.abc import Sequence
from typing import Any

from core.database import Reader, Sql, Tx
from explanations.reasons.tables import ReasonTableHead, ReasonTableVersion

_HEAD = "h.tenant, h.key, h.system, h.draft, h.drafted_by, h.latest_version, h.revision, h.created_at, h.retired_at"
_VERSION = "v.tenant, v.key, v.version, v.document, v.sha256, v.drafted_by, v.approved_by, v.approved_at"
_ONE = Sql(f"SELECT {_HEAD} FROM reason_table h WHERE h.tenant = :tenant AND h.key = :key")  # noqa: S608 -- our own column list
_AFTER = Sql(
    f"SELECT {_HEAD} FROM reason_table h WHERE h.tenant = :tenant AND h.key > :after ORDER BY h.key LIMIT :limit"  # noqa: S608 -- our own column list
)
_ONE_VERSION = Sql(
    f"SELECT {_VERSION} FROM reason_table_version v"  # noqa: S608 -- our own column list
    " WHERE v.tenant = :tenant AND v.key = :key AND v.version = :version"
)
_VERSIONS = Sql(
    f"SELECT {_VERSION} FROM reason_table_version v"  # noqa: S608 -- our own column list
    " WHERE v.tenant = :tenant AND v.key = :key ORDER BY v.version DESC"
)
_IN_FORCE = Sql(
    f"SELECT {_VERSION} FROM reason_table h JOIN reason_table_version v"  # noqa: S608 -- our own column list
    " ON v.tenant = h.tenant AND v.key = h.key AND v.version = h.latest_version"
    " WHERE h.tenant = :tenant AND h.system = :system AND h.retired_at IS NULL ORDER BY h.key"
)
_EVERY = Sql(f"SELECT {_HEAD} FROM reason_table h ORDER BY h.tenant, h.key")  # noqa: S608 -- our own column list
_EVERY_VERSION = Sql(
    f"SELECT {_VERSION} FROM reason_table_version v ORDER BY v.tenant, v.key, v.version"  # noqa: S608 -- our own column list
)
_CHANGE = Sql(
    "UPDATE reason_table SET system = :system, draft = :draft, drafted_by = :drafted_by,"
    " latest_version = :latest_version, revision = :revision, retired_at = :retired_at"
    " WHERE tenant = :tenant AND key = :key AND revision = :before"
)


def _head(row: Sequence[Any]) -> ReasonTableHead:
    return ReasonTableHead(
        tenant=row[0],
        key=row[1],
        system=row[2],
        draft=row[3],
        drafted_by=row[4],
        latest_version=row[5],
        revision=row[6],
        created_at=row[7],
        retired_at=row[8],
    )


def _version(row: Sequence[Any]) -> ReasonTableVersion:
    return ReasonTableVersion(
        tenant=row[0],
        key=row[1],
        version=row[2],
        document=row[3],
        sha256=row[4],
        drafted_by=row[5],
        approved_by=row[6],
        approved_at=row[7],
    )


async def table(tx: Reader, tenant: str, key: str) -> ReasonTableHead | None:
    """Return a table with its draft."""
    row = await tx.row(_ONE, tenant=tenant, key=key)
    return None if row is None else _head(row)


async def tables_after(tx: Reader, tenant: str, after: str, limit: int) -> list[ReasonTableHead]:
    """Return up to ``limit`` tables whose key comes after ``after``."""
    return [_head(row) for row in await tx.rows(_AFTER, tenant=tenant, after=after, limit=limit)]


async def version(tx: Reader, tenant: str, key: str, number: int) -> ReasonTableVersion | None:
    """Return one approved version."""
    row = await tx.row(_ONE_VERSION, tenant=tenant, key=key, version=number)
    return None if row is None else _version(row)


async def versions(tx: Reader, tenant: str, key: str) -> list[ReasonTableVersion]:
    """Return every approved version, newest first."""
    return [_version(row) for row in await tx.rows(_VERSIONS, tenant=tenant, key=key)]


async def in_force(tx: Reader, tenant: str, system: str) -> list[ReasonTableVersion]:
    """Return the latest approved version of each table that speaks for a system, by key."""
    return [_version(row) for row in await tx.rows(_IN_FORCE, tenant=tenant, system=system)]


async def every_table(tx: Reader) -> list[ReasonTableHead]:
    """Return the tables of all tenants, for the comparison with the ledger."""
    return [_head(row) for row in await tx.rows(_EVERY)]


async def every_version(tx: Reader) -> list[ReasonTableVersion]:
    """Return the approved versions of all tenants, for the comparison with the ledger."""
    return [_version(row) for row in await tx.rows(_EVERY_VERSION)]


def add_table(tx: Tx, made: ReasonTableHead) -> None:
    """Add a table."""
    tx.add(made)


def add_version(tx: Tx, made: ReasonTableVersion) -> None:
    """Add an approved version."""
    tx.add(made)


async def change_table(tx: Tx, changed: ReasonTableHead, before: int) -> bool:
    """Write a table over its revision ``before``; tell whether that was still the present one."""
    return (
        await tx.execute(
            _CHANGE,
            tenant=changed.tenant,
            key=changed.key,
            system=changed.system,
            draft=changed.draft,
            drafted_by=changed.drafted_by,
            latest_version=changed.latest_version,
            revision=changed.revision,
            retired_at=changed.retired_at,
            before=before,
        )
        == 1
    )
