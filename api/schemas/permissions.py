"""Wire types of permission checks."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Reference = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._:~-]{1,128}$",
        description="Your own opaque reference of the person (never an e-mail address), or a `sub_` id of Candor's.",
    ),
]
Key = Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,64}$")]
MOST_CHECKS = 1000


class Strict(BaseModel):
    """A wire type that takes nothing it does not know and converts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Check(Strict):
    """One question: may this AI system process this person for this purpose?"""

    subject: Reference
    purpose: Key
    system: Key | None = None


class Batch(Strict):
    """Up to 1,000 questions: one purpose for many people, or questions each of its own."""

    purpose: Key | None = Field(None, description="With `subjects`: the purpose asked about for all of them.")
    system: Key | None = Field(None, description="With `subjects`: the AI system, if one is meant.")
    subjects: list[Reference] | None = Field(None, min_length=1, max_length=MOST_CHECKS)
    checks: list[Check] | None = Field(None, min_length=1, max_length=MOST_CHECKS)


class Permission(BaseModel):
    """The answer. Only `allow` permits; `human_route` means: no AI, but a person can take over."""

    model_config = ConfigDict(extra="forbid")

    decision: Annotated[str, Field(pattern="^(allow|deny|human_route)$")]
    reasons: list[str] = Field(description="Why, in order: widest rule first.")
    purpose: str
    purpose_version: int | None = Field(description="The published version the answer is about.")
    system: str | None
    choice: str | None = Field(description="The choice the answer rests on.")
    notice_version: str | None = Field(description="The notice version that was shown for this choice.")
    human_route: str | None = Field(description="Where people take over, if the AI system has a human alternative.")
    ttl: int = Field(description="Seconds for which the answer may be reused; 0: ask each time.")
    at: str | None = Field(None, description="The past instant asked about, if one was.")


class Permissions(BaseModel):
    """Answers in the order of the questions."""

    model_config = ConfigDict(extra="forbid")

    answers: list[Permission]
