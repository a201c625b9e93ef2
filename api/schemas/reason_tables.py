"""Wire types of reason tables. What a table says is the room's own document: it is drafted, hashed and shown as one."""

from pydantic import Field

from api.schemas.wire import Wire
from explanations.reasons.documents import ReasonTable


class ReasonTableVersionOut(Wire):
    """An approved version; it never changes."""

    version: int
    sha256: str = Field(description="Of the document in canonical JSON (RFC 8785).")
    drafted_by: list[str] = Field(description="Every credential that wrote on it.")
    approved_by: str = Field(description="None of those.")
    approved_at: str
    document: ReasonTable


class ReasonTableOut(Wire):
    """A reason table: the version in force, and the draft under way."""

    key: str
    system: str
    revision: int = Field(description="Counts every change; the `ETag`.")
    approved: ReasonTableVersionOut | None
    draft: ReasonTable | None
    drafted_by: list[str] = Field(description="Who wrote on the draft, and so can't approve it.")
    created_at: str
    retired_at: str | None


class ReasonTableList(Wire):
    """A page of reason tables, by key."""

    items: list[ReasonTableOut]
    next_cursor: str | None


class ReasonTableVersions(Wire):
    """Every approved version of a reason table, newest first."""

    items: list[ReasonTableVersionOut]
