"""Wire types of rule packs and of a tenant's overrides of their rules."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.packs.overrides import Change

Confidence = Literal["A", "B", "C", "M"]


class PackOut(Wire):
    """A rule pack. Engineering input, not legal advice: `status` is `draft` until a lawyer has signed it off."""

    id: str
    name: str
    status: Literal["draft", "active"]
    signed_off_by: str | None
    verified_on: str | None
    sha256: str = Field(description="Of the pack's file.")
    places: list[str]
    sectors: list[str]
    contracts: list[str]
    inherits: list[str]
    notes: list[str]
    rules: int
    advisory: int = Field(description="Rules graded C or M that nobody has signed off.")


class PackList(Wire):
    """Every rule pack of this installation, by id."""

    items: list[PackOut]


class RuleOut(Wire):
    """A rule with its source. `effective_from` is `null` where it applied before it was first looked at."""

    id: str
    kind: Literal["disclosure", "right", "purpose", "duty"]
    citation: str
    confidence: Confidence = Field(
        description="A primary text, B consistent secondary sources, C one secondary source, M none checked."
    )
    verified_on: str | None = Field(description="When the source was last looked at; `null` for M.")
    effective_from: str | None
    until: str | None
    in_force: bool = Field(description="On the day that was asked about.")
    advisory: bool
    contested: bool
    doubt: str | None = Field(description="What sources disagree about, or what is to be checked.")
    says: dict[str, Any] = Field(description="The rule's own facts, in the words of the pack.")


class PackRules(Wire):
    """A rule pack with all its rules, as of `day`."""

    pack: PackOut
    day: str
    rules: list[RuleOut]


class TurnOut(Wire):
    """Something that holds of a rule from a day on."""

    on: str
    what: Literal["begins", "ends", "legacy-ends"]
    pack: str
    rule: str
    citation: str
    contested: bool


class TurnList(Wire):
    """What begins or ends after one day and until another, in the order of the days."""

    after: str
    until: str
    items: list[TurnOut]


class OverrideIn(Wire):
    """A rule to change for the caller's tenant. Asking for less takes a DPO, a reason and an end within a year."""

    rule: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9][a-z0-9._-]*$", examples=["eu.aia50-1"])]
    change: Change
    reason: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
    expires_at: Annotated[str, Field(max_length=40)] | None = None


class OverrideOut(Wire):
    """An override. `signed_off_by` is the DPO's credential where it asks for less than the rule."""

    id: str
    pack: str
    rule: str
    change: Change
    direction: Literal["stricter", "looser"]
    reason: str
    created_by: str
    signed_off_by: str | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    in_force: bool


class OverrideList(Wire):
    """Every override of a pack's rules, oldest first, ended ones too."""

    items: list[OverrideOut]
