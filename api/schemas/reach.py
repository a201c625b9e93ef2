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


class RuleAffectedOut(Wire):
    """A rule that another version of its pack adds, removes or changes."""

    rule: str
    what: Literal["added", "removed", "changed"]
    fields: list[str]


class NoticeAffectedOut(Wire):
    """A published notice about the topic of a changed rule, and what would keep it from the new version."""

    key: str
    wrong: list[FindingOut]
    newly: bool = Field(description="Whether anything of that did not stand in its way before.")


class PackImpactOut(Wire):
    """What another version of a pack would change, and what to look at before it is installed."""

    pack: str
    rules: list[RuleAffectedOut]
    touchpoints: list[TouchpointConcernedOut]
    notices: list[NoticeAffectedOut]
