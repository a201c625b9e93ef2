"""Wire types of what is due at a touchpoint: the question, and the answer with its sources and reasons."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.packs.vocabulary import Channel, Kind, Moment

Place = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", examples=["DE", "US-CA"], description="ISO 3166-1 or 3166-2."),
]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,79}$")]
Instant = Annotated[str, Field(max_length=40, examples=["2027-01-01T00:00:00Z"])]
Locale = Annotated[str, Field(max_length=12, pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
Audience = Literal["adult", "minor", "unknown"]
Confidence = Literal["A", "B", "C", "M"]


class SeenIn(Wire):
    """What the person has been told at this touchpoint, to learn whether it is due again."""

    session_started_at: Instant
    last_shown_at: Instant | None = None
    last_active_at: Instant | None = Field(None, description="Before this contact.")


class QuestionIn(Wire):
    """A touchpoint as a person meets it. Whatever is left out is unknown, and counts as what asks for more."""

    kind: Kind
    facts: list[Word] = Field(
        [],
        max_length=40,
        description="What is true of it, such as `solely_automated`; also what exempts it, such as"
        " `customer_service_only`. What is not stated is taken as not true.",
    )
    channel: Channel | None = None
    moment: Moment | None = Field(None, description="`null`: at any moment.")
    audience: Audience = "unknown"
    residence: Place | None = Field(None, description="Where the person lives.")
    location: Place | None = Field(None, description="Where the person is.")
    establishment: Place | None = Field(None, description="Where the company is.")
    sectors: Annotated[list[Word], Field(max_length=10)] | None = Field(
        None, description="`other` for what no pack singles out."
    )
    contract: Word | None = None
    locale: Locale | None = None


class ResolveIn(QuestionIn):
    """The question what is due. `at` may lie in the past or the future: a dry run on that date."""

    at: Instant | None = None
    seen: SeenIn | None = None


class CompareIn(QuestionIn):
    """The question what differs between two instants."""

    before: Instant
    after: Instant


class ReasonOut(Wire):
    """Why a pack applies."""

    code: Literal[
        "residence",
        "location",
        "establishment",
        "residence-within",
        "location-within",
        "establishment-within",
        "residence-unknown",
        "no-pack-for-place",
        "sector-unknown",
        "contract-unknown",
        "inherited-by",
        "united-by",
    ]
    about: str


class AppliedOut(Wire):
    """A pack that applies."""

    pack: str
    name: str
    reasons: list[ReasonOut]


class RuleDueOut(Wire):
    """A rule that asks for this disclosure, with its source."""

    rule: str
    pack: str
    citation: str
    confidence: Confidence
    verified_on: str | None
    effective_from: str | None
    advisory: bool
    contested: bool
    doubt: str | None
    actor: str | None
    effect: str | None
    must_convey: list[str]
    reasons: list[ReasonOut]
    overridden_by: list[str]


class PlacementOut(Wire):
    """Where and how to tell it: at every one of `places`."""

    places: list[str]
    manner: Literal["spoken_first", "written"]
    separate: bool
    accessible: bool
    public: bool


class CadenceOut(Wire):
    """How often to tell it. `repeat_minutes` is the shortest interval any rule sets for this audience."""

    every_session: bool
    key_steps: bool
    throughout: bool
    on_request: bool
    repeat_minutes: int | None
    gap_days: int | None
    starts_per_day: int | None
    set_by: list[str] = Field(description="The rules that set the interval.")


class ClockOut(Wire):
    """The shortest clock, and the rule it comes from."""

    clock: str
    length: str
    starts: str
    rule: str
    citation: str


class NowOut(Wire):
    """Whether it is due now for this person, and when next if the interaction goes on."""

    due: bool
    because: Literal["first-contact", "new-session", "key-step", "time-elapsed", "after-a-gap", "asked"] | None
    next_at: str | None


class DisclosureOut(Wire):
    """One disclosure that satisfies every rule about its topic."""

    topic: str
    must_convey: list[str]
    insufficient_alone: list[str]
    fixed_texts: list[str] = Field(description="Statutory wording, to be shown verbatim.")
    placement: PlacementOut
    cadence: CadenceOut
    clock: ClockOut | None
    now: NowOut | None = Field(description="Only where `seen` was given.")
    rules: list[RuleDueOut]


class NotDueOut(Wire):
    """A rule that would apply but for `because`; `about` is the exemption, the date or the override."""

    rule: str
    pack: str
    citation: str
    because: Literal["exempt", "not-yet", "ended", "legacy", "switched-off"]
    about: str


class RightDueOut(Wire):
    """A right to an explanation that the person has."""

    right: str
    pack: str
    citation: str
    confidence: Confidence
    advisory: bool
    contested: bool
    scope: str
    clock: str | None
    proactive: bool


class LanguageDueOut(Wire):
    """A rule about languages; `missing` are those it asks for besides the locale."""

    rule: str
    citation: str
    missing: list[str]


class ResolutionOut(Wire):
    """Everything due, in the order in which to tell it, on `day`, the day of `at` where it begins first."""

    at: str
    day: str
    packs: list[AppliedOut]
    disclosures: list[DisclosureOut]
    not_due: list[NotDueOut]
    rights: list[RightDueOut]
    answer_within: ClockOut | None = Field(description="The shortest clock for answering a request.")
    languages: list[LanguageDueOut]


class ComparisonOut(Wire):
    """What is asked for at one instant and not at the other, by rule; `changed` are topics told otherwise."""

    before: str
    after: str
    begins: list[RuleDueOut]
    ends: list[RuleDueOut]
    changed: list[str]
