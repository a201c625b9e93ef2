"""Wire types of recipients and of what they are told; see docs/propagation.md."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.wire import Wire
from consent.propagation.recipients.service import Scope

Name = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")
]
Url = Annotated[str, Field(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]
Keys = Annotated[
    list[Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9._-]{0,63})$")]],
    Field(min_length=1, max_length=50, description="Keys, or `*` alone for all."),
]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=3, description="What it has to acknowledge.")]
Stage = Literal["waiting", "told", "acknowledged", "given_up"]
NoticeId = Annotated[str, Field(pattern=r"^ntc_[0-9a-f]{32}$")]


def _inference() -> list[Scope]:
    return ["inference"]


class RecipientIn(Wire):
    """A system that has to act on opt-outs and withdrawals."""

    name: Name
    url: Url
    purposes: Keys = Field(default_factory=lambda: ["*"])
    systems: Keys = Field(default_factory=lambda: ["*"])
    scopes: Scopes = Field(default_factory=_inference)
    active: bool = True


class RecipientPatch(Wire):
    """What is to change; what is left out stays."""

    name: Name | None = None
    url: Url | None = None
    purposes: Keys | None = None
    systems: Keys | None = None
    scopes: Scopes | None = None
    active: bool | None = Field(None, description="While it is not active its notices wait, and their clocks run.")


class RecipientOut(Wire):
    """A recipient, without its secret."""

    id: str
    name: str
    url: str
    purposes: list[str]
    systems: list[str]
    scopes: list[str]
    active: bool
    both_until: str | None = Field(description="Until then the former secret signs as well.")
    created_at: str
    retired_at: str | None
    version: int


class RecipientMade(RecipientOut):
    """A recipient with its new secret: keep it now, it is never shown again."""

    secret: str


class RecipientList(Wire):
    """A page of recipients, oldest first."""

    items: list[RecipientOut]
    next_cursor: str | None


class RotateIn(Wire):
    """How long the former secret signs as well."""

    overlap_hours: int = Field(24, ge=0, le=720)


class TestOut(Wire):
    """What came of a test message."""

    outcome: Literal["told", "acknowledged", "refused", "failed"]
    status: int | None = Field(description="Of the recipient's answer.")
    why: str | None
    millis: int


class DeliveryOut(Wire):
    """One attempt to reach a recipient."""

    id: str
    notice: str | None = Field(description="Nothing for a test.")
    at: str
    millis: int
    status: int | None
    outcome: str


class DeliveryList(Wire):
    """A page of attempts, newest first; they are kept for ninety days."""

    items: list[DeliveryOut]
    next_cursor: str | None


class AcknowledgementIn(Wire):
    """Which notices the recipient has applied, in which scopes, and when."""

    notices: list[NoticeId] = Field(min_length=1, max_length=200)
    scope: Scopes
    applied_at: str = Field(max_length=40, description="RFC 3339.")


class Acknowledged(Wire):
    """What became of one notice: `known` if it was acknowledged so before, `partly` while a scope is missing."""

    notice: str
    outcome: Literal["acknowledged", "partly", "known"]
    stage: Stage


class AcknowledgementOut(Wire):
    """What became of each notice, in the order they were named."""

    items: list[Acknowledged]


class NoticeOut(Wire):
    """What one recipient has to be told of one choice, and how far that has come."""

    id: str
    recipient: str
    entry: int = Field(description="The choice's entry in the ledger.")
    choice: str
    subject_id: str
    purpose: str
    system: str
    state: str
    chosen_at: str
    due_at: str
    stage: Stage
    attempts: int
    told_at: str | None
    scope: list[str] = Field(description="What was acknowledged so far.")
    applied_at: str | None
    acknowledged_at: str | None
    warned_at: str | None
    overdue_at: str | None


class NoticeList(Wire):
    """A page of notices, newest choice first."""

    items: list[NoticeOut]
    next_cursor: str | None
