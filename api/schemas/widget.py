"""Wire types of the widget's two requests: the configuration for everybody, and the personal part with an offer."""

from typing import Literal

from pydantic import Field

from api.schemas.choices import GpcOut
from api.schemas.wire import Wire

Surface = Literal["panel", "notice", "chat", "label", "gate", "page", "app"]


class UseOut(Wire):
    """A live touchpoint of the site."""

    id: str
    kind: str
    name: str
    text: str
    purposes: list[str]
    notice: str | None = Field(description="The notice that belongs to it.")
    human: bool = Field(description="Whether there is a route to a person.")
    contact: str | None
    lang: str | None = Field(None, description="Where the text is in another language than the document.")


class NoticeOut(Wire):
    """A published text that is due without knowing the person."""

    id: str
    version: int
    kind: str
    title: str
    text: str = Field(description="The first layer.")
    more: str | None = Field(description="The second layer.")
    human: str | None = Field(description="The words of the link to a person.")
    label: str | None = Field(description="The words of a mark beside AI output.")
    uses: list[str]
    lang: str | None = None


class OfferedPurpose(Wire):
    """Something that can be chosen here."""

    id: str
    version: int
    name: str
    text: str
    on: bool = Field(description="What holds for somebody who has said nothing.")
    locked: bool
    explicit: bool
    gpc: bool
    lang: str | None = None


class HumanOut(Wire):
    """Routes to people."""

    routes: list[str]
    contact: str | None


class WidgetConfig(Wire):
    """Everything a widget shows to everybody, in one language."""

    lang: str
    dir: Literal["ltr", "rtl"]
    languages: list[str]
    org: str
    version: str = Field(description="Changes with anything in this document.")
    page: str
    choices: str
    uses: list[UseOut]
    notices: list[NoticeOut]
    purposes: list[OfferedPurpose]
    human: HumanOut
    messages: dict[str, str | dict[str, str]] = Field(description="The widget's own words; plurals by CLDR category.")


class StateOut(Wire):
    """How a purpose stands for the person."""

    on: bool
    why: Literal["choice", "signal", "all-off", "default", "expired", "renewal"]
    pending: bool
    ask_after: str | None


class OffersOut(Wire):
    """How things stand for the person, and proof of what is offered to her."""

    subject: str | None
    states: dict[str, StateOut]
    all_off: bool
    gpc: GpcOut
    version: str
    offer: str
    expires_at: str
