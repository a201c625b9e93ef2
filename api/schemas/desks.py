"""Wire types of help desks of others."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.handoffs import Key
from api.schemas.wire import Wire

Option = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class DeskIn(Wire):
    """How a desk is reached. `secrets` are written only; leave them out to keep those there are."""

    kind: Key
    url: Annotated[str, Field(min_length=8, max_length=500, pattern=r"^(https?|smtps?)://[!-~]+$")]
    modes: list[Literal["live", "ticket", "callback"]] = Field(min_length=1, max_length=3)
    options: dict[Name, Option] = Field(default_factory=dict, max_length=30)
    secrets: dict[Name, Annotated[str, Field(max_length=8000)]] | None = Field(None, max_length=10)


class DeskOut(Wire):
    """A desk, without its secrets."""

    key: str
    kind: str
    url: str
    modes: list[str]
    options: dict[str, str]
    secrets: list[str] = Field(description="The names of the secrets there are.")
    caps: list[str]
    hook: str = Field(description="Where the desk delivers its events.")
    version: int


class DesksOut(Wire):
    """Every desk, and the kinds that are installed."""

    items: list[DeskOut]
    kinds: list[str]


class CheckOut(Wire):
    """Whether a desk answers now."""

    up: bool
    why: str | None
