"""Wire types of purposes. What a purpose says is the room's own document: it is drafted, hashed and shown as one."""

from typing import Annotated

from pydantic import Field

from api.schemas.wire import Wire
from consent.purposes.documents import KEY_PATTERN, PurposeDocument

PurposeKey = Annotated[str, Field(pattern=KEY_PATTERN)]


class Publication(Wire):
    """How the draft is published."""

    material: bool = Field(description="Whether choices made for older versions need renewal.")
    despite: str | None = Field(None, min_length=1, max_length=500, description="Why words stand that press people.")


class PurposeVersionOut(Wire):
    """A published version; it never changes."""

    version: int
    sha256: str = Field(description="Of the document in canonical JSON (RFC 8785).")
    material_since: int = Field(description="Choices made for older versions than this need renewal.")
    published_at: str
    document: PurposeDocument


class PurposeOut(Wire):
    """A purpose: the version in force, and for its keepers the draft under way."""

    key: str
    revision: int = Field(description="Counts every change; the `ETag`.")
    published: PurposeVersionOut | None
    draft: PurposeDocument | None
    created_at: str
    retired_at: str | None


class PurposeList(Wire):
    """A page of purposes, by key."""

    items: list[PurposeOut]
    next_cursor: str | None


class PurposeVersions(Wire):
    """Every published version of a purpose, newest first."""

    items: list[PurposeVersionOut]
