"""What a notice is: layered text in each language, and what it is about (EU AI Act Art. 50(5); ISO/IEC 29184, 5.2-5.4).

A translation names the hash of the source text it was made from: it is stale as soon as the source differs.
"""

from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core import canonical
from disclosures.documents import Key, Line
from disclosures.packs.documents import PackId, Word
from disclosures.packs.vocabulary import Channel
from disclosures.touchpoints.documents import Language

_TEXT: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Body = Annotated[str, Field(min_length=1, max_length=1200, pattern=_TEXT)]
Long = Annotated[str, Field(min_length=1, max_length=8000, pattern=_TEXT)]
# the topics of the rule packs, and the message that something has changed (GDPR Art. 13(3))
NoticeKind = Literal[
    "ai_interaction",
    "emotion_or_biometrics",
    "automated_decision",
    "adverse_outcome",
    "price",
    "offer",
    "consent_notice",
    "right_to_object",
    "synthetic_content",
    "change",
]


# what a data protection officer may let stand, with a reason that stays in the version (EDPB 03/2022; CCPA 7004)
Pressure = Literal["shaming", "urging", "double-negative"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoticeText(_Strict):
    """A notice in one language; plain text, never markup."""

    title: Line
    text: Annotated[Body, Field(description="The first layer: what everybody reads.")]
    more: Annotated[Long | None, Field(description="The second layer.")] = None
    human: Annotated[Line | None, Field(description="The words of the link to a person.")] = None
    label: Annotated[Line | None, Field(description="The words of a mark beside AI output.")] = None
    elements: Annotated[
        dict[Word, Body], Field(max_length=40, description="What laws want conveyed, each under its word in the packs.")
    ] = {}
    renderings: Annotated[
        dict[Channel, Long], Field(max_length=9, description="Own wording for a channel; else made from the layers.")
    ] = {}
    translated_from: Annotated[
        str | None, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the source text this was made from.")
    ] = None

    @property
    def sha256(self) -> str:
        """Return the hash that translations of this text name."""
        return sha256(canonical.dumps(self.model_dump(mode="json", exclude={"translated_from"}))).hexdigest()


class NoticeDocument(_Strict):
    """Everything a published version of a notice says; immutable once published."""

    key: Key
    kind: NoticeKind
    source_language: Language
    texts: Annotated[dict[Language, NoticeText], Field(min_length=1, max_length=40)]
    touchpoints: Annotated[tuple[Key, ...], Field(max_length=100, description="Where it is shown.")] = ()
    packs: Annotated[tuple[PackId, ...], Field(max_length=40, description="Rule packs it has to satisfy.")] = ()
    model_versions: Annotated[
        tuple[Line, ...], Field(max_length=20, description="Only where one of these versions of the model answers.")
    ] = ()
    despite: Annotated[
        dict[Pressure, Line], Field(max_length=3, description="Pressing words that stand all the same, and why.")
    ] = {}

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")

    def nearest(self, language: str) -> str:
        """Return the language to show to somebody who wants ``language``."""
        for wanted in (language, language.partition("-")[0]):
            if wanted in self.texts:
                return wanted
        return self.source_language
