"""Wire types of what a rule pack concerns."""

from typing import Literal

from pydantic import Field

from api.schemas.notices import FindingOut
from api.schemas.wire import Wire


class TouchpointConcernedOut(Wire):
    """A touchpoint that sets rules of the pack off."""

    key: str
    rules: list[str]
    untold: list[str] = Field(description="Topics of which no notice is published for it.")


class NoticeConcernedOut(Wire):
    """A published notice that has to satisfy the pack, and what keeps it from that."""

    key: str
    wrong: list[FindingOut]


class SilenceOut(Wire):
    """A purpose for which silence is taken to mean more than the pack does."""

    purpose: str
    rule: str
    citation: str
    wrong: Literal["silence-is-no-yes", "signal-not-followed"]


class AgeOut(Wire):
    """From which age people decide for themselves, and whether guardians decide before."""

    rule: str
    citation: str
    age: int | None
    guardian: bool


class ReachOut(Wire):
    """What to look at again when the pack changes."""

    pack: str
    purposes: list[SilenceOut]
    minors: list[AgeOut]
    touchpoints: list[TouchpointConcernedOut]
    notices: list[NoticeConcernedOut]
