"""Wire types of proof of display: what was shown, who speaks, and where people were not told in time."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.documents import Key

SubjectReference = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")]
Opaque = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:~-]{1,64}$", description="Your own opaque reference.")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Build = Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,40}$", examples=["1.0.0"])]
Locale = Annotated[str, Field(max_length=12, pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
ExperimentId = Annotated[str, Field(pattern=r"^expt_[0-9a-f]{32}$")]
Instant = Annotated[str, Field(max_length=40, examples=["2026-11-21T08:30:00Z"])]
Who = Literal["ai", "human", "mixed"]


class ShowingIn(Wire):
    """A notice that has become visible, or was spoken or sent."""

    notice: Key
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    lang: Locale
    surface: Annotated[Word, Field(examples=["chat", "panel", "voice", "sms", "email"])]
    build: Build = "none"
    session: Opaque
    touchpoint: Key | None = None
    conversation: Opaque | None = None
    decision: Opaque | None = None
    position: Word | None = None
    subject: SubjectReference | None = Field(
        None, description="From a back-end only: your own reference of the person."
    )
    shown_at: Instant | None = Field(None, description="From a back-end only: when, if not now; at most a day ago.")
    experiment: ExperimentId | None = Field(None, description="As the answer to `resolve` said, with the version.")


class ShowingOut(Wire):
    """A recorded showing."""

    id: str
    seq: int = Field(description="Its number in the ledger.")
    notice: str
    version: int
    sha256: str = Field(description="Of the version that was shown.")
    lang: str
    surface: str
    build: str
    site: str | None
    touchpoint: str | None
    session: str
    conversation: str | None
    decision: str | None
    subject: str | None
    position: str | None
    before_first_turn: bool | None = Field(description="`null` while it is not known when the AI first spoke.")
    shown_at: str
    recorded_at: str
    experiment: str | None = Field(description="Of whose variants this version was shown.")


class ShowingList(Wire):
    """A page of showings, newest first."""

    items: list[ShowingOut]
    next_cursor: str | None


class TurnIn(Wire):
    """Who speaks in a conversation from now on. Send it with the AI's first turn and at every change."""

    conversation: Opaque
    touchpoint: Key
    handler: Who
    at: Instant | None = Field(None, description="When, if not now; at most a day ago.")


class HandlerOut(Wire):
    """Who speaks in a conversation."""

    conversation: str
    touchpoint: str
    handler: Who
    since: str
    first_ai_turn_at: str | None


class IdentityOut(Wire):
    """The truth about whom one talks to."""

    conversation: str | None
    handler: Who
    since: str | None = Field(description="`null` where nobody told of the conversation: then it is AI.")
    answer: str = Field(description="For the person.")
    lang: str
    prompt: str = Field(description="For the model.")


class GapOut(Wire):
    """A conversation in which the AI spoke before the person was told."""

    seq: int
    conversation: str
    touchpoint: str
    first_ai_turn_at: str
    shown_at: str | None = Field(description="The first showing after all; `null` if there is none.")
    found_at: str


class GapList(Wire):
    """A page of gaps, newest first."""

    items: list[GapOut]
    next_cursor: str | None
