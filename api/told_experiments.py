"""From experiments to their wire types."""

from typing import Final

from api.schemas.experiments import CountOut, ExperimentOut, FiguresOut, VariantFiguresOut
from core.clock import rfc3339
from disclosures.experiments import service
from disclosures.experiments.service import ExperimentView
from oversight.trials import Figures, Trial

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


def _of_variant(one: Figures) -> VariantFiguresOut:
    counts = {name: CountOut(**getattr(one, name)._asdict()) for name in ("people", "yes", "no", "took_back")}
    shown = {"name": one.variant.name, "version": one.variant.version, "share": one.variant.share}
    return VariantFiguresOut.model_validate({**shown, **counts, "showings": one.showings, "nudges": one.nudges})


def figures(experiment_id: str, trial: Trial) -> FiguresOut:
    """Return the figures of an experiment as the wire has them."""
    variants = [_of_variant(one) for one in trial.variants]
    return FiguresOut(experiment=experiment_id, variants=variants, complete=trial.complete)
