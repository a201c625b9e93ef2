"""Every statement on purposes and their versions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from consent.tables import Purpose, PurposeVersion
from core.database import Reader, Sql, Tx

Head = tuple[str, str, int, int | None]  # tenant, key, latest version, retired_at


class VersionRow(NamedTuple):
    """A published version; ``material`` is the last material version up to it."""

    key: str
    version: int
    document: str
    sha256: str
    published_at: int
    published_by: str
    material: int


_VERSION = (
    "v.key, v.version, v.document, v.sha256, v.published_at, v.published_by, (SELECT coalesce(max(m.version), 0)"
    " FROM purpose_version m WHERE m.tenant = v.tenant AND m.key = v.key AND m.version <= v.version AND m.material)"
)
_HEAD = Sql(
    "SELECT tenant, key, latest_version, retired_at FROM purpose WHERE tenant = :tenant AND key = :key",
    postgresql="SELECT p.tenant, p.key, p.latest_version, p.retired_at"
    " FROM unnest(:tenant::text[], :key::text[]) AS asked(tenant, key)"
    " JOIN purpose p ON p.tenant = asked.tenant AND p.key = asked.key",
)
_HEADS = Sql("SELECT tenant, key, latest_version, retired_at FROM purpose WHERE tenant = :tenant ORDER BY key")
_ALL_HEADS = Sql("SELECT tenant, key, latest_version, retired_at FROM purpose ORDER BY tenant, key")
_ONE_VERSION = Sql(
    f"SELECT {_VERSION} FROM purpose_version v WHERE v.tenant = :tenant AND v.key = :key AND v.version = :version"  # noqa: S608 -- our own column list
)
_ALL_VERSIONS = Sql(
    f"SELECT {_VERSION} FROM purpose_version v WHERE v.tenant = :tenant AND v.key = :key ORDER BY v.version DESC"  # noqa: S608 -- our own column list
)
_VERSIONS_AT = Sql(
    f"SELECT {_VERSION}, p.retired_at FROM purpose p JOIN purpose_version v ON v.tenant = p.tenant AND v.key = p.key"  # noqa: S608 -- our own column list
    " AND v.version = (SELECT max(l.version) FROM purpose_version l WHERE l.tenant = p.tenant AND l.key = p.key"
    " AND l.published_at <= :at) WHERE p.tenant = :tenant"
)
_PURPOSE = Sql(
    "SELECT tenant, key, draft, latest_version, revision, created_at, retired_at FROM purpose"
    " WHERE tenant = :tenant AND key = :key"
)
_PURPOSES = Sql(
    "SELECT tenant, key, draft, latest_version, revision, created_at, retired_at FROM purpose"
    " WHERE tenant = :tenant AND key > :after ORDER BY key LIMIT :limit"
)
_CHANGE_PURPOSE = Sql(
    "UPDATE purpose SET draft = :draft, latest_version = :latest_version, revision = :revision,"
    " retired_at = :retired_at WHERE tenant = :tenant AND key = :key AND revision = :before"
)
_END_OF_TIME = (1 << 63) - 1


async def purposes_in_force(tx: Reader, keys: list[tuple[str, str]]) -> list[Head]:
    """HOT PATH, budget 3 us a purpose on SQLite. Return which versions of purposes are the latest."""
    if tx.dialect == "postgresql":
        return [
            (row[0], row[1], row[2], row[3])
            for row in await tx.rows(_HEAD, tenant=[key[0] for key in keys], key=[key[1] for key in keys])
        ]
    return [
        (row[0], row[1], row[2], row[3]) for tenant, key in keys for row in await tx.rows(_HEAD, tenant=tenant, key=key)
    ]


async def purposes_of(tx: Reader, tenant: str) -> list[Head]:
    """Return which versions of all a tenant's purposes are the latest."""
    return [(row[0], row[1], row[2], row[3]) for row in await tx.rows(_HEADS, tenant=tenant)]


async def all_heads(tx: Reader) -> list[Head]:
    """Return which versions of all tenants' purposes are the latest."""
    return [(row[0], row[1], row[2], row[3]) for row in await tx.rows(_ALL_HEADS)]


async def version(tx: Reader, tenant: str, key: str, number: int) -> VersionRow | None:
    """Return one published version."""
    row = await tx.row(_ONE_VERSION, tenant=tenant, key=key, version=number)
    return None if row is None else VersionRow(*row)


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return every published version, newest first."""
    return [VersionRow(*row) for row in await tx.rows(_ALL_VERSIONS, tenant=tenant, key=key)]


async def versions_at(tx: Reader, tenant: str, at: int | None) -> list[tuple[VersionRow, int | None]]:
    """Return the version of each purpose in force at an instant (now: ``None``), with the purpose's retirement."""
    rows = await tx.rows(_VERSIONS_AT, tenant=tenant, at=_END_OF_TIME if at is None else at)
    return [(VersionRow(*row[:7]), row[7]) for row in rows]


async def purpose(tx: Reader, tenant: str, key: str) -> Purpose | None:
    """Return a purpose with its draft."""
    row = await tx.row(_PURPOSE, tenant=tenant, key=key)
    return None if row is None else _purpose(row)


async def purposes_after(tx: Reader, tenant: str, after: str, limit: int) -> list[Purpose]:
    """Return up to ``limit`` purposes whose key comes after ``after``."""
    return [_purpose(row) for row in await tx.rows(_PURPOSES, tenant=tenant, after=after, limit=limit)]


def _purpose(row: Sequence[Any]) -> Purpose:
    return Purpose(
        tenant=row[0],
        key=row[1],
        draft=row[2],
        latest_version=row[3],
        revision=row[4],
        created_at=row[5],
        retired_at=row[6],
    )


def add_purpose(tx: Tx, made: Purpose) -> None:
    """Add a purpose."""
    tx.add(made)


def add_version(tx: Tx, made: PurposeVersion) -> None:
    """Add a published version."""
    tx.add(made)


async def change_purpose(tx: Tx, changed: Purpose, before: int) -> bool:
    """Write a purpose over its revision ``before``; tell whether that was still the present one."""
    return (
        await tx.execute(
            _CHANGE_PURPOSE,
            tenant=changed.tenant,
            key=changed.key,
            draft=changed.draft,
            latest_version=changed.latest_version,
            revision=changed.revision,
            retired_at=changed.retired_at,
            before=before,
        )
        == 1
    )
