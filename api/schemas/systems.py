"""Wire types of the register of AI systems. What it says of a system is the room's own document."""

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.documents import SystemDocument


class SystemOut(Wire):
    """An AI system as the register has it now."""

    key: str
    revision: int = Field(description="Counts every change; the `ETag`.")
    document: SystemDocument
    created_at: str
    retired_at: str | None


class SystemList(Wire):
    """A page of AI systems, by key."""

    items: list[SystemOut]
    next_cursor: str | None


class SystemVersionOut(Wire):
    """What the register said from `recorded_at` on."""

    revision: int
    sha256: str
    recorded_at: str
    document: SystemDocument


class SystemVersions(Wire):
    """Everything the register ever said of a system, newest first."""

    items: list[SystemVersionOut]
