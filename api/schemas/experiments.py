"""Wire types of experiments with the texts of notices. What one says is the room's own document."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.experiments.documents import ExperimentDocument

Phase = Literal["draft", "approved", "running", "stopped", "ended"]
# not only blanks
_SAID = r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b-\x1f\x7f]*$"


class ExperimentOut(Wire):
    """An experiment, and who answers for it."""

    id: str
    revision: int = Field(description="Counts every change; the `ETag`.")
    phase: Phase = Field(description="`ended` by time; variants are shown while `running`, at no other time.")
    document: ExperimentDocument
    sha256: str = Field(description="Of the document: what was approved.")
    control: int | None = Field(description="The version in force when it was approved.")
    excluded: list[str] = Field(description="Who is shown the version in force in every experiment.")
    created_at: str
    drafted_by: str
    approved_by: str | None
    approved_at: str | None
    started_by: str | None
    started_at: str | None
    stopped_by: str | None
    stopped_at: str | None
    stop_reason: str | None


class ExperimentList(Wire):
    """A page of experiments, oldest first."""

    items: list[ExperimentOut]
    next_cursor: str | None


class StopIn(Wire):
    """Why an experiment is stopped."""

    reason: Annotated[str, Field(min_length=1, max_length=2000, pattern=_SAID)]
