"""Wire types of reference groups. What is said of a group is the room's own document; its rows are never shown."""

from pydantic import BaseModel, ConfigDict, Field

from explanations.deployed.documents import MOST_ROWS, Cell, Line, ReferenceDocument


class Wire(BaseModel):
    """Exactly the fields that are declared, each of exactly its type."""

    model_config = ConfigDict(extra="forbid")


class GroupIn(Wire):
    """A group of 100 to 1,000 rows, all with the same inputs; published as its next version, for ever unchanged."""

    document: ReferenceDocument
    rows: list[dict[Line, Cell]] = Field(
        min_length=1, max_length=MOST_ROWS, description="Other people's rows: sealed, and never shown again."
    )


class GroupOut(Wire):
    """The newest version of a group."""

    key: str
    version: int
    document: ReferenceDocument
    size: int
    sha256: str
    published_at: str
    published_by: str


class GroupList(Wire):
    """A page of groups, by key."""

    items: list[GroupOut]
    next_cursor: str | None
