"""Wire types of the public register, of its national exports, and of marks on AI-made content."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.wire import Wire
from disclosures.documents import Key
from disclosures.register.labels import Making

Locale = Annotated[str, Field(max_length=12, pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]


class PublicRegister(BaseModel):
    """How a site uses AI, for machines."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    schema_: str = Field(alias="schema", serialization_alias="schema")
    organisation: str
    read_at: str
    systems: list[dict[str, Any]]


class Incomplete(Wire):
    """A touchpoint that can't be exported yet."""

    touchpoint: str
    missing: list[str] = Field(description="State them in `public_record`; `not applicable` is an answer.")


class ExportOut(Wire):
    """Our register in a national field set."""

    standard: Literal["atrs", "dutch"]
    schema_id: str
    records: list[dict[str, Any]]
    incomplete: list[Incomplete]


class ReviewIn(Wire):
    """Who looked at a content item before it was shown, and when."""

    by: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:~-]+$")]
    at: Annotated[str, Field(max_length=40)]


class LabelIn(Wire):
    """A content item that AI made or changed."""

    touchpoint: Key
    making: Making
    lang: Locale = "en"
    made_at: Annotated[str, Field(max_length=40)] | None = None
    reviewed: ReviewIn | None = Field(None, description='For "checked by a person": both who and when.')
    manifest: Annotated[dict[str, Any] | None, Field(description="The generator's own marker, handed through.")] = None


class LabelOut(Wire):
    """A mark: words for people, and what machines read."""

    text: str
    lang: str
    metadata: dict[str, Any]
