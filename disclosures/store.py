"""Every statement on the register of AI systems."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.database import Reader, Sql, Tx
from disclosures.tables import AiSystem, AiSystemVersion

Key = tuple[str, str]  # tenant, system


class VersionRow(NamedTuple):
    """What the register said of a system from ``recorded_at`` (microseconds) on."""

    key: str
    revision: int
    document: str
    sha256: str
    recorded_at: int


_SYSTEM = "s.tenant, s.key, s.document, s.revision, s.created_at, s.retired_at"
_ONE = Sql(f"SELECT {_SYSTEM} FROM ai_system s WHERE s.tenant = :tenant AND s.key = :key")  # noqa: S608 -- our own column list
_AFTER = Sql(
    f"SELECT {_SYSTEM} FROM ai_system s WHERE s.tenant = :tenant AND s.key > :after ORDER BY s.key LIMIT :limit"  # noqa: S608 -- our own column list
)
_ALL = Sql("SELECT tenant, key, document, revision, retired_at FROM ai_system ORDER BY tenant, key")
_KNOWN = Sql(
    "SELECT tenant, key FROM ai_system WHERE tenant = :tenant AND key = :key",
    postgresql="SELECT s.tenant, s.key FROM unnest(:tenant::text[], :key::text[]) AS asked(tenant, key)"
    " JOIN ai_system s ON s.tenant = asked.tenant AND s.key = asked.key",
)
_CHANGE = Sql(
    "UPDATE ai_system SET document = :document, revision = :revision, retired_at = :retired_at"
    " WHERE tenant = :tenant AND key = :key AND revision = :before"
)
_VERSIONS = Sql(
    "SELECT key, revision, document, sha256, recorded_at FROM ai_system_version"
    " WHERE tenant = :tenant AND key = :key ORDER BY revision DESC"
)
_AT = Sql(
    "SELECT s.key, v.document, s.retired_at FROM ai_system s JOIN ai_system_version v ON v.tenant = s.tenant"
    " AND v.key = s.key AND v.revision = (SELECT max(l.revision) FROM ai_system_version l"
    " WHERE l.tenant = s.tenant AND l.key = s.key AND l.recorded_at <= :at) WHERE s.tenant = :tenant"
)
_CHANGES = Sql("SELECT count(*) FROM ai_system_version WHERE tenant = :tenant AND recorded_at <= :at")
_END_OF_TIME = (1 << 63) - 1


def _system(row: Sequence[Any]) -> AiSystem:
    return AiSystem(tenant=row[0], key=row[1], document=row[2], revision=row[3], created_at=row[4], retired_at=row[5])


async def system(tx: Reader, tenant: str, key: str) -> AiSystem | None:
    """Return a system of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, key=key)
    return None if row is None else _system(row)


async def systems_after(tx: Reader, tenant: str, after: str, limit: int) -> list[AiSystem]:
    """Return up to ``limit`` systems whose key comes after ``after``."""
    return [_system(row) for row in await tx.rows(_AFTER, tenant=tenant, after=after, limit=limit)]


async def all_systems(tx: Reader) -> list[tuple[str, str, str, int, int | None]]:
    """Return tenant, key, document, revision and retirement of every system of every tenant."""
    return [(row[0], row[1], row[2], row[3], row[4]) for row in await tx.rows(_ALL)]


async def known(tx: Reader, keys: list[Key]) -> dict[Key, bool]:
    """HOT PATH, budget 3 us a system on SQLite. Return which of the systems are in the register."""
    if tx.dialect == "postgresql":
        rows = await tx.rows(_KNOWN, tenant=[key[0] for key in keys], key=[key[1] for key in keys])
        return {(row[0], row[1]): True for row in rows}
    return {(row[0], row[1]): True for tenant, key in keys for row in await tx.rows(_KNOWN, tenant=tenant, key=key)}


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return everything the register ever said of a system, newest first."""
    return [VersionRow(*row) for row in await tx.rows(_VERSIONS, tenant=tenant, key=key)]


async def documents_at(tx: Reader, tenant: str, at: int | None) -> list[tuple[str, str, int | None]]:
    """Return key, document and retirement of each system, as the register said at an instant (now: ``None``)."""
    rows = await tx.rows(_AT, tenant=tenant, at=_END_OF_TIME if at is None else at)
    return [(row[0], row[1], row[2]) for row in rows]


async def changes_by(tx: Reader, tenant: str, at: int) -> int:
    """Return how often the register of a tenant had changed by an instant."""
    row = await tx.row(_CHANGES, tenant=tenant, at=at)
    return 0 if row is None else int(row[0])


def add_system(tx: Tx, made: AiSystem) -> None:
    """Add a system."""
    tx.add(made)


def add_version(tx: Tx, made: AiSystemVersion) -> None:
    """Add what the register says from now on."""
    tx.add(made)


async def change_system(tx: Tx, changed: AiSystem, before: int) -> bool:
    """Write a system over its revision ``before``; tell whether that was still the present one."""
    return (
        await tx.execute(
            _CHANGE,
            tenant=changed.tenant,
            key=changed.key,
            document=changed.document,
            revision=changed.revision,
            retired_at=changed.retired_at,
            before=before,
        )
        == 1
    )
