"""What the register says of an AI system (EU AI Act Art. 13, 26, 50; ISO/IEC 42001 A.8), and must not leave out.

Nobody answers for a system without owner, nobody can object to one without purposes, and whoever is refused by one
needs a person to turn to, or a reason why there is none.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core import canonical
from core.errors import FieldError

KEY_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Key = Annotated[str, Field(pattern=KEY_PATTERN, examples=["support-bot"])]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)]
Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=_TEXT)]
Channel = Literal["web", "app", "chat", "voice", "email", "messenger", "kiosk", "api", "internal"]
RiskClass = Literal["minimal", "limited", "high", "not_assessed"]


class ModelVersion(BaseModel):
    """One version of the model behind a system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Line
    version: Annotated[str, Field(min_length=1, max_length=100, pattern=_TEXT)]
    note: Text | None = None


class SystemDocument(BaseModel):
    """Everything the register says of an AI system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    name: Line
    provider: Line
    role: Literal["provider", "deployer"]
    purposes: Annotated[tuple[Key, ...], Field(max_length=100, description="Keys of the purposes it serves.")]
    channels: Annotated[tuple[Channel, ...], Field(max_length=9)] = ()
    versions: Annotated[tuple[ModelVersion, ...], Field(max_length=200, description="Newest last.")] = ()
    human_alternative: Key | None = Field(None, description="The route to a human.")
    no_human_alternative_reason: Text | None = None
    owner: Annotated[str, Field(max_length=200, pattern=_TEXT, description="Who answers for it.")]
    contact: Line
    risk_class: RiskClass = "not_assessed"

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")


def omissions(document: SystemDocument) -> tuple[FieldError, ...]:
    """Return what an entry of the register must not leave out, or must not say twice."""
    found: list[FieldError] = []
    if not document.owner.strip():
        found.append(FieldError("/owner", "somebody has to answer for the system"))
    if not document.purposes:
        found.append(FieldError("/purposes", "a system without purposes can't be told to anyone"))
    for name in ("purposes", "channels"):
        listed = getattr(document, name)
        if len(set(listed)) != len(listed):
            found.append(FieldError(f"/{name}", "lists something twice"))
    reason = (document.no_human_alternative_reason or "").strip()
    if document.human_alternative is None and not reason:
        found.append(
            FieldError("/human_alternative", "name the route to a human, or say in no_human_alternative_reason why not")
        )
    if document.human_alternative is not None and reason:
        found.append(FieldError("/no_human_alternative_reason", "there is a human alternative"))
    return tuple(found)
