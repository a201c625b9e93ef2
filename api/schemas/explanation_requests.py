"""Wire types of requests for an explanation: what is asked, each step, how a request stands, the answer."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.choices import Free, Jurisdiction, Locale, Reference
from api.schemas.wire import Wire

DecisionId = Annotated[str, Field(pattern=r"^dec_[0-9a-f]{32}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Address = Annotated[
    str, Field(max_length=254, pattern=r"^[^@\s\x00-\x1f\x7f,;<>\"]{1,64}@[A-Za-z0-9.-]{1,189}$", description="E-mail.")
]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class AgentIn(Wire):
    """An authorised agent who asks for somebody (11 CCR 7063), with what proves the authority."""

    name: Short
    authorisation: Short = Field(description="Your reference of the signed permission or power of attorney.")


class RequestIn(Wire):
    """A question about decisions. A browser asks for itself; others name the `subject`."""

    decisions: list[DecisionId] = Field(default_factory=list, max_length=20)
    question: Free | None = None
    language: Locale | None = None
    residence: Jurisdiction | None = Field(None, description="Where the person lives: decides the law and its clock.")
    subject: Reference | None = None
    space: Literal["customer", "device"] = "customer"
    channel: Literal["api", "widget", "phone", "post", "email", "in_person", "chat"] = "api"
    vouched: bool = Field(False, description="A back-end says that the person is signed in at its own page.")
    address: Address | None = Field(None, description="Where letters go. Sealed under the person's key.")
    address_known: bool = Field(False, description="You had this address before.")
    agent: AgentIn | None = None


class MailIn(Wire):
    """An e-mail that reached you, as your mail gateway forwards it."""

    sender: Address = Field(description="Who wrote. Sealed under the person's key.")
    subject_line: Annotated[str, Field(max_length=500)] = ""
    text: Free
    language: Locale | None = None
    residence: Jurisdiction | None = None


class Sentence(Wire):
    """One sentence of an answer, and where it comes from."""

    text: Free
    source: str | None = Field(None, min_length=1, max_length=300, description="Needed: a draft names every source.")
    language: Locale | None = None


class SectionIn(Wire):
    """A section as somebody writes it; an empty one says why it is empty."""

    id: Word
    sentences: list[Sentence] = Field(default_factory=list, max_length=60)
    absent: Free | None = None


class Plain(Wire):
    """A step that needs nothing besides."""

    step: Literal["claim", "submit", "release", "close", "check_document", "vouch"]


class Transfer(Wire):
    """Hand the request to a colleague; the clock goes on."""

    step: Literal["transfer"]
    to: Short | None = None


class Doubt(Wire):
    """Ask who the person is, or say that it could not be proven."""

    step: Literal["ask_identity", "fail_identity"]
    reason: Literal["reasonable_doubt", "required_level", "no_match", "no_answer"] | None = None


class ScopeIn(Wire):
    """Name the decisions; `subject` where it was not known before whom they are about."""

    step: Literal["scope"]
    decisions: list[DecisionId] = Field(default_factory=list, max_length=20)
    subject: Reference | None = None


class Clarification(Wire):
    """Ask the person what is meant, or note the answer."""

    step: Literal["ask_clarification", "clarify"]
    text: Free | None = None


class DraftIn(Wire):
    """Put a draft together, or replace sections of it."""

    step: Literal["draft"]
    sections: list[SectionIn] | None = Field(None, max_length=20)


class Redact(Wire):
    """Move sentences into the sealed annex."""

    step: Literal["redact"]
    section: Word | None = None
    sentences: list[Annotated[int, Field(ge=0, le=60)]] = Field(default_factory=list, max_length=60)
    ground: Word | None = None


class SendBack(Wire):
    """Give the draft back with notes."""

    step: Literal["send_back"]
    notes: Free | None = None


class Approve(Wire):
    """Approve as the second person."""

    step: Literal["approve"]
    checklist: list[Word] = Field(default_factory=list, max_length=20)
    signed_warnings: list[Word] = Field(default_factory=list, max_length=20)


class Extend(Wire):
    """Take more time, within the first clock; the letter tells the person why."""

    step: Literal["extend"]
    reason: Word | None = None
    letter: Free | None = None


class Refuse(Wire):
    """Refuse with reasons, remedies and the authority."""

    step: Literal["refuse"]
    ground: Word | None = None
    reasons: Free | None = None
    remedy: Free | None = None


class Reopen(Wire):
    """Open a closed request again."""

    step: Literal["reopen"]
    reasons: Free | None = None


class AssignReview(Wire):
    """Give the review to somebody; without `reviewer` to yourself."""

    step: Literal["assign_review"]
    reviewer: Short | None = None
    reviewer_reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")] | None = Field(
        None, description="Your own reference of the reviewer, as decisions name humans."
    )
    authority: Short | None = None
    competence: Short | None = None


class FirstView(Wire):
    """The reviewer's own view, before the AI system's output is shown."""

    step: Literal["give_first_view"]
    view: Free | None = None


class Rerun(Wire):
    """Link the decision that was made again with corrected data, or have its model asked again."""

    step: Literal["rerun"]
    decision: DecisionId | None = None
    correction: Free | None = None
    corrected: dict[str, str | float | int | bool | None] | None = Field(
        None, min_length=1, max_length=200, description="Inputs that were wrong, as they should be: the model is asked."
    )


class Decide(Wire):
    """Decide the review."""

    step: Literal["uphold", "overturn", "overturn_partly"]
    reasons: Free | None = None
    cause: Word | None = None
    new_outcome: Short | None = None
    adverse: bool = False


class ConfirmEffect(Wire):
    """Say that the source system has carried it out."""

    step: Literal["confirm_effect"]
    confirmation: Short | None = None


StepIn = Annotated[
    Plain | Transfer | Doubt | ScopeIn | Clarification | DraftIn | Redact | SendBack | Approve | Extend | Refuse
    | Reopen | AssignReview | FirstView | Rerun | Decide | ConfirmEffect,
    Field(discriminator="step"),
]  # fmt: skip


class ContestIn(Wire):
    """What the person objects to."""

    view: Free | None = None


class DocumentIn(Wire):
    """A document in base64, at most 500 kB."""

    media_type: Annotated[str, Field(max_length=100)]
    content: Annotated[str, Field(max_length=700_000)]


class DocumentKept(Wire):
    """A document that was kept."""

    id: str


class CodeIn(Wire):
    """A code from a letter."""

    code: Code


class Sent(Wire):
    """The same answer whether or not anything could be sent."""

    sent: Literal[True] = True


class LawOut(Wire):
    """A right the request runs under, and when its clock ends."""

    right: str
    pack: str
    citation: str
    pack_sha256: str
    due_on: str | None
    extension: str | None
    warnings: list[str]


class StatusOut(Wire):
    """How a request stands, for the person who asked."""

    id: str
    number: str
    state: str
    received_at: str
    due_at: str | None
    answered_at: str | None
    contest_until: str | None
    identity: str
    identity_needed: str


class OpenedOut(StatusOut):
    """A request that was opened; `opened` is false where the same was open already."""

    opened: bool
    link: str | None = Field(description="The status page; whoever has it can see the request.")


class CaseOut(StatusOut):
    """A request, for those who work on it."""

    kind: str
    channel: str
    on_behalf: str
    language: str
    subject: str
    decisions: list[str]
    system: str | None
    model: str | None
    assignee: str | None
    owed: bool
    overdue: bool
    on_time: bool | None
    extended: bool
    acknowledgement_due_on: str | None
    laws: list[LawOut]
    draft: int
    gaps: list[str]
    warnings: list[str]
    drafters: list[str]
    approver: str | None
    reviewer: str | None
    outcome: str | None
    question: str | None
    possible_steps: list[str]
    seq: int = Field(description="The ledger entry of the last event.")


class EventOut(Wire):
    """Something that happened in a request, with its ledger entry; `texts` is null once the person was erased."""

    seq: int
    kind: str
    at: str
    facts: dict[str, object]
    texts: dict[str, str] | None


class HistoryOut(Wire):
    """What happened, in order; `next_cursor` is null on the last page."""

    items: list[EventOut]
    next_cursor: str | None = None


class DraftOut(Wire):
    """A draft or a released answer, with its reading figures."""

    document: dict[str, object]
    sentences: int
    words_a_sentence: float
    longest_sentence: int


class AnnexIn(Wire):
    """Who asks for what was withheld."""

    authority: Short
