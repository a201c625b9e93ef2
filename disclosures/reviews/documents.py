"""What a vendor tells of a change in its AI: when, what, and where that is written (GDPR Art. 13(3), 28(2))."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core import canonical
from disclosures.documents import Line, Text
from disclosures.touchpoints.documents import Reference

# not only blanks
_SAID: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b-\x1f\x7f]*$"
Changed = Literal["model", "purpose", "data_category", "sub_processor", "location", "terms", "other"]
Outcome = Literal["no_change", "new_version"]


class VendorUpdate(BaseModel):
    """An update as the vendor announced it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: Line
    changes_on: Annotated[date, Field(strict=False, description="The day from which the change holds.")]
    changed: Annotated[tuple[Changed, ...], Field(min_length=1, max_length=7, description="What sort of change it is.")]
    text: Annotated[Text, Field(description="What changed, in plain words.")]
    reference: Annotated[Reference, Field(description="Where the vendor's message is kept.")]

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")


class Answer(BaseModel):
    """How a review ended: people need not be told anew, or a new version of the notice tells them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    reason: Annotated[str, Field(min_length=1, max_length=2000, pattern=_SAID)]
