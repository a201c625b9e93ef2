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


class CountOut(Wire):
    """So many people; both members are `null` where they are fewer than five, and could be somebody in particular."""

    number: int | None
    percent: float | None


class VariantFiguresOut(Wire):
    """What people did who were shown a variant, from the first showing on."""

    name: str
    version: int
    share: int = Field(description="Percent, as approved.")
    showings: int
    people: CountOut = Field(description="Known people, and their share of all who took part.")
    yes: CountOut = Field(description="Who said yes to anything; percent of the people.")
    no: CountOut = Field(description="Who refused, objected or opted out; percent of the people.")
    took_back: CountOut = Field(description="Who took a yes back; percent of those who had said it.")
    nudges: bool = Field(description="Markedly more yes than for the version in force, and markedly more taken back.")


class FiguresOut(Wire):
    """The figures of an experiment, up to now."""

    experiment: str
    variants: list[VariantFiguresOut]
    complete: bool = Field(description="Whether everybody who took part is counted.")
