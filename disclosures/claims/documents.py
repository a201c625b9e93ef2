"""A claim: how it is said, in which languages and places, who answers for it, and by what it is shown to be true.

Evidence holds until a day. A claim without evidence that holds may not be said in a notice (FTC Act s.5 asks for
substantiation before a claim is made).
"""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core import canonical
from disclosures.documents import Key, Line
from disclosures.touchpoints.documents import Language, Reference

_TEXT: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Statement = Annotated[str, Field(min_length=8, max_length=500, pattern=_TEXT)]
Standing = Literal["shown", "expired", "no-evidence"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evidence(_Strict):
    """By what a claim is shown to be true, and how long that holds."""

    kind: Literal["test", "measurement", "study", "audit", "vendor_statement", "other"]
    reference: Annotated[Reference, Field(description="Where it is kept.")]
    valid_until: Annotated[date, Field(strict=False, description="The last day on which it holds.")]


class ClaimDocument(_Strict):
    """Everything the register says of a claim."""

    key: Key
    statements: Annotated[
        dict[Language, Annotated[tuple[Statement, ...], Field(min_length=1, max_length=20)]],
        Field(min_length=1, max_length=40, description="How it is said, by language; notices are searched for these."),
    ]
    places: Annotated[tuple[Reference, ...], Field(max_length=50, description="Where else it is said in public.")] = ()
    touchpoint: Key | None = None
    owner: Line
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=50)] = ()

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")

    @property
    def holds_until(self) -> date | None:
        """Return the last day on which some evidence holds; nothing where there is none."""
        return max((one.valid_until for one in self.evidence), default=None)

    def standing(self, on: date) -> Standing:
        """Return how the claim stands on a day."""
        last = self.holds_until
        if last is None:
            return "no-evidence"
        return "shown" if on <= last else "expired"
