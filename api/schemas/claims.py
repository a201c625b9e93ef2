"""Wire types of claims. What one says is the room's own document."""

from typing import Literal

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.claims.documents import ClaimDocument


class ClaimOut(Wire):
    """A claim, how it stands today, and the notices in force that say it."""

    key: str
    revision: int = Field(description="Counts every change; the `ETag`.")
    standing: Literal["shown", "expired", "no-evidence", "retired"]
    holds_until: str | None = Field(description="The last day on which some evidence holds.")
    said_in: list[str] = Field(description="Keys of the notices in force that say it, word for word.")
    recorded_at: str
    sha256: str
    document: ClaimDocument


class ClaimList(Wire):
    """A page of claims, by key."""

    items: list[ClaimOut]
    next_cursor: str | None


class ClaimVersionOut(Wire):
    """What the register said of a claim from an instant on."""

    revision: int
    retired: bool
    recorded_at: str
    sha256: str
    document: ClaimDocument


class ClaimVersions(Wire):
    """Everything the register ever said of a claim, newest first."""

    items: list[ClaimVersionOut]
