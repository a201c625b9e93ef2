"""Every statement on what has to be told at once of handing over."""

from typing import NamedTuple

from core.database import Reader, Sql

# the tenants one by one by their index: a DISTINCT would walk every handoff there ever was
_NEXT_TENANT = Sql("SELECT min(tenant) FROM handoff WHERE tenant > :after")
_WAITS = Sql(
    "SELECT touchpoint, count(*), sum(CASE WHEN accepted_at - clock_at <= :limit THEN 1 ELSE 0 END) FROM handoff"
    " WHERE tenant = :tenant AND opened_at >= :since AND queue = :queue AND mode = 'live'"
    " AND (accepted_at IS NOT NULL OR (open_key IS NOT NULL AND clock_at < :late))"
    " GROUP BY touchpoint ORDER BY touchpoint"
)
_VIOLATED = Sql(
    "SELECT id, reference, touchpoint, violations FROM handoff WHERE tenant = :tenant AND opened_at >= :since"
    " AND violations > :most ORDER BY opened_at LIMIT 100"
)


class Violated(NamedTuple):
    """A case in which the AI went on after a human was asked for."""

    handoff: str
    reference: str
    touchpoint: str
    violations: int


async def next_tenant(tx: Reader, after: str) -> str | None:
    """Return the tenant with handoffs that follows one by name."""
    row = await tx.row(_NEXT_TENANT, after=after)
    return None if row is None else row[0]


async def waits(tx: Reader, tenant: str, queue: str, since: int, late: int, limit: int) -> list[tuple[str, int, int]]:
    """Return touchpoint, requests and those within ``limit`` micros; who asked before ``late`` and waits counts too."""
    rows = await tx.rows(_WAITS, tenant=tenant, queue=queue, since=since, late=late, limit=limit)
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


async def violated(tx: Reader, tenant: str, since: int, most: int) -> list[Violated]:
    """Return cases opened since, in which the AI went on more than ``most`` times."""
    return [Violated(*row) for row in await tx.rows(_VIOLATED, tenant=tenant, since=since, most=most)]
