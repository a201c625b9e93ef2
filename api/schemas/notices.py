"""Wire types of notices. What one says is the room's own document."""

from typing import Annotated, Any

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.notices.documents import NoticeDocument


class NoticeVersionOut(Wire):
    """A published version: it never changes."""

    version: int
    sha256: str
    material: bool
    aside: bool = Field(description="Published for experiments alone: it was never in force.")
    published_at: str
    drafted_by: str
    approved_by: str
    readability: dict[str, Any] = Field(description="By language: LIX, words in a sentence, whether that is hard.")
    document: NoticeDocument


class NoticeOut(Wire):
    """A notice with the version in force, and its draft for those who keep it."""

    key: str
    revision: int = Field(description="Counts every change; the `ETag`.")
    published: NoticeVersionOut | None
    stale: bool = Field(description="The register has changed under the published version: tell people anew.")
    draft: NoticeDocument | None
    drafted_by: str | None
    approved_by: str | None
    publish_at: str | None
    created_at: str
    retired_at: str | None


class NoticeList(Wire):
    """A page of notices, by key."""

    items: list[NoticeOut]
    next_cursor: str | None


class NoticeVersions(Wire):
    """Every published version, newest first."""

    items: list[NoticeVersionOut]


class FindingOut(Wire):
    """One thing that the checks say of a draft; an error keeps it from being approved and published."""

    pointer: str
    code: str
    detail: str
    error: bool
    rule: str | None
    citation: str | None


class CheckOut(Wire):
    """Everything the checks say of a document, and how it reads."""

    findings: list[FindingOut]
    fit: bool
    readability: dict[str, Any]
    source_sha256: str | None = Field(description="What a translation of the source text has to name.")


class PublicationIn(Wire):
    """How to publish: whether the change is material, and when, if not now."""

    material: bool = Field(description="Whether everybody is to be told anew. The first version always is.")
    at: Annotated[str, Field(max_length=40)] | None = None


class ImpactOut(Wire):
    """Whom a material change would concern."""

    showings: int
    people: int = Field(description="Known people who were shown any version.")
    sessions: int
    touchpoints: list[str]


class DifferenceOut(Wire):
    """One member that differs between two versions."""

    pointer: str
    before: Any
    after: Any


class Differences(Wire):
    """What differs between two versions."""

    items: list[DifferenceOut]


class RenderingOut(Wire):
    """A version as a channel takes it."""

    notice: str
    version: int
    sha256: str
    lang: str
    channel: str
    media_type: str
    content: Any


class SkeletonElement(Wire):
    """Something a notice of this kind has to convey, and which law asks for it."""

    word: str
    rule: str
    pack: str
    citation: str
    effective_from: str | None
    fixed_text: str | None


class Skeleton(Wire):
    """What a notice has to say to satisfy some rule packs: where to begin writing."""

    kind: str
    elements: list[SkeletonElement]
    insufficient_alone: list[str]
