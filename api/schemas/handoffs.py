"""Wire types of handoffs: what is asked, how a case stands, what is said."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.choices import Free, Instant, Jurisdiction, Locale, Reference
from api.schemas.wire import Wire
from handoff.lifecycle import Mode
from handoff.triggers import Trigger

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$", description="Your own reference of the conversation.")]
Said = Annotated[
    str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$", description="Plain text.")
]


class Why(Wire):
    """Which rule asked for the human, with its figures."""

    trigger: Trigger
    rule: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._/-]{0,63}$")]
    score: float | None = None
    threshold: float | None = None


class HandoffIn(Wire):
    """A request for a human. Nothing in it is needed: `{}` is a whole request."""

    mode: Mode = "live"
    slot: Instant | None = Field(None, description="With `callback`: when to call; one of the slots offered.")
    conversation: Ref | None = None
    queue: Key = "main"
    language: Locale = "en"
    jurisdiction: Jurisdiction | None = None
    touchpoint: Key = "web"
    system: Key | None = Field(None, description="The AI system the customer was talking to.")
    decision: Annotated[str, Field(pattern=r"^dec_[0-9a-f]{32}$")] | None = None
    message: Said | None = Field(None, description="What the customer wants to say first; sealed.")
    needs: list[Key] = Field(default_factory=list, max_length=10, description="Such as `large-text`, `sign-language`.")
    subject: Reference | None = Field(
        None, description="For back-ends and agents: whose request; browsers ask for themselves."
    )
    space: Literal["customer", "device"] | None = None
    skills: list[Key] = Field(default_factory=list, max_length=20, description="For back-ends.")
    why: Why | None = Field(None, description="For back-ends, where a rule asked and not the person.")


class StepOut(Wire):
    """One thing the customer can do now, or waits for."""

    code: str
    until: str | None


class CaseOut(Wire):
    """What agents and the operator see of a handoff."""

    subject: str
    queue: str
    touchpoint: str
    system: str | None
    decision: str | None
    trigger: str
    rule: str
    because: dict[str, Any]
    skills: list[str]
    priority: int
    assignee: str | None
    alias: str | None
    offer_until: str | None
    desk: str
    delivery: str
    hops: int
    violations: int
    reasked: int
    pack_hash: str | None
    jurisdiction: str | None


class HandoffOut(Wire):
    """How a handoff stands. `steps` is never empty."""

    id: str
    reference: str = Field(description="Eight letters and digits, to say and to type.")
    state: Literal["requested", "queued", "offered", "active", "deferred", "resolved", "cancelled"]
    mode: Mode
    handler: Literal["ai", "waiting", "human"] = Field(
        description="Who answers now; `human` only once a person accepted."
    )
    name: str | None
    ai_may_speak: bool
    position: int | None
    wait_seconds: int | None = Field(description="The usual wait; null while nobody is here to wait for.")
    agents_here: int | None
    is_open: bool
    next_opening: str | None
    due_at: str | None = Field(description="When a deferred case goes on by itself.")
    choice: Literal["ticket", "callback", "keep_place"] | None
    slots: list[str]
    steps: list[StepOut]
    conversation: str
    language: str
    agent_speaks_it: bool | None
    return_proposed: bool
    opened_at: str
    accepted_at: str | None
    ended_at: str | None
    outcome: str | None
    end_reason: str | None
    last_seq: int
    case: CaseOut | None


class HandoffsOut(Wire):
    """A page of handoffs."""

    items: list[HandoffOut]
    next_cursor: str | None


class EventOut(Wire):
    """One thing that happened. `actor` says who: a person, an AI or the system."""

    seq: int
    kind: str
    actor: Literal["customer", "ai", "agent", "system", "remote"]
    name: str | None
    at: str
    text: str | None
    facts: dict[str, Any]
    internal: bool
    by: str | None


class EventsOut(Wire):
    """Events after a number, and how the handoff stands."""

    events: list[EventOut]
    last_seq: int
    status: HandoffOut


class MessageIn(Wire):
    """Words. `internal` makes an agent's note, which no customer ever sees."""

    text: Said
    internal: bool = False


class TypingIn(Wire):
    """Whether somebody types; never stored."""

    typing: bool


class ChooseIn(Wire):
    """What the waiting customer chooses instead of waiting."""

    choice: Literal["ticket", "callback", "keep_place"]
    slot: Instant | None = None


class ReturnIn(Wire):
    """The customer's answer to whether the AI may go on."""

    agreed: bool


class SurveyIn(Wire):
    """How it was, 1 to 5; the AI part apart."""

    human: Annotated[int, Field(ge=1, le=5)]
    ai: Annotated[int, Field(ge=1, le=5)] | None = None
    text: Free | None = None


class TransferIn(Wire):
    """Where a case is passed on to, and why; the reason is for colleagues."""

    queue: Key
    reason: Free


class ResolveIn(Wire):
    """How a case ended."""

    outcome: Literal["explained", "upheld", "changed", "refunded", "corrected", "answered", "referred", "unreachable"]
    note: Free | None = None


class FlagIn(Wire):
    """What an agent has to say of a case: something was asked again, or the AI was at fault or could be better."""

    kind: Literal["reasked", "ai_fault", "ai_idea"]
    text: Free | None = None


class PackOut(Wire):
    """The context of a case; `withheld` says which parts are missing and why."""

    v: int
    reason: dict[str, Any]
    language: str
    transcript: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    disclosures: list[dict[str, Any]]
    choices: list[dict[str, Any]]
    needs: dict[str, Any] | list[Any]
    answered: list[Any]
    earlier: list[dict[str, Any]]
    promises: list[Any]
    withheld: dict[str, str]
    hash: str | None


class RecordOut(Wire):
    """The customer's record of a conversation: the document, and a signature over its digest and facts."""

    document: dict[str, Any]
    jws: str = Field(description="Compact JWS, type `handoff-receipt+jwt`, by a key of `/.well-known/jwks.json`.")


class AgentIn(Wire):
    """What an agent says of himself; repeat it every 20 seconds while online."""

    presence: Literal["online", "busy", "away", "offline"]
    alias: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f<>]*$")] | None = Field(
        None, description="What customers see; a first name or an alias."
    )
    queues: list[Key] | None = Field(None, max_length=50)
    skills: list[Key] | None = Field(None, max_length=50)
    languages: list[Locale] | None = Field(None, max_length=20)
    capacity: Annotated[int, Field(ge=1, le=50)] | None = None


class AgentOut(Wire):
    """An agent on the board."""

    id: str
    alias: str
    presence: Literal["online", "busy", "away", "offline"]
    here: bool
    queues: list[str]
    skills: list[str]
    languages: list[str]
    capacity: int
    load: int


class AgentsOut(Wire):
    """Every agent."""

    items: list[AgentOut]
