"""Every statement on experiments."""

from collections.abc import Sequence
from typing import Any, Final

from core.database import Reader, Sql, Tx
from disclosures.experiments.tables import Experiment

_CHANGING: Final = (
    "document, notice, state, revision, control, drafted_by, approved_by, approved_at, started_by, started_at,"
    " stopped_by, stopped_at, stop_reason"
)
_COLUMNS: Final = f"tenant, id, created_at, {_CHANGING}"
_NAMES: Final = tuple(_COLUMNS.split(", "))
_ONE = Sql(f"SELECT {_COLUMNS} FROM experiment WHERE tenant = :tenant AND id = :id")  # noqa: S608 -- our own column list
_AFTER = Sql(
    f"SELECT {_COLUMNS} FROM experiment WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit"  # noqa: S608 -- our own column list
)
_RUNNING = Sql(
    f"SELECT {_COLUMNS} FROM experiment WHERE tenant = :tenant AND notice = :notice AND state = 'running'"  # noqa: S608 -- our own column list
    " ORDER BY id DESC"
)
_DRAFTS = Sql(
    f"SELECT {_COLUMNS} FROM experiment WHERE tenant = :tenant AND state = 'draft' ORDER BY id LIMIT :limit"  # noqa: S608 -- our own column list
)
_EVERY = Sql(f"SELECT {_COLUMNS} FROM experiment ORDER BY tenant, id")  # noqa: S608 -- our own column list
_CHANGE = Sql(
    f"UPDATE experiment SET {', '.join(f'{name} = :{name}' for name in _CHANGING.split(', '))}"  # noqa: S608 -- our own column list
    " WHERE tenant = :tenant AND id = :id AND revision = :before"
)


def _experiment(row: Sequence[Any]) -> Experiment:
    return Experiment(**dict(zip(_NAMES, row, strict=True)))


async def experiment(tx: Reader, tenant: str, experiment_id: str) -> Experiment | None:
    """Return an experiment of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, id=experiment_id)
    return None if row is None else _experiment(row)


async def experiments(tx: Reader, tenant: str, after: str, limit: int) -> list[Experiment]:
    """Return up to ``limit`` experiments whose id comes after ``after``, oldest first."""
    return [_experiment(row) for row in await tx.rows(_AFTER, tenant=tenant, after=after, limit=limit)]


async def drafts(tx: Reader, tenant: str, limit: int) -> list[Experiment]:
    """Return up to ``limit`` experiments that wait for approval, oldest first."""
    return [_experiment(row) for row in await tx.rows(_DRAFTS, tenant=tenant, limit=limit)]


async def running(tx: Reader, tenant: str, notice: str) -> list[Experiment]:
    """Return the experiments with a notice that were started and not stopped, newest first."""
    return [_experiment(row) for row in await tx.rows(_RUNNING, tenant=tenant, notice=notice)]


async def every_experiment(tx: Reader) -> list[Experiment]:
    """Return the experiments of all tenants, for the comparison with the ledger."""
    return [_experiment(row) for row in await tx.rows(_EVERY)]


def add(tx: Tx, made: Experiment) -> None:
    """Add an experiment."""
    tx.add(made)


async def change(tx: Tx, row: Experiment, before: int) -> bool:
    """Write an experiment over its revision ``before``; tell whether that was still the present one."""
    changed = row.model_dump(exclude={"created_at"})
    return await tx.execute(_CHANGE, before=before, **changed) == 1
