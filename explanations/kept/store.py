"""Every statement on stored explanations and on runs."""

from typing import NamedTuple

from core import ids
from core.database import Insert, Reader, Sql, Tx
from explanations.tables import ExplanationRun, KeptExplanation, StoppedExplanation


class KeptRow(NamedTuple):
    """One row of ``explanation``, in the table's order; the instant in microseconds."""

    seq: int
    id: str
    tenant: str
    subject: bytes
    decision: str
    supersedes: str | None
    origin: str
    grade: str
    flags: str
    model: str
    model_version: str
    endpoint: str | None
    reference_group: str | None
    recorded_at: int
    recorded_by: str
    sealed: bytes


class RunRow(NamedTuple):
    """One row of ``explanation_run``, in the table's order; instants in microseconds."""

    id: str
    tenant: str
    decision: str
    wish: str
    state: str
    rows_done: int
    rows_most: int
    explanation: str | None
    error: str | None
    requested_by: str
    requested_at: int
    finished_at: int | None


class StoppedRow(NamedTuple):
    """One row of ``stopped_explanation``, in the table's order; instants in microseconds."""

    explanation: str
    tenant: str
    decision: str
    model: str
    model_version: str
    seq: int
    stopped_at: int
    looked_at: int | None
    looked_by: str | None


_INSERT = Insert(KeptExplanation)
_INSERT_STOPPED = Insert(StoppedExplanation)
_INSERT_RUN = Insert(ExplanationRun)
_K = ", ".join(f"k.{name}" for name in KeptRow._fields)
_R = ", ".join(f"r.{name}" for name in RunRow._fields)
_ONE = Sql(f"SELECT {_K} FROM explanation k WHERE k.id = :id AND k.tenant = :tenant")  # noqa: S608 -- our own column list
_OF = Sql(
    f"SELECT {_K} FROM explanation k WHERE k.decision = :decision AND k.tenant = :tenant"  # noqa: S608 -- our own column list
    " ORDER BY k.seq DESC LIMIT :limit"
)
_BETWEEN = Sql(f"SELECT {_K} FROM explanation k WHERE k.seq >= :first AND k.seq < :end ORDER BY k.seq")  # noqa: S608 -- our own column list
_RUN = Sql(f"SELECT {_R} FROM explanation_run r WHERE r.id = :id AND r.tenant = :tenant")  # noqa: S608 -- our own column list
_PROGRESS = Sql(
    "UPDATE explanation_run SET state = 'running', rows_done = :rows WHERE id = :id AND state IN ('queued', 'running')"
)
_OPEN = Sql(
    "SELECT id FROM explanation_run WHERE state IN ('queued', 'running') AND id < :before ORDER BY id LIMIT 500"
)
_PURGE = Sql(
    "DELETE FROM explanation_run WHERE id IN (SELECT id FROM explanation_run"
    " WHERE id < :before AND finished_at IS NOT NULL ORDER BY id LIMIT :most)"
)
_STOPPED = ", ".join(StoppedRow._fields)
_WAITING = Sql(
    f"SELECT {_STOPPED} FROM stopped_explanation WHERE tenant = :tenant AND looked_at IS NULL ORDER BY seq LIMIT :most"  # noqa: S608 -- our own column list
)
_ONE_STOPPED = Sql(f"SELECT {_STOPPED} FROM stopped_explanation WHERE explanation = :id AND tenant = :tenant")  # noqa: S608 -- our own column list
_LOOK = Sql(
    "UPDATE stopped_explanation SET looked_at = :at, looked_by = :by"
    " WHERE explanation = :id AND tenant = :tenant AND looked_at IS NULL"
)
_FINISH = Sql(
    "UPDATE explanation_run SET state = :state, explanation = :explanation, error = :error, finished_at = :at"
    " WHERE id = :id AND state IN ('queued', 'running')"
)


def add(tx: Tx, row: KeptRow) -> None:
    """Add an explanation."""
    tx.insert(_INSERT, tuple(row))


async def one(tx: Reader, tenant: str, explanation_id: str) -> KeptRow | None:
    """Return an explanation of a tenant."""
    row = await tx.row(_ONE, id=explanation_id, tenant=tenant)
    return None if row is None else KeptRow(*row)


async def of_decision(tx: Reader, tenant: str, decision_id: str, limit: int) -> list[KeptRow]:
    """Return the newest explanations of a decision, newest first."""
    rows = await tx.rows(_OF, decision=decision_id, tenant=tenant, limit=limit)
    return [KeptRow(*row) for row in rows]


async def between(tx: Reader, first: int, end: int) -> list[KeptRow]:
    """Return explanations of all tenants whose ledger numbers lie in a range."""
    return [KeptRow(*row) for row in await tx.rows(_BETWEEN, first=first, end=end)]


def add_run(tx: Tx, row: RunRow) -> None:
    """Add a run."""
    tx.insert(_INSERT_RUN, tuple(row))


async def run(tx: Reader, tenant: str, run_id: str) -> RunRow | None:
    """Return a run of a tenant."""
    row = await tx.row(_RUN, id=run_id, tenant=tenant)
    return None if row is None else RunRow(*row)


async def progress(tx: Tx, run_id: str, rows: int) -> None:
    """Note how many rows were asked so far."""
    await tx.execute(_PROGRESS, id=run_id, rows=rows)


async def open_runs(tx: Reader, before: int) -> list[str]:
    """Return runs that have not ended and were asked for before an instant: ids grow with time."""
    return [row[0] for row in await tx.rows(_OPEN, before=ids.lowest("run", before))]


async def purge_runs(tx: Tx, before: int, most: int) -> int:
    """Delete up to ``most`` ended runs that were asked for before an instant; their explanations stay."""
    return await tx.execute(_PURGE, before=ids.lowest("run", before), most=most)


async def finish(tx: Tx, run_id: str, explanation: str | None, error: str | None, at: int) -> bool:
    """End a run; ``False`` if it had ended before."""
    state = "failed" if explanation is None else "done"
    changed = await tx.execute(_FINISH, id=run_id, state=state, explanation=explanation, error=error, at=at)
    return changed == 1


def add_stopped(tx: Tx, row: StoppedRow) -> None:
    """Add an explanation that was stopped."""
    tx.insert(_INSERT_STOPPED, tuple(row))


async def stopped(tx: Reader, tenant: str, most: int) -> list[StoppedRow]:
    """Return stopped explanations of a tenant nobody has looked at, oldest first."""
    return [StoppedRow(*row) for row in await tx.rows(_WAITING, tenant=tenant, most=most)]


async def one_stopped(tx: Reader, tenant: str, explanation_id: str) -> StoppedRow | None:
    """Return a stopped explanation of a tenant."""
    row = await tx.row(_ONE_STOPPED, id=explanation_id, tenant=tenant)
    return None if row is None else StoppedRow(*row)


async def look_at_stopped(tx: Tx, tenant: str, explanation_id: str, by: str, at: int) -> None:
    """Note who looked at a stopped explanation first, and when."""
    await tx.execute(_LOOK, id=explanation_id, tenant=tenant, by=by, at=at)
