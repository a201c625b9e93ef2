"""Wire types of what is due where a person meets AI: the law's side, and the texts and choices that answer it."""

from typing import Annotated, Any

from pydantic import Field

from api.schemas.disclosures import (
    Audience,
    Instant,
    Locale,
    Place,
    ResolutionOut,
    SeenIn,
    Word,
)
from api.schemas.showings import Opaque, SubjectReference
from api.schemas.wire import Wire
from disclosures.packs.vocabulary import Channel, Moment


class MeetingIn(Wire):
    """A person at a touchpoint. Whatever is left out is unknown, and counts as what asks for more."""

    channel: Channel | None = None
    moment: Moment | None = Field(None, description="`null`: at any moment.")
    audience: Audience = "unknown"
    residence: Place | None = None
    location: Place | None = None
    establishment: Place | None = None
    sectors: Annotated[list[Word], Field(max_length=10)] | None = None
    contract: Word | None = None
    locale: Locale | None = None
    at: Instant | None = Field(None, description="A dry run on that date.")
    seen: SeenIn | None = None
    model_version: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Which version of the model answers: it may have a notice of its own."
    )
    session: Opaque | None = Field(None, description="Instead of `seen`: what was shown in this session is looked up.")
    subject: SubjectReference | None = Field(
        None, description="From a back-end only: your own reference of the person. Experiments need it."
    )


class ToldOut(Wire):
    """How one topic is told here; `null` where no notice is published for it: a gap to close."""

    topic: str
    notice: str | None
    version: int | None
    sha256: str | None
    lang: str | None
    media_type: str | None
    content: Any | None
    stale: bool = Field(description="The register has changed under this notice.")
    experiment: str | None = Field(None, description="The experiment this version is shown in: say so in the showing.")
    variant: str | None = None


class ChoiceOffered(Wire):
    """Something to choose about here."""

    purpose: str
    version: int
    on: bool = Field(description="What holds for somebody who has said nothing.")
    locked: bool


class MeetingOut(Wire):
    """What is due, how it is told, and what can be chosen. Engineering input, not legal advice."""

    touchpoint: str
    resolution: ResolutionOut
    told: list[ToldOut]
    choices: list[ChoiceOffered]
    offer: str | None = Field(description="For a browser: to be brought back with a choice.")
