"""What a purpose says: its fields (GDPR Art. 5(1)(b), 6, 13, 30; ISO/IEC TS 27560, 6.3) and what contradicts what.

The same document is drafted, published, hashed and shown. The shapes are checked by pydantic; ``contradictions``
knows what shapes can't say.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from consent import durations
from core import canonical
from core.errors import FieldError

KEY_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"
LANGUAGE_PATTERN: Final = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
# letters of any language, but nothing that controls a terminal or a page
_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"

Kind = Literal[
    "ai_training",
    "ai_fine_tuning",
    "ai_personalisation",
    "ai_profiling",
    "ai_automated_decision",
    "ai_chat",
    "ai_generation",
    "ai_evaluation",
    "ai_third_party_model",
    "ai_sentiment",
    "marketing",
    "sale_or_share",
    "analytics",
    "service",
]
LawfulBasis = Literal[
    "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"
]
Word = Annotated[str, Field(min_length=1, max_length=120, pattern=_TEXT)]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)]
Text = Annotated[str, Field(min_length=1, max_length=4000, pattern=_TEXT)]
Language = Annotated[str, Field(max_length=12, pattern=LANGUAGE_PATTERN)]
Words = Annotated[tuple[Word, ...], Field(max_length=50)]
Period = Annotated[str, Field(max_length=40, pattern=durations.PATTERN, examples=["P12M"])]
PurposeKey = Annotated[str, Field(pattern=KEY_PATTERN, examples=["support-chat"])]


class PurposeText(BaseModel):
    """A purpose in one language, in plain words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    text: Text
    logic_summary: Text | None = Field(None, description="How the AI arrives at its result, in plain words.")
    consequences: Text | None = Field(None, description="What that can mean for the person.")
    withdrawal: Text | None = Field(None, description="How to withdraw or object, and what happens then.")


class PurposeDocument(BaseModel):
    """Everything a published version of a purpose says; immutable once published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: PurposeKey
    texts: Annotated[dict[Language, PurposeText], Field(min_length=1, max_length=40)]
    kind: Kind
    lawful_basis: LawfulBasis
    mechanism: Literal["opt_in", "opt_out", "notice_only"]
    retention: Period
    data_categories: Annotated[Words, Field(min_length=1)]
    special_category: StrictBool = Field(False, description="GDPR Art. 9 data; forces `explicit`.")
    explicit: StrictBool = Field(False, description="Consent takes two distinct acts.")
    recipients: Words = ()
    transfers: Words = Field((), description="Countries outside, and the safeguard.")
    storage_locations: Annotated[Words, Field(min_length=1)]
    jurisdictions: Words = ()
    validity: Period | None = Field(None, description="How long a consent lasts.")
    gpc: StrictBool = Field(False, description="`Sec-GPC: 1` opts out of this purpose.")

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")


def contradictions(document: PurposeDocument) -> tuple[FieldError, ...]:
    """Return what in a document contradicts the rest of it."""
    found: list[FieldError] = []
    if (document.lawful_basis == "consent") != (document.mechanism == "opt_in"):
        found.append(FieldError("/mechanism", "consent as lawful basis and opt_in go together, and only together"))
    if document.special_category and not document.explicit:
        found.append(FieldError("/explicit", "special categories of data need explicit consent (GDPR Art. 9(2)(a))"))
    if document.explicit and document.mechanism != "opt_in":
        found.append(FieldError("/explicit", "only consent can be explicit"))
    if document.gpc and document.mechanism == "notice_only":
        found.append(FieldError("/gpc", "a purpose that can't be refused can't honour the signal"))
    if document.validity is not None and document.mechanism != "opt_in":
        found.append(FieldError("/validity", "only consent runs out"))
    for name in ("retention", "validity"):
        period = getattr(document, name)
        if period is not None and _is_nothing(period):
            found.append(FieldError(f"/{name}", "a duration of nothing"))
    return tuple(found)


def _is_nothing(period: str) -> bool:
    try:
        durations.parse(period)
    except ValueError:
        return True
    return False
