"""Every statement on notices and their versions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.database import Reader, Sql, Tx
from disclosures.tables import Notice, NoticeVersion

_COLUMNS = (
    "tenant, key, draft, drafted_by, approved_by, publish_at, publish_material, latest_version, revision, created_at,"
    " retired_at"
)
_VERSION = (
    "v.key, v.version, v.document, v.sha256, v.material, v.readability, v.register_sha256, v.published_at,"
    " v.drafted_by, v.approved_by, v.aside"
)
_ONE = Sql(f"SELECT {_COLUMNS} FROM notice WHERE tenant = :tenant AND key = :key")  # noqa: S608 -- our own column list
_AFTER = Sql(
    f"SELECT {_COLUMNS} FROM notice WHERE tenant = :tenant AND key > :after ORDER BY key LIMIT :limit"  # noqa: S608 -- our own column list
)
_SCHEDULED = Sql(
    f"SELECT {_COLUMNS} FROM notice WHERE publish_at IS NOT NULL AND publish_at <= :at ORDER BY publish_at LIMIT :limit"  # noqa: S608 -- our own column list
)
_ALL = Sql(f"SELECT {_COLUMNS} FROM notice ORDER BY tenant, key")  # noqa: S608 -- our own column list
_CHANGE = Sql(
    "UPDATE notice SET draft = :draft, drafted_by = :drafted_by, approved_by = :approved_by, publish_at = :publish_at,"
    " publish_material = :publish_material, latest_version = :latest_version, revision = :revision,"
    " retired_at = :retired_at WHERE tenant = :tenant AND key = :key AND revision = :before"
)
_VERSIONS = Sql(
    f"SELECT {_VERSION} FROM notice_version v WHERE v.tenant = :tenant AND v.key = :key ORDER BY v.version DESC"  # noqa: S608 -- our own column list
)
_ONE_VERSION = Sql(
    f"SELECT {_VERSION} FROM notice_version v WHERE v.tenant = :tenant AND v.key = :key AND v.version = :version"  # noqa: S608 -- our own column list
)
_NEWEST = Sql("SELECT max(version) FROM notice_version WHERE tenant = :tenant AND key = :key")
_IN_FORCE = Sql(
    f"SELECT {_VERSION} FROM notice n JOIN notice_version v ON v.tenant = n.tenant AND v.key = n.key"  # noqa: S608 -- our own column list
    " AND v.version = n.latest_version WHERE n.tenant = :tenant AND n.retired_at IS NULL ORDER BY v.key"
)
_RECENT = Sql(
    f"SELECT {_VERSION} FROM notice_version v WHERE v.tenant = :tenant AND v.aside IS NOT TRUE"  # noqa: S608 -- our own column list
    " ORDER BY v.published_at DESC, v.key, v.version DESC LIMIT :limit"
)


class VersionRow(NamedTuple):
    """A published version; ``readability`` is JSON, instants are microseconds."""

    key: str
    version: int
    document: str
    sha256: str
    material: bool
    readability: str
    register_sha256: str
    published_at: int
    drafted_by: str
    approved_by: str
    aside: bool = False


def _notice(row: Sequence[Any]) -> Notice:
    return Notice(
        tenant=row[0],
        key=row[1],
        draft=row[2],
        drafted_by=row[3],
        approved_by=row[4],
        publish_at=row[5],
        publish_material=bool(row[6]),
        latest_version=row[7],
        revision=row[8],
        created_at=row[9],
        retired_at=row[10],
    )


def _version(row: Sequence[Any]) -> VersionRow:
    return VersionRow(*row)._replace(material=bool(row[4]), aside=bool(row[10]))


async def notice(tx: Reader, tenant: str, key: str) -> Notice | None:
    """Return a notice of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, key=key)
    return None if row is None else _notice(row)


async def notices_after(tx: Reader, tenant: str, after: str, limit: int) -> list[Notice]:
    """Return up to ``limit`` notices whose key comes after ``after``."""
    return [_notice(row) for row in await tx.rows(_AFTER, tenant=tenant, after=after, limit=limit)]


async def scheduled(tx: Reader, at: int, limit: int) -> list[Notice]:
    """Return the notices of all tenants whose draft is to be published by ``at``."""
    return [_notice(row) for row in await tx.rows(_SCHEDULED, at=at, limit=limit)]


async def every_notice(tx: Reader) -> list[Notice]:
    """Return the notices of all tenants, for the comparison with the ledger."""
    return [_notice(row) for row in await tx.rows(_ALL)]


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return every published version of a notice, newest first."""
    return [_version(row) for row in await tx.rows(_VERSIONS, tenant=tenant, key=key)]


async def version(tx: Reader, tenant: str, key: str, number: int) -> VersionRow | None:
    """Return one published version of a notice."""
    row = await tx.row(_ONE_VERSION, tenant=tenant, key=key, version=number)
    return None if row is None else _version(row)


async def newest_number(tx: Reader, tenant: str, key: str) -> int:
    """Return the number of the version published last, in force or aside; 0 before the first."""
    row = await tx.row(_NEWEST, tenant=tenant, key=key)
    return 0 if row is None or row[0] is None else int(row[0])


async def in_force(tx: Reader, tenant: str) -> list[VersionRow]:
    """Return the latest version of each notice that is not retired."""
    return [_version(row) for row in await tx.rows(_IN_FORCE, tenant=tenant)]


async def recent(tx: Reader, tenant: str, limit: int) -> list[VersionRow]:
    """Return the latest publications for everybody, newest first."""
    return [_version(row) for row in await tx.rows(_RECENT, tenant=tenant, limit=limit)]


def add_notice(tx: Tx, made: Notice) -> None:
    """Add a notice."""
    tx.add(made)


def add_version(tx: Tx, made: NoticeVersion) -> None:
    """Add a published version."""
    tx.add(made)


async def change(tx: Tx, changed: Notice, before: int) -> bool:
    """Write a notice over its revision ``before``; tell whether that was still the present one."""
    return (
        await tx.execute(
            _CHANGE,
            tenant=changed.tenant,
            key=changed.key,
            draft=changed.draft,
            drafted_by=changed.drafted_by,
            approved_by=changed.approved_by,
            publish_at=changed.publish_at,
            publish_material=changed.publish_material,
            latest_version=changed.latest_version,
            revision=changed.revision,
            retired_at=changed.retired_at,
            before=before,
        )
        == 1
    )
