"""Every statement on desks, cases at desks, and what was seen of them."""

from typing import NamedTuple

from core.database import Insert, Reader, Sql, Tx
from handoff.tables import HandoffDesk, HandoffRemote, HandoffSeen


class DeskRow(NamedTuple):
    """One row of ``handoff_desk``."""

    tenant: str
    key: str
    kind: str
    document: str
    sealed: bytes
    version: int
    changed_at: int


class RemoteRow(NamedTuple):
    """One row of ``handoff_remote``; ``extra`` and ``fields`` are JSON."""

    handoff: str
    desk: str
    tenant: str
    remote: str | None
    url: str | None
    extra: str
    cursor: str | None
    last_order: int | None
    fields: str
    opened_at: int | None
    sent_seq: int
    busy_until: int | None
    pull_at: int | None


_PUT_DESK = Insert(HandoffDesk, key=("tenant", "key"), replace=True)
_PUT_REMOTE = Insert(HandoffRemote, key=("handoff", "desk"), replace=True)
_INSERT_SEEN = Insert(HandoffSeen)
_DESK = ", ".join(DeskRow._fields)
_REMOTE = ", ".join(RemoteRow._fields)
# the columns of these texts are our own declarations, values only ever parameters
_ONE_DESK = Sql(f"SELECT {_DESK} FROM handoff_desk WHERE tenant = :tenant AND key = :key")  # noqa: S608 -- see above
_DESKS = Sql(f"SELECT {_DESK} FROM handoff_desk WHERE tenant = :tenant ORDER BY key")  # noqa: S608 -- see above
_DROP_DESK = Sql("DELETE FROM handoff_desk WHERE tenant = :tenant AND key = :key")
_ONE_REMOTE = Sql(f"SELECT {_REMOTE} FROM handoff_remote WHERE handoff = :handoff AND desk = :desk")  # noqa: S608 -- see above
_OF_HANDOFF = Sql(f"SELECT {_REMOTE} FROM handoff_remote WHERE handoff = :handoff ORDER BY desk")  # noqa: S608 -- see above
_BY_REMOTE = Sql(
    f"SELECT {_REMOTE} FROM handoff_remote WHERE tenant = :tenant AND desk = :desk AND remote = :remote"  # noqa: S608 -- see above
)
_PULLS = Sql(f"SELECT {_REMOTE} FROM handoff_remote WHERE pull_at <= :now ORDER BY pull_at LIMIT :most")  # noqa: S608 -- see above
_OF_TENANT = Sql(
    f"SELECT {_REMOTE} FROM handoff_remote WHERE tenant = :tenant AND opened_at >= :start AND opened_at < :end"  # noqa: S608 -- see above
)
_SEEN = Sql("SELECT at FROM handoff_seen WHERE tenant = :tenant AND desk = :desk AND key = :key")


async def desk(tx: Reader, tenant: str, key: str) -> DeskRow | None:
    """Return one desk."""
    row = await tx.row(_ONE_DESK, tenant=tenant, key=key)
    return None if row is None else DeskRow(*row)


async def desks(tx: Reader, tenant: str) -> list[DeskRow]:
    """Return a tenant's desks."""
    return [DeskRow(*row) for row in await tx.rows(_DESKS, tenant=tenant)]


def put_desk(tx: Tx, row: DeskRow) -> None:
    """Write a desk."""
    tx.insert(_PUT_DESK, tuple(row))


async def drop_desk(tx: Tx, tenant: str, key: str) -> bool:
    """Delete a desk; tells whether there was one."""
    return await tx.execute(_DROP_DESK, tenant=tenant, key=key) > 0


async def remote(tx: Reader, handoff: str, desk_key: str) -> RemoteRow | None:
    """Return a case at a desk."""
    row = await tx.row(_ONE_REMOTE, handoff=handoff, desk=desk_key)
    return None if row is None else RemoteRow(*row)


async def remotes(tx: Reader, handoff: str) -> list[RemoteRow]:
    """Return every desk that has a case, or was about to."""
    return [RemoteRow(*row) for row in await tx.rows(_OF_HANDOFF, handoff=handoff)]


async def by_remote(tx: Reader, tenant: str, desk_key: str, remote_id: str) -> RemoteRow | None:
    """Return the case that a desk knows by its own id."""
    row = await tx.row(_BY_REMOTE, tenant=tenant, desk=desk_key, remote=remote_id)
    return None if row is None else RemoteRow(*row)


def put_remote(tx: Tx, row: RemoteRow) -> None:
    """Write a case at a desk."""
    tx.insert(_PUT_REMOTE, tuple(row))


async def due(tx: Reader, now: int, most: int) -> list[RemoteRow]:
    """Return cases at desks that should be read again."""
    return [RemoteRow(*row) for row in await tx.rows(_PULLS, now=now, most=most)]


async def given_between(tx: Reader, tenant: str, start: int, end: int) -> list[RemoteRow]:
    """Return what was given to desks in a period, for the map of processors."""
    return [RemoteRow(*row) for row in await tx.rows(_OF_TENANT, tenant=tenant, start=start, end=end)]


async def seen(tx: Reader, tenant: str, desk_key: str, key: str) -> bool:
    """Tell whether something of a desk was received before, or is our own echo."""
    return await tx.row(_SEEN, tenant=tenant, desk=desk_key, key=key) is not None


def note_seen(tx: Tx, tenant: str, desk_key: str, key: str, now: int) -> None:
    """Remember something of a desk."""
    tx.insert(_INSERT_SEEN, (tenant, desk_key, key, now))
