"""What an experiment with the texts of a notice says of itself: why, why that is fair, when, and between which texts.

It is approved as it stands: whoever approves it answers for the hypothesis and for its fairness to people
(EDPB Guidelines 03/2022; GDPR Art. 5(1)(a), 25).
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from core import canonical
from core.clock import DAY
from core.errors import FieldError
from disclosures.documents import Key, Line, Text

ALL_OF_IT: Final = 100  # percent
# what has not shown itself by then will not: nobody is tried upon for ever
LONGEST_DAYS: Final = 90
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
VariantName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", examples=["shorter"])]
Version = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Variant(_Strict):
    """One text of the experiment, and how many of a hundred people are shown it."""

    name: VariantName
    version: Annotated[Version, Field(description="A published version of the notice; one is that in force.")]
    share: Annotated[int, Field(ge=1, le=99, strict=True, description="Percent.")]


class ExperimentDocument(_Strict):
    """Everything that is approved of an experiment."""

    notice: Key
    name: Line
    hypothesis: Annotated[Text, Field(description="What is expected, and what for.")]
    fairness: Annotated[Text, Field(description="Why it is fair to the people who are shown either text.")]
    starts_on: Annotated[date, Field(strict=False, description="From the first moment of this day, UTC.")]
    ends_on: Annotated[date, Field(strict=False, description="To the last moment of this day, UTC.")]
    variants: Annotated[tuple[Variant, ...], Field(min_length=2, max_length=5)]
    purpose: Annotated[
        Key | None, Field(description="Only people whom the gate allows to be processed for this purpose take part.")
    ] = None

    @property
    def begins_at(self) -> int:
        """Return the first instant (microseconds)."""
        return (self.starts_on.toordinal() - _EPOCH_DAY) * DAY

    @property
    def ends_at(self) -> int:
        """Return the first instant after it (microseconds)."""
        return (self.ends_on.toordinal() + 1 - _EPOCH_DAY) * DAY

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")


def contradictions(document: ExperimentDocument) -> Iterator[FieldError]:
    """Yield what in a document contradicts the rest of it."""
    if sum(one.share for one in document.variants) != ALL_OF_IT:
        yield FieldError("/variants", "the shares have to make 100 percent together")
    for member in ("name", "version"):
        listed = [getattr(one, member) for one in document.variants]
        if len(set(listed)) != len(listed):
            yield FieldError("/variants", f"two variants have the same {member}")
    if document.ends_on < document.starts_on:
        yield FieldError("/ends_on", "is before the beginning")
    elif (document.ends_on - document.starts_on).days >= LONGEST_DAYS:
        yield FieldError("/ends_on", f"an experiment lasts {LONGEST_DAYS} days at most")
    for member in ("hypothesis", "fairness"):
        if not getattr(document, member).strip():
            yield FieldError(f"/{member}", "says nothing")


def document_of(text: str) -> ExperimentDocument:
    """Read a stored document."""
    return ExperimentDocument.model_validate(canonical.loads(text))
