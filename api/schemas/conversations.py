"""Wire types of conversations with an AI: turns as reported, and what follows from them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.choices import Jurisdiction, Locale, Reference
from api.schemas.handoffs import HandoffOut, Key, Ref, Said
from api.schemas.wire import Wire


class WhereIn(Wire):
    """Which conversation, with whom."""

    subject: Reference
    space: Literal["customer", "device"] = "customer"
    conversation: Ref
    touchpoint: Key = "web"
    system: Key | None = None
    language: Locale = "en"


class TurnIn(Wire):
    """One turn. Scores are yours: Candor only compares them with thresholds you can read."""

    speaker: Literal["customer", "ai", "human", "system"]
    text: Said
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    sentiment: Annotated[float, Field(ge=-1, le=1)] | None = None
    missed: bool = Field(False, description="The AI did not meet what the customer wanted.")
    tool_failed: bool = False
    vulnerable: bool = False
    high_stakes: bool = False
    right: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] | None = Field(
        None, description="A legal right that was invoked, such as `gdpr-22`."
    )
    rule: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] | None = Field(
        None, description="A rule of your own that asks for a human."
    )
    status: bool = Field(False, description="A labelled status line, the only thing the AI may say after a request.")


class TurnsIn(WhereIn):
    """Up to 100 turns, in order."""

    turns: Annotated[list[TurnIn], Field(min_length=1, max_length=100)]
    queue: Key = "main"
    jurisdiction: Jurisdiction | None = None
    human_only: bool = Field(False, description="The customer wants a human for this conversation (not an opt-out).")


class VerdictOut(Wire):
    """Which rule fired, and why."""

    rule: str
    trigger: str
    action: Literal["transfer", "offer"]
    because: dict[str, Any]


class HeardOut(Wire):
    """What follows from the turns."""

    conversation: str
    ai_may_speak: bool
    handler: Literal["ai", "waiting", "human"]
    verdict: VerdictOut | None
    offer_human: bool
    violations: int = Field(description="Turns the AI took after a human was asked for.")
    handoff: HandoffOut | None


class HandlerOut(Wire):
    """The truth about who answers, to be said as it stands."""

    handler: Literal["ai", "waiting", "human"]
    ai_may_speak: bool
    say: str
