"""Every statement on model endpoints and reference groups."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.database import Insert, Reader, Sql, Tx
from explanations.tables import ModelEndpoint, ReferenceGroup


class EndpointRow(NamedTuple):
    """One row of ``model_endpoint``, in the table's order; the instant in microseconds."""

    tenant: str
    id: str
    revision: int
    system: str
    name: str
    document: str
    sha256: str
    credentials: bytes | None
    retired: bool
    recorded_at: int
    recorded_by: str

    @property
    def ref(self) -> str:
        """Return how records name this state of the endpoint."""
        return f"{self.id}@{self.revision}"


class GroupRow(NamedTuple):
    """One row of ``reference_group``, in the table's order; the instant in microseconds."""

    tenant: str
    key: str
    version: int
    document: str
    sha256: str
    size: int
    rows: bytes
    published_at: int
    published_by: str

    @property
    def ref(self) -> str:
        """Return how records name this version of the group."""
        return f"{self.key}@{self.version}"


_INSERT_ENDPOINT = Insert(ModelEndpoint)
_INSERT_GROUP = Insert(ReferenceGroup)
_E = ", ".join(f"e.{name}" for name in EndpointRow._fields)
_G = ", ".join(f"g.{name}" for name in GroupRow._fields)
_LATEST_E = "e.revision = (SELECT max(l.revision) FROM model_endpoint l WHERE l.tenant = e.tenant AND l.id = e.id)"
_LATEST_G = "g.version = (SELECT max(l.version) FROM reference_group l WHERE l.tenant = g.tenant AND l.key = g.key)"
_ENDPOINT = Sql(
    f"SELECT {_E} FROM model_endpoint e WHERE e.tenant = :tenant AND e.id = :id ORDER BY e.revision DESC LIMIT 1"  # noqa: S608 -- our own column list
)
_ENDPOINTS = Sql(
    f"SELECT {_E} FROM model_endpoint e WHERE e.tenant = :tenant AND e.id > :after AND {_LATEST_E}"  # noqa: S608 -- our own column list
    " ORDER BY e.id LIMIT :limit"
)
_SERVING = Sql(
    f"SELECT {_E} FROM model_endpoint e WHERE e.tenant = :tenant AND e.system = :system AND e.name = :name"  # noqa: S608 -- our own column list
    f" AND {_LATEST_E} ORDER BY e.recorded_at DESC, e.id DESC"
)
_GROUP = Sql(
    f"SELECT {_G} FROM reference_group g WHERE g.tenant = :tenant AND g.key = :key ORDER BY g.version DESC LIMIT 1"  # noqa: S608 -- our own column list
)
_GROUP_VERSIONS = Sql(
    f"SELECT {_G} FROM reference_group g WHERE g.tenant = :tenant AND g.key = :key ORDER BY g.version DESC"  # noqa: S608 -- our own column list
)
_GROUPS = Sql(
    f"SELECT {_G} FROM reference_group g WHERE g.tenant = :tenant AND g.key > :after AND {_LATEST_G}"  # noqa: S608 -- our own column list
    " ORDER BY g.key LIMIT :limit"
)
_FORGET = Sql(
    "UPDATE model_endpoint SET credentials = NULL WHERE tenant = :tenant AND id = :id AND credentials IS NOT NULL"
)
_ALL_ENDPOINTS = Sql(f"SELECT {_E} FROM model_endpoint e ORDER BY e.tenant, e.id, e.revision")  # noqa: S608 -- our own column list
_ALL_GROUPS = Sql(f"SELECT {_G} FROM reference_group g ORDER BY g.tenant, g.key, g.version")  # noqa: S608 -- our own column list


def _endpoint(row: Sequence[Any]) -> EndpointRow:
    found = EndpointRow(*row)
    return found._replace(retired=bool(found.retired))


def add_endpoint(tx: Tx, row: EndpointRow) -> None:
    """Add what is said of an endpoint from now on."""
    tx.insert(_INSERT_ENDPOINT, tuple(row))


async def forget_credentials(tx: Tx, tenant: str, endpoint_id: str) -> None:
    """Wipe the credentials of all states of an endpoint so far."""
    await tx.execute(_FORGET, tenant=tenant, id=endpoint_id)


def add_group(tx: Tx, row: GroupRow) -> None:
    """Add a version of a reference group."""
    tx.insert(_INSERT_GROUP, tuple(row))


async def endpoint(tx: Reader, tenant: str, endpoint_id: str) -> EndpointRow | None:
    """Return an endpoint of a tenant as it is now."""
    row = await tx.row(_ENDPOINT, tenant=tenant, id=endpoint_id)
    return None if row is None else _endpoint(row)


async def endpoints_after(tx: Reader, tenant: str, after: str, limit: int) -> list[EndpointRow]:
    """Return up to ``limit`` endpoints whose id comes after ``after``."""
    return [_endpoint(row) for row in await tx.rows(_ENDPOINTS, tenant=tenant, after=after, limit=limit)]


async def serving(tx: Reader, tenant: str, system: str, name: str) -> list[EndpointRow]:
    """Return every endpoint that ever served a model of a system, newest first, as each is now."""
    return [_endpoint(row) for row in await tx.rows(_SERVING, tenant=tenant, system=system, name=name)]


async def group(tx: Reader, tenant: str, key: str) -> GroupRow | None:
    """Return the newest version of a reference group."""
    row = await tx.row(_GROUP, tenant=tenant, key=key)
    return None if row is None else GroupRow(*row)


async def versions_of_group(tx: Reader, tenant: str, key: str) -> list[GroupRow]:
    """Return every version of a reference group, newest first."""
    return [GroupRow(*row) for row in await tx.rows(_GROUP_VERSIONS, tenant=tenant, key=key)]


async def groups_after(tx: Reader, tenant: str, after: str, limit: int) -> list[GroupRow]:
    """Return the newest versions of up to ``limit`` groups whose key comes after ``after``."""
    return [GroupRow(*row) for row in await tx.rows(_GROUPS, tenant=tenant, after=after, limit=limit)]


async def all_endpoints(tx: Reader) -> list[EndpointRow]:
    """Return everything that was ever said of any endpoint."""
    return [_endpoint(row) for row in await tx.rows(_ALL_ENDPOINTS)]


async def all_groups(tx: Reader) -> list[GroupRow]:
    """Return every version of every group."""
    return [GroupRow(*row) for row in await tx.rows(_ALL_GROUPS)]
