"""Every statement on decisions."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from core.database import Insert, Loader, Reader, Sql
from explanations.tables import Decision


class DecisionRow(NamedTuple):
    """One row of ``decision``, in the table's order; instants in microseconds."""

    seq: int
    id: str
    tenant: str
    subject: bytes
    system: str
    reference: str
    model: str
    model_version: str
    purpose: str
    effect: str
    ai_role: str
    human_role: str | None
    human_ref: str | None
    outcome: str
    adverse: bool | None
    permission: str
    occurred_at: int
    recorded_at: int
    recorded_by: str
    fingerprint: bytes
    sealed: bytes


class Earlier(NamedTuple):
    """What is known of a decision recorded before under the same id of the producer's."""

    seq: int
    id: str
    subject: bytes
    permission: str
    fingerprint: bytes


Named = tuple[str, str, str]  # tenant, system, the producer's id
INSERT_DECISION = Insert(Decision)
_DECISION = ", ".join(f"d.{name}" for name in DecisionRow._fields)
_EARLIER = "d.tenant, d.system, d.reference, d.seq, d.id, d.subject, d.permission, d.fingerprint"
_ONE = Sql(f"SELECT {_DECISION} FROM decision d WHERE d.id = :id AND d.tenant = :tenant")  # noqa: S608 -- our own column list
_BETWEEN = Sql(f"SELECT {_DECISION} FROM decision d WHERE d.seq >= :first AND d.seq < :end ORDER BY d.seq")  # noqa: S608 -- our own column list
_NAMED = Sql(
    f"SELECT {_EARLIER} FROM decision d"  # noqa: S608 -- our own column list
    " WHERE d.tenant = :tenant AND d.system = :system AND d.reference = :reference"
)
_MANY_NAMED = Sql(
    f"SELECT {_EARLIER} FROM unnest(:tenants::text[], :systems::text[], :references::text[])"  # noqa: S608 -- our own column list
    " AS asked(tenant, system, reference) JOIN decision d"
    " ON d.tenant = asked.tenant AND d.system = asked.system AND d.reference = asked.reference"
)


async def _fetch_earlier(tx: Reader, names: list[Named]) -> dict[Named, Earlier | None]:
    """HOT PATH, budget 3 us a decision on SQLite. Find decisions by producers' ids; one statement on PostgreSQL."""
    rows: Sequence[Sequence[Any]]
    if tx.dialect == "postgresql":
        tenants, systems, references = (list(column) for column in zip(*names, strict=True))
        rows = await tx.rows(_MANY_NAMED, tenants=tenants, systems=systems, references=references)
    else:
        rows = [row for t, s, r in names for row in await tx.rows(_NAMED, tenant=t, system=s, reference=r)]
    return {(row[0], row[1], row[2]): Earlier(*row[3:]) for row in rows}


EARLIER: Loader[Named, Earlier | None] = Loader(_fetch_earlier, None)


async def decision(tx: Reader, tenant: str, decision_id: str) -> DecisionRow | None:
    """Return a decision of a tenant."""
    row = await tx.row(_ONE, id=decision_id, tenant=tenant)
    return None if row is None else _decision(row)


async def between(tx: Reader, first: int, end: int) -> list[DecisionRow]:
    """Return decisions of all tenants whose ledger numbers lie in a range."""
    return [_decision(row) for row in await tx.rows(_BETWEEN, first=first, end=end)]


def _decision(row: Sequence[Any]) -> DecisionRow:
    found = DecisionRow(*row)
    return found if found.adverse is None else found._replace(adverse=bool(found.adverse))


# what a list of decisions may be narrowed by; every name is a column of ours
NARROWING = frozenset(("system", "model", "model_version", "purpose", "effect", "ai_role", "outcome", "adverse"))
_NEWEST = Sql("SELECT coalesce(max(seq), -1) FROM decision")
_FIRST_FROM = Sql("SELECT seq, recorded_at FROM decision WHERE seq >= :seq ORDER BY seq LIMIT 1")


@cache
def _narrowed(names: frozenset[str]) -> Sql:
    wheres = ["d.seq < :before", "d.seq >= :start", "d.tenant = :tenant"]
    wheres += [f"d.{name} = :{name}" for name in sorted(names & NARROWING)]
    if "subject" in names:
        wheres.append("d.subject = :subject")
    if "allowed" in names:
        wheres.append("(d.permission LIKE :allow) = :allowed")
    return Sql(
        f"SELECT {_DECISION} FROM decision d WHERE {' AND '.join(wheres)} ORDER BY d.seq DESC LIMIT :limit"  # noqa: S608 -- our own column list
    )


async def listed(
    tx: Reader, tenant: str, narrowing: Mapping[str, Any], start: int, before: int, limit: int
) -> list[DecisionRow]:
    """Return a tenant's decisions with a seq from ``start`` to below ``before``, newest first, narrowed by columns.

    ``allowed`` (true or false) narrows to what the gate said then.
    """
    sql, given = _narrowed(frozenset(narrowing)), dict(narrowing)
    if "allowed" in given:
        given["allow"] = '%"decision":"allow"%'  # canonical JSON: this is how it is written
    rows = await tx.rows(sql, tenant=tenant, start=start, before=before, limit=limit, **given)
    return [_decision(row) for row in rows]


async def newest_seq(tx: Reader) -> int:
    """Return the seq of the newest decision of all tenants, -1 before the first."""
    row = await tx.row(_NEWEST)
    return -1 if row is None else int(row[0])


async def seq_after(tx: Reader, at: int) -> int:
    """Return the first seq recorded after an instant, by halving: numbers and times grow together."""
    low, high = 0, await newest_seq(tx) + 1
    while low < high:
        middle = (low + high) // 2
        row = await tx.row(_FIRST_FROM, seq=middle)
        if row is None or row[1] > at:
            high = middle
        else:
            low = row[0] + 1
    return low
