"""Wire types of explanations. The document itself is ``explanation/1``, with its own published JSON Schema."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.wire import Wire
from explanations.canonical import Explanation
from explanations.deployed.documents import KEY_PATTERN
from explanations.reasons.documents import LANGUAGE_PATTERN, Place


class ExplainIn(Wire):
    """How to explain; an empty object takes what the endpoint says."""

    reference_group: Annotated[str, Field(pattern=KEY_PATTERN)] | None = Field(
        None, description="Compare with this group instead of the endpoint's own."
    )
    again: bool = Field(default=False, description="Make a new explanation although there is a good one.")
    queued: bool = Field(default=False, description="Do not wait: answer 202 with a run to follow.")
    language: Annotated[str, Field(pattern=LANGUAGE_PATTERN, max_length=12)] = Field(
        "en", description="The language of the words (BCP 47); others can be had of the stored explanation."
    )
    jurisdiction: Place | None = Field(None, description="Whose reason table speaks: `US-CA`, `DE`.")


class StepOut(Wire):
    """One way that was tried: `used`, or the code of what was wrong."""

    way: str
    outcome: str
    said: str


class ExplanationOut(Wire):
    """A stored explanation. `reliable` is false where a person has to explain instead."""

    id: str
    decision: str
    seq: int = Field(description="Its number in the ledger.")
    supersedes: str | None
    origin: str
    grade: Literal["A", "B", "C", "fail"]
    flags: list[str]
    reliable: bool
    recorded_at: str
    recorded_by: str
    steps: list[StepOut] = Field(description="Each way that was tried, and why it was not used.")
    document: Explanation | None = Field(description="Null once the person was erased.")


class ExplanationHead(Wire):
    """What the list says of an explanation."""

    id: str
    seq: int
    supersedes: str | None
    origin: str
    grade: Literal["A", "B", "C", "fail"]
    flags: list[str]
    recorded_at: str


class ExplanationList(Wire):
    """The explanations of one decision, newest first."""

    items: list[ExplanationHead]


class RunOut(Wire):
    """How far an explanation is that takes long; `explanation` names it once it is `done`."""

    id: str
    decision: str
    state: Literal["queued", "running", "done", "failed"]
    rows_done: int
    rows_most: int = Field(description="About how many rows are asked at most; often fewer are enough.")
    explanation: str | None
    error: str | None = Field(description="The code of a problem document.")
    requested_at: str
    finished_at: str | None


class FactorOut(Wire):
    """An input that weighed, by rank; `speaks` is null where it is not known which way."""

    rank: int
    feature: str
    speaks: Literal["for", "against"] | None


class ChangeOut(BaseModel):
    """One input as it was, and as it was tried."""

    feature: str
    from_: str | bool | int | float | None = Field(alias="from")
    to: str | bool | int | float | None


class WhyModel(Wire):
    """The AI model that decided."""

    name: str
    version: str


class WhyOutcome(Wire):
    """What came out."""

    label: str
    adverse: bool | None


class WhyOut(Wire):
    """Why this came out, from what is stored. `status`: checked (`explained`), the company's own statement
    (`stated`), not reliable, so a person looks at it (`person`), or nothing is stored (`none`).
    """

    decision: str
    system: str
    model: WhyModel
    occurred_at: str
    ai_role: str
    outcome: WhyOutcome
    status: Literal["explained", "stated", "person", "none"]
    factors: list[FactorOut]
    order_certain: bool
    changes: list[list[ChangeOut]] = Field(
        description="Changes that were really tried, with which the model answers otherwise. No promise."
    )
    text: str | None
    explanation: str | None
