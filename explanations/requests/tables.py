"""Rows of explanation requests: cases, what happened in them, their papers, links and codes, and what reviews changed.

A case's row is its present state; its events are the truth, each with its ledger entry. Whatever a person wrote, and
every draft and answer, stands ``sealed`` under the subject's key and dies with it.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from explanations.tables import SEQ


class ExplanationRequest(SQLModel, table=True):
    """A case. ``owed`` tells whether an answer is still owed."""

    __tablename__ = "explanation_request"
    __table_args__ = (
        Index("ux_explanation_request_number", "tenant", "number", unique=True),
        Index("ix_explanation_request_due", "tenant", "owed", "due_at", "id"),
        Index("ix_explanation_request_law", "tenant", "owed", "law", "due_at", "id"),  # holds all that counts look at
        Index("ix_explanation_request_state", "tenant", "state", "due_at", "id"),
        Index("ix_explanation_request_assignee", "tenant", "assignee", "due_at", "id"),
        Index("ix_explanation_request_subject", "subject", "tenant", "received_at"),
        Index("ix_explanation_request_overdue", "owed", "overdue_at", "due_at"),
        Index("ix_explanation_request_received", "tenant", "received_at", "answered_at"),
    )

    id: str = Field(primary_key=True)
    number: str  # the case number a person can say aloud; opens nothing by itself
    tenant: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # whose key seals: the person, once known
    asker: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # who asked: the person, or a browser
    site: str | None = None
    kind: str  # explanation, notice, complaint
    state: str
    owed: bool
    law: str  # the right whose clock ends first
    assignee: str | None = None
    system: str | None = None
    model: str | None = None
    received_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)  # the end of time where no clock runs
    overdue_at: int | None = Field(default=None, sa_type=BigInteger)  # when it was noted that the answer is late
    answered_at: int | None = Field(default=None, sa_type=BigInteger)
    on_time: bool | None = None
    seq: int = Field(sa_type=BigInteger)  # the ledger entry of the last event
    updated_at: int = Field(sa_type=BigInteger)
    facts: str  # canonical JSON: everything the guards look at; nothing personal
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class ExplanationRequestEvent(SQLModel, table=True):
    """Something that happened in a case; ``facts`` is what its ledger entry says in public."""

    __tablename__ = "explanation_request_event"
    __table_args__ = (Index("ix_explanation_request_event", "request", "seq"),)

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    tenant: str
    request: str
    kind: str
    at: int = Field(sa_type=BigInteger)
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    facts: str
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class ExplanationRequestPaper(SQLModel, table=True):
    """A version of a draft, letter, answer, annex or document; its SHA-256 stands in the ledger."""

    __tablename__ = "explanation_request_paper"
    __table_args__ = (Index("ix_explanation_request_paper", "request", "kind", "version"),)

    id: str = Field(primary_key=True)
    tenant: str
    request: str
    kind: str  # draft, answer, annex, letter, document
    version: int
    media_type: str
    sha256: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: int = Field(sa_type=BigInteger)
    created_by: str
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class ExplanationRequestDecision(SQLModel, table=True):
    """A decision a case is about."""

    __tablename__ = "explanation_request_decision"
    __table_args__ = (Index("ix_explanation_request_decision", "request"),)

    tenant: str = Field(primary_key=True)
    decision: str = Field(primary_key=True)
    request: str = Field(primary_key=True)


class ExplanationRequestSecret(SQLModel, table=True):
    """A link or a code: only its digest, and itself sealed for the letter that carries it."""

    __tablename__ = "explanation_request_secret"
    __table_args__ = (Index("ix_explanation_request_secret", "request", "purpose", "made_at"),)

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    tenant: str
    request: str
    purpose: str  # status, answer, code
    made_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    attempts: int = 0
    used_at: int | None = Field(default=None, sa_type=BigInteger)
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class HumanReview(SQLModel, table=True):
    """A human review of a contested decision: who, how long over the evidence, how it ended."""

    __tablename__ = "human_review"
    __table_args__ = (
        Index("ix_human_review_reviewer", "tenant", "reviewer", "decided_at"),
        Index("ix_human_review_cause", "tenant", "model", "cause", "decided_at"),
    )

    request: str = Field(primary_key=True)
    round: int = Field(primary_key=True)
    tenant: str
    reviewer: str
    system: str | None = None
    model: str | None = None
    opened_at: int = Field(sa_type=BigInteger)
    decided_at: int = Field(sa_type=BigInteger)
    outcome: str
    cause: str | None = None


class DecisionOverride(SQLModel, table=True):
    """What a human review made of a decision; the decision's own row stays as it was recorded."""

    __tablename__ = "decision_override"
    __table_args__ = (Index("ix_decision_override", "tenant", "decision", "seq"),)

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    id: str
    tenant: str
    decision: str
    request: str
    outcome_before: str
    outcome: str
    adverse: bool
    by: str
    at: int = Field(sa_type=BigInteger)
    confirmed_at: int | None = Field(default=None, sa_type=BigInteger)  # by the source system


class OverturnIncident(SQLModel, table=True):
    """The same cause overturned a model's decisions again and again (ISO/IEC 42001, 10.2)."""

    __tablename__ = "overturn_incident"
    __table_args__ = (Index("ix_overturn_incident", "tenant", "model", "cause", "opened_at"),)

    id: str = Field(primary_key=True)
    tenant: str
    model: str
    cause: str
    overturns: int
    opened_at: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
