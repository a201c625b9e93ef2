"""Wire types of model endpoints. What is said of an endpoint is the room's own document."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from explanations.deployed.documents import Cell, EndpointDocument, HeaderName, Line

HeaderValue = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[!-~]([ -~]*[!-~])?$")]
Credentials = Annotated[
    dict[HeaderName, HeaderValue],
    Field(max_length=10, description="Header fields such as `Authorization`. Sealed, and never shown again."),
]


class Wire(BaseModel):
    """Exactly the fields that are declared, each of exactly its type."""

    model_config = ConfigDict(extra="forbid")


class EndpointIn(Wire):
    """Where a model is served; a change without `credentials` keeps those there are."""

    document: EndpointDocument
    credentials: Credentials | None = None


class EndpointOut(Wire):
    """An endpoint as it is now; of its credentials only the names."""

    id: str
    revision: int = Field(description="Counts every change; the `ETag`.")
    document: EndpointDocument
    credentials: list[str]
    recorded_at: str
    retired: bool


class EndpointList(Wire):
    """A page of endpoints."""

    items: list[EndpointOut]
    next_cursor: str | None


class TrialIn(Wire):
    """A row to try the endpoint with; use made-up values."""

    row: dict[Line, Cell] = Field(min_length=1, max_length=1000)


class CheckOut(Wire):
    """One thing that was tried: `ok`, `not-offered`, or the code of what was wrong."""

    name: str
    outcome: str
    said: str


class TrialOut(Wire):
    """What the endpoint answered; `usable` tells whether its decisions can be explained."""

    usable: bool
    output: float | None
    version: str | None
    checks: list[CheckOut]
    milliseconds: int
