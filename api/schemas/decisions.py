"""Wire types of decisions: what a producer tells, and what stands in the records."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.choices import Free, Instant, Reference
from api.schemas.wire import Wire
from explanations.decisions import MOST

Own = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._:~-]{1,128}$",
        description="Your own id of the decision: sent again, it is recorded once.",
    ),
]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Value = Annotated[str, Field(max_length=1000)] | bool | int | float | None
Feature = Annotated[str, Field(min_length=1, max_length=200)]


class ModelIn(Wire):
    """The model that decided."""

    name: Words
    version: Words = Field(description="Without it the decision is refused: nobody could explain it later.")


class OutcomeIn(Wire):
    """What came out, and whether it is to the person's disadvantage."""

    label: Words
    adverse: bool | None = None


class HumanIn(Wire):
    """What part a human had; `reference` is your own opaque reference of who it was."""

    role: Literal["none", "informed", "reviewed", "approved", "decided"]
    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")] | None = None


class PushedExplanation(Wire):
    """How the model's own explainer explained the decision when it was made; the best evidence there is."""

    shap_values: dict[Feature, float] = Field(min_length=1, max_length=1000)
    base_value: float | None = None
    output: float | None = None
    class_name: Words | None = Field(None, description="The class the values speak for, as the model calls it.")
    method: Words | None = None


class SourceIn(Wire):
    """Something a language model looked up when it decided."""

    kind: Literal["document", "tool_call", "record", "web"]
    ref: Words
    title: Words | None = None
    quote: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None, description="What the decision relied on. Told to the person only if it stands in `text`, word for word."
    )
    text: Annotated[str, Field(max_length=50_000)] | None = Field(
        None, description="The source as it was then: compared with `quote`, then only its hash is kept."
    )


class EvidenceIn(Wire):
    """What is on record of a language model's decision. It outlives the model."""

    request_id: Words | None = None
    prompt_hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    rationale: Free | None = Field(None, description="The model's own words: quoted as unchecked, never believed.")
    decision_logprob: float | None = Field(None, le=0)
    sources: list[SourceIn] = Field(default_factory=list, max_length=20)


class DecisionIn(Wire):
    """One decision that an AI system made or supported."""

    id: Own
    subject: Reference
    space: Literal["customer", "device"] = "customer"
    system: Key
    model: ModelIn
    purpose: Key
    occurred_at: Instant | None = Field(None, description="When it was made, if not now.")
    inputs: dict[Feature, Value] | None = Field(None, max_length=1000, description="Sealed under the person's key.")
    inputs_reference: Words | None = Field(None, description="Where you keep the inputs, if not here.")
    output: Annotated[str, Field(max_length=1000)] | bool | int | float | None = None
    threshold: float | None = None
    outcome: OutcomeIn
    effect: Literal["legal", "significant", "limited", "none"] = Field(
        description="`legal` and `significant` (GDPR Art. 22) need `human` and `rationale`."
    )
    ai_role: Literal["decided", "recommended", "informed", "worded_only"]
    human: HumanIn | None = None
    factors: list[Words] = Field(default_factory=list, max_length=50, description="What else counted.")
    rationale: Free | None = None
    explanation: PushedExplanation | None = Field(None, description="It outlives the model. Sealed like the inputs.")
    evidence: EvidenceIn | None = Field(None, description="What a language model looked up and said. Sealed.")
    showings: list[Annotated[str, Field(pattern=r"^[a-z]{3,4}_[0-9a-f]{32}$")]] = Field(
        default_factory=list, max_length=20, description="Proofs that the person was told of the AI before."
    )


class DecisionsIn(Wire):
    """Up to 1,000 decisions, recorded all or none."""

    decisions: list[DecisionIn] = Field(min_length=1, max_length=MOST)


class PermissionThen(Wire):
    """What the gate said at the time of the decision."""

    decision: str
    reasons: list[str]
    purpose_version: int | None
    choice: str | None
    at: str


class DecisionKept(Wire):
    """A decision as it was recorded; `recorded` is false for a repetition."""

    id: str
    reference: str
    seq: int = Field(description="Its number in the ledger.")
    recorded: bool
    permission: PermissionThen


class DecisionsKept(Wire):
    """Decisions in the order they were sent."""

    decisions: list[DecisionKept]


class SourceOut(Wire):
    """A source as it is kept: its text is not, only its hash, and whether the quote stood in it."""

    kind: str
    ref: str
    title: str | None
    quote: str | None
    quote_verified: bool
    hash: str | None


class EvidenceOut(Wire):
    """Evidence as it is kept."""

    request_id: str | None
    prompt_hash: str | None
    rationale: str | None
    decision_logprob: float | None
    sources: list[SourceOut]


class Told(Wire):
    """What is sealed under the person's key; gone once the person is erased."""

    inputs: dict[str, Value] | None
    inputs_reference: str | None
    output: str | bool | int | float | None
    threshold: float | None
    factors: list[str]
    rationale: str | None
    explanation: PushedExplanation | None
    evidence: EvidenceOut | None
    showings: list[str]


class OverrideOut(Wire):
    """What a human review made of a decision; `confirmed_at` once the source system has carried it out."""

    id: str
    seq: int
    request: str
    outcome_before: str
    outcome: str
    adverse: bool
    by: str
    at: str
    confirmed_at: str | None


class DecisionOut(Wire):
    """A recorded decision."""

    id: str
    reference: str
    seq: int
    subject: str
    system: str
    model: ModelIn
    purpose: str
    effect: str
    ai_role: str
    human: HumanIn | None
    outcome: OutcomeIn
    permission: PermissionThen
    occurred_at: str
    recorded_at: str
    recorded_by: str
    told: Told | None
    override: OverrideOut | None = Field(description="What holds now, where a person has changed it.")
