"""Wire types of staff's training."""

from typing import Annotated

from pydantic import Field

from api.schemas.wire import Wire

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A civil day, such as `2026-11-30`.")]
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
PERSON = r"^[A-Za-z0-9._:|~-]{1,200}$"


class TrainingIn(Wire):
    """A course somebody completed."""

    person: str = Field(pattern=PERSON, description="The principal's id, as reviews name it; never a name.")
    course: Words
    cohort: Words = Field(description="Who was trained together: figures compare cohorts.")
    completed_on: Day
    expires_on: Day = Field(description="The last day on which it counts.")


class TrainingOut(Wire):
    """A record of training; it never changes."""

    id: str
    person: str
    course: str
    cohort: str
    completed_on: str
    expires_on: str
    recorded_by: str
    recorded_at: str
    seq: int = Field(description="Its entry in the ledger.")


class TrainingList(Wire):
    """A page of records, newest first."""

    items: list[TrainingOut]
    next_cursor: str | None
