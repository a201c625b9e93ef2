"""The shape of a rule pack file: typed rules that each carry citation, effective date, confidence and verification.

Grades: A primary text, B two or more consistent secondary sources, C one secondary source, M no source checked.
A rule graded C or M is advisory until a lawyer has signed it off (RUL-01).
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Confidence = Literal["A", "B", "C", "M"]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,79}$")]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
PackId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Place = Annotated[
    str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="ISO 3166-1 or 3166-2; EU for all of it.")
]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Clock = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Lasting = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}(h|d|bd|mo|y)$")]
# "in_force": the law applied already when it was looked at, and since when was not recorded
Effective = date | Literal["in_force"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """What every rule carries."""

    id: RuleId
    effective: Effective = Field(alias="from")
    until: date | None = None
    cite: Annotated[str, Field(min_length=3, max_length=300)]
    conf: Confidence
    verified_on: date | None = None  # else the pack's
    signed_off_by: Text | None = None  # else the pack's
    note: Text | None = None
    contested: bool = False
    recommend: Word | None = None
    applies_from: tuple[date, ...] = ()  # the dates in dispute, where it is contested
    date_conflict: Text | None = None  # sources disagree; `from` is the earliest

    def in_force(self, on: date) -> bool:
        """Tell whether the rule applies on a day."""
        return self.has_begun(on) and not self.has_ended(on)

    def has_begun(self, on: date) -> bool:
        """Tell whether the rule applies on a day or applied before it."""
        return self.effective == "in_force" or self.effective <= on

    def has_ended(self, on: date) -> bool:
        """Tell whether the last day of the rule lies before a day."""
        return self.until is not None and self.until < on


class Repeat(_Strict):
    """How often a disclosure comes back."""

    all: Lasting | None = None
    minors: Lasting | Literal["periodic"] | None = None
    gap: Lasting | None = None
    start_max: Literal["1/day", "2/day", "3/day"] | None = None


class Disclosure(Rule):
    """Something people have to be told: on what trigger, when, where, and what it must convey."""

    trigger: Word
    actor: Literal["provider", "deployer", "controller"] | None = None
    when: tuple[Word, ...] = ()
    place: Literal["in_context", "at_or_near_price", "privacy_policy"] | None = None
    manner: Literal["clear_and_conspicuous"] | None = None
    must_convey: tuple[Word, ...] = ()
    insufficient_alone: tuple[Text, ...] = ()
    fixed_text: Text | None = None  # statutory wording, shown verbatim
    unless: Word | None = None
    exempt: tuple[Word, ...] = ()
    repeat: Repeat | None = None
    legacy_until: date | None = None  # last day without the duty for what was on the market before `from`
    clock: Clock | None = None
    accessible: bool = False
    separate: bool = False
    standalone: bool = False
    public: bool = False
    alt: Word | None = None
    effect: Literal["safe_harbour"] | None = None
    fines_grace_until: Text | None = None
    guidelines_conf: Confidence | None = None


class Right(Rule):
    """A right to an explanation, and its clock."""

    scope: Word
    clock: Clock | None = None
    ack: Clock | None = None
    content: tuple[Word, ...] = ()
    withhold: tuple[Word, ...] = ()
    verify: Word | None = None
    free: bool = False
    proactive: bool = False
    clock_basis: Literal["policy"] | None = None
    aggregate_if: Text | None = None
    audit_by_authority_if_withheld: bool = False
    case_law_conf: Confidence | None = None
    clock_conf: Confidence | None = None


class PurposeRule(Rule):
    """What silence means for a purpose."""

    purpose: Word
    default: Literal["on", "off", "off unless LIA recorded", "off_or_li"]
    choice: Word | None = None
    basis: Text | None = None
    gpc: bool = False
    scope: Word | None = None
    exempt: tuple[Word, ...] = ()
    exceptions: tuple[Word, ...] = ()


class Duty(Rule):
    """Any other duty (human review, handoff, signals, minors, retention, language); its facts are the file's own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    about: Word

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the rule says beyond what every rule carries."""
        return dict(self.model_extra or {})


class LegalClock(_Strict):
    """A reusable legal clock; ``starts`` is the event it runs from."""

    id: Clock
    len: Lasting
    starts: Text
    kind: Word | None = None
    roll: Literal["next_working_day", "none"] | None = None
    ext: dict[str, Any] | None = None
    pause: tuple[Word, ...] = ()
    alert_at: Lasting | None = None
    alert_basis: Literal["policy"] | None = None
    variants: dict[str, str] | None = None
    note: Text | None = None
    cite: Annotated[str, Field(min_length=3, max_length=300)]
    conf: Confidence
    ext_conf: Confidence | None = None
    roll_conf: Confidence | None = None


class Clocks(_Strict):
    """A file of legal clocks."""

    schema_: Literal["ruleclocks/1"] = Field(alias="schema")
    verified_on: date
    clocks: tuple[LegalClock, ...]


class Applies(_Strict):
    """Whom a pack is for; a condition about which nothing is known counts as met."""

    places: tuple[Place, ...] = ()
    sectors: tuple[Word, ...] = ()
    contracts: tuple[Word, ...] = ()
    unknown_place: bool = False  # the pack for people of whom nobody knows where they live


class Pack(_Strict):
    """One jurisdiction's rules, or those of one sector in it."""

    schema_: Literal["rulepack/1"] = Field(alias="schema")
    id: PackId
    name: Text
    verified_on: date | None = None
    status: Literal["draft", "active"]
    signed_off_by: Text | None
    status_note: Text | None = None
    note: Text | None = None
    inherits: tuple[PackId, ...] = ()
    disclosures_of: Literal["every_pack"] | None = None  # unites the disclosures of all packs that are installed
    applies: Applies
    disclosures: tuple[Disclosure, ...] = ()
    rights: tuple[Right, ...] = ()
    purposes: tuple[PurposeRule, ...] = ()
    duties: tuple[Duty, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return every rule of the pack in the order of the file."""
        return (*self.disclosures, *self.rights, *self.purposes, *self.duties)

    def verified(self, rule: Rule) -> date | None:
        """Return when a rule's source was last looked at; nothing for grade M: no source was."""
        return None if rule.conf == "M" else rule.verified_on or self.verified_on

    def advisory(self, rule: Rule) -> bool:
        """Tell whether a rule is advice only: graded C or M, and signed off by nobody."""
        return rule.conf in {"C", "M"} and (rule.signed_off_by or self.signed_off_by) is None
