"""Wire types of the register of touchpoints. What it says of one is the room's own document."""

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.touchpoints.documents import State, TouchpointDocument


class TouchpointOut(Wire):
    """A touchpoint as the register has it now."""

    key: str
    state: State
    revision: int = Field(description="Counts every change; the `ETag`.")
    document: TouchpointDocument
    models: list[str] = Field(description="Versions of the model that are live here.")
    created_at: str
    changed_at: str


class TouchpointList(Wire):
    """A page of touchpoints, by key."""

    items: list[TouchpointOut]
    next_cursor: str | None


class TouchpointVersionOut(Wire):
    """What the register said from `recorded_at` on."""

    revision: int
    state: State
    sha256: str
    recorded_at: str
    document: TouchpointDocument


class TouchpointVersions(Wire):
    """Everything the register ever said of a touchpoint, newest first."""

    items: list[TouchpointVersionOut]


class StateIn(Wire):
    """Where a touchpoint is to go: customers meet it while it is `pilot` or `live`."""

    state: State
