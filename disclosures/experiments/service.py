"""The verbs of experiments: draft, approve, start, stop; each stands in the ledger (CON-17).

Whoever drafted one can't approve it, any change takes the approval away, and without an approval nothing starts. What
makes a variant unfit is asked at every step, for packs, claims and the register may have changed in between.
"""

from hashlib import sha256
from typing import Any, Literal, NamedTuple

from core import ids
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from disclosures.experiments import soundness, store
from disclosures.experiments.documents import ExperimentDocument, document_of
from disclosures.experiments.errors import (
    ExperimentChangedError,
    ExperimentNotApprovedError,
    ExperimentNotDueError,
    ExperimentNotFoundError,
    ExperimentRunningError,
    ExperimentStateError,
    InvalidExperimentError,
)
from disclosures.experiments.tables import Experiment
from disclosures.notices.errors import SecondPersonNeededError
from disclosures.packs.loading import PackSet
from ledger import service as ledger
from ledger.entries import Entry

Phase = Literal["draft", "approved", "running", "stopped", "ended"]


class ExperimentView(NamedTuple):
    """An experiment, what it says, and where it is in its life at the instant of the question."""

    row: Experiment
    document: ExperimentDocument
    phase: Phase


def digest_of(row: Experiment) -> str:
    """Return the hash of what an experiment says."""
    return sha256(row.document.encode()).hexdigest()


def phase_of(row: Experiment, at: int) -> Phase:
    """Return where an experiment is in its life; time ends it without anybody."""
    if row.state in ("running", "approved") and at >= document_of(row.document).ends_at:
        return "ended"
    states: dict[str, Phase] = {"draft": "draft", "approved": "approved", "running": "running", "stopped": "stopped"}
    return states[row.state]


def _seen(row: Experiment, at: int) -> ExperimentView:
    return ExperimentView(row, document_of(row.document), phase_of(row, at))


def _record(tx: Tx, by: Principal, kind: str, at: int, row: Experiment, **facts: Any) -> None:
    public = {"experiment": row.id, "notice": row.notice, "by": by.id, "by_role": by.role.value, **facts}
    ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public))


async def _write(tx: Tx, row: Experiment) -> None:
    before = row.revision
    row.revision = before + 1
    if not await store.change(tx, row, before):
        raise ExperimentChangedError


async def _present(tx: Reader, by: Principal, experiment_id: str, revision: int | None) -> Experiment:
    row = await store.experiment(tx, by.tenant, experiment_id)
    if row is None:
        raise ExperimentNotFoundError
    if revision is not None and revision != row.revision:
        raise ExperimentChangedError
    return row


async def create(tx: Tx, by: Principal, document: ExperimentDocument, packs: PackSet, at: int) -> ExperimentView:
    """Draft an experiment. Raises ``InvalidExperimentError`` naming what can't be run like this."""
    await soundness.control_of(tx, by.tenant, document, packs, at)
    row = Experiment(
        tenant=by.tenant,
        id=ids.new("expt", at),
        notice=document.notice,
        document=document.canonical().decode(),
        created_at=at,
        drafted_by=by.id,
    )
    store.add(tx, row)
    _record(tx, by, "experiment.drafted", at, row, sha256=digest_of(row))
    return _seen(row, at)


async def change(
    tx: Tx,
    by: Principal,
    experiment_id: str,
    document: ExperimentDocument,
    packs: PackSet,
    at: int,
    revision: int | None = None,
) -> ExperimentView:
    """Say something else of an experiment that was never started; its approval is gone.

    Raises ``ExperimentNotFoundError``, ``ExperimentChangedError``, ``ExperimentStateError``,
    ``InvalidExperimentError``.
    """
    row = await _present(tx, by, experiment_id, revision)
    if row.state not in ("draft", "approved"):
        raise ExperimentStateError("what was started is never changed: stop it, and draft another")
    if document.notice != row.notice:
        raise InvalidExperimentError(fields=(FieldError("/notice", "the notice never changes: draft another"),))
    await soundness.control_of(tx, by.tenant, document, packs, at)
    row.document, row.drafted_by, row.state = document.canonical().decode(), by.id, "draft"
    row.approved_by, row.approved_at, row.control = None, None, None
    await _write(tx, row)
    _record(tx, by, "experiment.drafted", at, row, sha256=digest_of(row))
    return _seen(row, at)


async def approve(
    tx: Tx, by: Principal, experiment_id: str, packs: PackSet, at: int, revision: int | None = None
) -> ExperimentView:
    """Approve an experiment as it stands. Raises ``SecondPersonNeededError`` and what ``change`` raises."""
    row = await _present(tx, by, experiment_id, revision)
    if row.state != "draft":
        raise ExperimentStateError(f"it is {row.state}: only a draft is approved")
    control = await soundness.control_of(tx, by.tenant, document_of(row.document), packs, at)
    if row.drafted_by == by.id:
        raise SecondPersonNeededError
    row.state, row.approved_by, row.approved_at, row.control = "approved", by.id, at, control
    await _write(tx, row)
    _record(tx, by, "experiment.approved", at, row, sha256=digest_of(row), control=control)
    return _seen(row, at)


async def start(
    tx: Tx, by: Principal, experiment_id: str, packs: PackSet, at: int, revision: int | None = None
) -> ExperimentView:
    """Start an approved experiment on one of its days.

    Raises ``ExperimentNotApprovedError``, ``ExperimentNotDueError``, ``ExperimentRunningError`` and what ``change``
    raises.
    """
    row = await _present(tx, by, experiment_id, revision)
    if row.state == "draft":
        raise ExperimentNotApprovedError
    if row.state != "approved":
        raise ExperimentStateError(f"it is {row.state}: only an approved one starts, and once")
    document = document_of(row.document)
    if not document.begins_at <= at < document.ends_at:
        raise ExperimentNotDueError(f"its days are {document.starts_on} to {document.ends_on}, UTC")
    if any(phase_of(other, at) == "running" for other in await store.running(tx, by.tenant, row.notice)):
        raise ExperimentRunningError
    # a version that came into force since the approval is none of the variants: that is refused here too
    await soundness.control_of(tx, by.tenant, document, packs, at)
    row.state, row.started_by, row.started_at = "running", by.id, at
    await _write(tx, row)
    _record(tx, by, "experiment.started", at, row)
    return _seen(row, at)


async def stop(
    tx: Tx, by: Principal, experiment_id: str, reason: str, at: int, revision: int | None = None
) -> ExperimentView:
    """Stop a running experiment, or give an approved one up: from now on everybody is shown what is in force.

    Of the reason the log holds a hash. Raises ``ExperimentStateError`` and what ``change`` raises.
    """
    row = await _present(tx, by, experiment_id, revision)
    if phase_of(row, at) not in ("approved", "running"):
        raise ExperimentStateError("it does not run")
    row.state, row.stopped_by, row.stopped_at, row.stop_reason = "stopped", by.id, at, reason
    await _write(tx, row)
    _record(tx, by, "experiment.stopped", at, row, reason_sha256=sha256(reason.encode()).hexdigest())
    return _seen(row, at)


async def view(tx: Reader, tenant: str, experiment_id: str, at: int) -> ExperimentView:
    """Return an experiment as it is at an instant (microseconds). Raises ``ExperimentNotFoundError``."""
    row = await store.experiment(tx, tenant, experiment_id)
    if row is None:
        raise ExperimentNotFoundError
    return _seen(row, at)


async def listed(tx: Reader, tenant: str, at: int, after: str, limit: int) -> list[ExperimentView]:
    """Return up to ``limit`` experiments whose id comes after ``after``, oldest first."""
    return [_seen(row, at) for row in await store.experiments(tx, tenant, after, limit)]
