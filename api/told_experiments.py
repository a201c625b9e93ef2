"""From experiments to their wire types."""

from typing import Final

from api.schemas.experiments import ExperimentOut
from core.clock import rfc3339
from disclosures.experiments import service
from disclosures.experiments.service import ExperimentView

# docs/experiments.md says what each of them means
EXCLUDED: Final = (
    "minors",
    "age-unknown",
    "unknown-people",
    "opted-out",
    "privacy-signal",
    "need-judgement-or-high-risk",
)


def _instant(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def experiment(view: ExperimentView) -> ExperimentOut:
    """Return an experiment as the wire has it."""
    row = view.row
    return ExperimentOut(
        id=row.id,
        revision=row.revision,
        phase=view.phase,
        document=view.document,
        sha256=service.digest_of(row),
        control=row.control,
        excluded=list(EXCLUDED),
        created_at=rfc3339(row.created_at),
        drafted_by=row.drafted_by,
        approved_by=row.approved_by,
        approved_at=_instant(row.approved_at),
        started_by=row.started_by,
        started_at=_instant(row.started_at),
        stopped_by=row.stopped_by,
        stopped_at=_instant(row.stopped_at),
        stop_reason=row.stop_reason,
    )
