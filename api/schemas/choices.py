"""Wire types of choices: what is asked for, what was recorded, how things stand."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.wire import Wire
from consent.asked import MOST

Reference = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$", description="Your own opaque reference of the person; no e-mail."),
]
PlaceKey = Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9._-]{0,63})$", description="A key, or `*` for all.")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,31}$")]
NoticeVersion = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,64}$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the exact text shown, in hex.")]
Locale = Annotated[str, Field(max_length=12, pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
Jurisdiction = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", examples=["EU", "US-CA"])]
Instant = Annotated[str, Field(max_length=40, examples=["2026-11-21T08:30:00Z"])]
Free = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Requested = Literal[
    "requested",
    "given",
    "explicitly_given",
    "renewed",
    "refused",
    "withdrawn",
    "objected",
    "restricted",
    "opted_out",
    "opt_out_reversed",
]


class ChoiceIn(Wire):
    """One requested choice."""

    purpose: PlaceKey
    system: PlaceKey = "*"
    state: Requested
    confirms: str | None = Field(
        None, pattern=r"^chc_[0-9a-f]{32}$", description="With `explicitly_given`: the `requested` choice it confirms."
    )
    notice_version: NoticeVersion | None = None
    notice_hash: Hash | None = None
    locale: Locale | None = None
    jurisdiction: Jurisdiction | None = None
    occurred_at: Instant | None = Field(None, description="When it happened, if not now.")
    reason: Free | None = Field(None, description="Never needed. Sealed under the person's own key.")


class ChoicesIn(Wire):
    """Up to 50 choices, recorded all or none. A browser chooses for itself; others name the `subject`."""

    choices: Annotated[list[ChoiceIn], Field(min_length=1, max_length=MOST)]
    offer: Annotated[str, Field(min_length=8, max_length=8192, pattern=r"^[A-Za-z0-9._-]+$")] | None = Field(
        None,
        description="What this answers, from `GET /v1/offers`. A browser needs one; others bring evidence.",
    )
    subject: Reference | None = None
    space: Literal["customer", "device"] | None = Field(None, description="What `subject` refers to; `customer`.")
    actor: Literal["subject", "guardian", "agent"] | None = Field(None, description="Who acted; `subject`.")
    method: Word | None = None
    channel: Word | None = None
    evidence: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=20)] = Field(
        default_factory=list, description="References to documents; an agent's or staff's act needs one."
    )
    note: Free | None = None


class ChoiceOut(Wire):
    """One recorded choice."""

    id: str
    seq: int = Field(description="Its number in the ledger.")
    purpose: str
    purpose_version: int
    system: str
    state: str
    explicit: bool
    actor: str
    method: str
    channel: str
    notice_version: str | None
    notice_hash: str | None
    locale: str | None
    jurisdiction: str | None
    gpc: bool
    occurred_at: str
    recorded_at: str
    valid_until: str | None
    receipt: str | None


class ReceiptOut(Wire):
    """A receipt for the person to keep: a compact JWS."""

    id: str
    kind: str
    issued_at: str
    supersedes: list[str]
    jws: str


class GpcOut(Wire):
    """Whether the request carried `Sec-GPC: 1`, and which purposes are off for it."""

    signal: bool
    honoured: list[str]


class Recorded(Wire):
    """What a request recorded."""

    subject: str
    choices: list[ChoiceOut]
    receipt: ReceiptOut | None
    gpc: GpcOut
    offer: str | None = Field(None, description="The next offer, for a browser that brought one back.")


class Withdrawal(Wire):
    """What to withdraw: a purpose, an AI system, both together, or everything."""

    purpose: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")] | None = None
    system: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")] | None = None
    everything: Literal[True] | None = None


class OptOut(Wire):
    """What to opt out of; all AI unless a purpose or a system is named. No account and no reason is needed."""

    purpose: PlaceKey = "*"
    system: PlaceKey = "*"
    jurisdiction: Jurisdiction | None = None
    reason: Free | None = None


class CurrentOut(Wire):
    """A current choice: what was expressed (`state`) and what it is worth at `at` (`effective`)."""

    id: str
    purpose: str
    purpose_version: int
    system: str
    state: str
    effective: str
    explicit: bool
    actor: str
    gpc: bool
    notice_version: str | None
    recorded_at: str
    valid_until: str | None
    ask_after: str | None = Field(description="Nobody asks again before.")
    receipt: str | None


class AnswerOut(Wire):
    """What the gate says to a purpose, asked for all systems."""

    purpose: str
    decision: str
    reasons: list[str]
    choice: str | None


class StandingOut(Wire):
    """How a person's choices stand at `at`."""

    subject: str | None
    at: str
    choices: list[CurrentOut]
    purposes: list[AnswerOut]
    gpc: GpcOut


class HistoryOut(Wire):
    """A page of a person's choices, newest first."""

    items: list[ChoiceOut]
    next_cursor: str | None


class ReceiptsOut(Wire):
    """A page of a person's receipts, newest first."""

    items: list[ReceiptOut]
    next_cursor: str | None
