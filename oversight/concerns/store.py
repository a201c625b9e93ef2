"""Every statement on what staff report about AI systems."""

from typing import NamedTuple

from core.database import Insert, Reader, Sql, Tx
from oversight.concerns.tables import AiConcern


class ConcernRow(NamedTuple):
    """One row of ``ai_concern``, in the table's order; instants in microseconds."""

    seq: int
    id: str
    tenant: str
    kind: str
    system: str
    model: str | None
    model_version: str | None
    decision: str | None
    request: str | None
    subject: bytes | None
    by: str
    at: int
    text: str | None
    sealed: bytes | None


_INSERT = Insert(AiConcern)
_COLUMNS = ", ".join(f'c."{name}"' for name in ConcernRow._fields)
_WHERE = {
    "kind": " AND c.kind = :kind",
    "system": " AND c.system = :system",
    "model_version": " AND c.model_version = :model_version",
}
_queries: dict[tuple[str, ...], Sql] = {}


def _query(named: tuple[str, ...]) -> Sql:
    """Return the statement of a combination of filters, prepared once."""
    if named not in _queries:
        narrowed = "".join(_WHERE[name] for name in named)
        _queries[named] = Sql(
            f"SELECT {_COLUMNS} FROM ai_concern c WHERE c.tenant = :tenant AND c.seq < :before{narrowed}"  # noqa: S608 -- our own words; values are parameters
            " ORDER BY c.seq DESC LIMIT :most"
        )
    return _queries[named]


def add(tx: Tx, row: ConcernRow) -> None:
    """Keep a report."""
    tx.insert(_INSERT, row)


async def listed(tx: Reader, tenant: str, narrowing: dict[str, str], before: int, most: int) -> list[ConcernRow]:
    """Return reports, newest first, from before an entry; narrowed by kind, system, model version."""
    named = tuple(sorted(narrowing))
    rows = await tx.rows(_query(named), tenant=tenant, before=before, most=most, **narrowing)
    return [ConcernRow(*row) for row in rows]
