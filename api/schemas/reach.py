"""Wire types of what a rule pack concerns."""

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.notices import FindingOut


class Wire(BaseModel):
    """Exactly the fields that are declared, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TouchpointConcernedOut(Wire):
    """A touchpoint that sets rules of the pack off."""

    key: str
    rules: list[str]
    untold: list[str] = Field(description="Topics of which no notice is published for it.")


class NoticeConcernedOut(Wire):
    """A published notice that has to satisfy the pack, and what keeps it from that."""

    key: str
    wrong: list[FindingOut]


class ReachOut(Wire):
    """What to look at again when the pack changes."""

    pack: str
    touchpoints: list[TouchpointConcernedOut]
    notices: list[NoticeConcernedOut]
