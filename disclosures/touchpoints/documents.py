"""What the register says of a touchpoint (EU AI Act Art. 26, 50; ISO/IEC 42001 A.4.2, A.9.4, A.10.3; GDPR Art. 28).

A touchpoint is a place where customers meet an AI system: a chat, a price, a list of suggestions; also the routing
that decides who answers. Nobody may be responsible for none of them, and each has a way to a person or says why not.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from core import canonical
from core.errors import FieldError
from disclosures.documents import Key, Line, Text
from disclosures.packs.documents import Word
from disclosures.packs.vocabulary import Channel, Kind

State = Literal["draft", "pilot", "live", "suspended", "retired"]
LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
Language = Annotated[str, Field(max_length=12, pattern=LANGUAGE)]
Reference = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Record = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]

# where each state may lead
LEADS: Final[dict[str, frozenset[str]]] = {
    "draft": frozenset({"pilot", "live", "retired"}),
    "pilot": frozenset({"live", "suspended", "retired"}),
    "live": frozenset({"suspended", "retired"}),
    "suspended": frozenset({"pilot", "live", "retired"}),
    "retired": frozenset(),
}
IN_USE: Final = frozenset({"pilot", "live"})
_FEELINGS: Final = frozenset({"emotion_recognition", "biometric_categorisation"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vendor(_Strict):
    """Whose AI it is, and the contracts about it (GDPR Art. 28; ISO/IEC 42001 A.10.3)."""

    name: Line
    contract: Annotated[Reference | None, Field(description="Where the contract is kept.")] = None
    processing_agreement: Annotated[Reference | None, Field(description="The data processing agreement.")] = None
    audit_rights: StrictBool | None = None
    questionnaire_until: Annotated[date | None, Field(strict=False, description="Answers are valid until.")] = None
    exit_plan: Reference | None = None


class Assessment(_Strict):
    """A link to an assessment."""

    kind: Literal["dpia", "fria", "conformity", "legitimate_interests", "ethics", "bias", "security", "other"]
    reference: Reference
    on: Annotated[date | None, Field(strict=False)] = None


class Explaining(_Strict):
    """How decisions of the model are explained."""

    method: Reference
    fidelity: Reference | None = None
    assumptions: Record | None = None


class Exclusion(_Strict):
    """Why a touchpoint is outside the scope of AI management (ISO/IEC 42001, 4.3)."""

    criterion: Record
    approver: Line
    review_on: Annotated[date, Field(strict=False)]


class TouchpointDocument(_Strict):
    """Everything the register says of a touchpoint."""

    key: Key
    name: Line
    texts: Annotated[
        dict[Language, Text], Field(min_length=1, max_length=40, description="What AI does here, in plain words.")
    ]
    kind: Kind
    system: Annotated[Key, Field(description="The AI system behind it.")]
    model_versions: Annotated[
        tuple[Line, ...], Field(max_length=20, description="Versions live side by side; empty: the newest.")
    ] = ()
    purposes: Annotated[tuple[Key, ...], Field(max_length=100, description="Keys of the purposes it serves.")]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=9)]
    sites: Annotated[tuple[Key, ...], Field(max_length=100, description="Sites by short name; empty: every site.")] = ()
    facts: Annotated[
        tuple[Word, ...], Field(max_length=40, description="What rule packs ask about, as in a resolution.")
    ] = ()
    emotion_or_biometrics: StrictBool = Field(
        default=False, description="It infers feelings or traits from face, voice or behaviour."
    )
    vendor: Vendor | None = None
    owner: Annotated[str, Field(max_length=200, description="Who answers for it.")]
    approver: Line | None = None
    human_route: Key | None = Field(None, description="The route to a human.")
    no_human_route_reason: Text | None = None
    assessments: Annotated[tuple[Assessment, ...], Field(max_length=50)] = ()
    explaining: Explaining | None = None
    interested_parties: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    excluded: Exclusion | None = Field(None, description="Outside the scope of AI management, and why.")
    public_record: Annotated[
        dict[Word, Record], Field(max_length=80, description="What public registers ask for besides.")
    ] = {}

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")

    @property
    def all_facts(self) -> frozenset[str]:
        """Return what rule packs may ask about, the flag for emotion and biometrics among it."""
        return frozenset(self.facts) | (
            {"emotion_recognition"} if self.emotion_or_biometrics and not _FEELINGS & set(self.facts) else set()
        )


def omissions(document: TouchpointDocument) -> tuple[FieldError, ...]:
    """Return what an entry must not leave out, or must not say twice."""
    found: list[FieldError] = []
    if not document.owner.strip():
        found.append(FieldError("/owner", "somebody has to answer for the touchpoint"))
    if not document.purposes:
        found.append(FieldError("/purposes", "a touchpoint without purpose can't be told to anyone"))
    for name in ("purposes", "channels", "sites", "facts", "model_versions"):
        listed = getattr(document, name)
        if len(set(listed)) != len(listed):
            found.append(FieldError(f"/{name}", "lists something twice"))
    reason = (document.no_human_route_reason or "").strip()
    if document.human_route is None and not reason:
        found.append(FieldError("/human_route", "name the route to a human, or say in no_human_route_reason why not"))
    if document.human_route is not None and reason:
        found.append(FieldError("/no_human_route_reason", "there is a route to a human"))
    if document.emotion_or_biometrics is False and _FEELINGS & set(document.facts):
        found.append(FieldError("/emotion_or_biometrics", "the facts say that it does infer feelings or traits"))
    return tuple(found)
