"""Rows of decisions (EXP-01). A decision is written once and never changed; ``seq`` is its ledger entry's.

What is personal beyond the outcome (inputs, output, threshold, factors, rationale) stands in ``sealed`` under the
subject's key and dies with it; the ledger holds a commitment to it.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

# on SQLite only INTEGER PRIMARY KEY is the row's own place: a second index would double every write
SEQ = BigInteger().with_variant(Integer, "sqlite")


class Decision(SQLModel, table=True):
    """HOT. One decision that an AI system made or supported."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_subject", "subject", "tenant", "seq"),
        Index("ux_decision_id", "id", unique=True),
        Index("ux_decision_reference", "tenant", "system", "reference", unique=True),
    )

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    id: str
    tenant: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    system: str
    reference: str  # the producer's own id of it
    model: str
    model_version: str
    purpose: str
    effect: str
    ai_role: str
    human_role: str | None = None
    human_ref: str | None = None  # the controller's reference of who it was, never a name
    outcome: str
    adverse: bool | None = None
    permission: str  # canonical JSON: what the gate said at that time, and on which choice it rests
    occurred_at: int = Field(sa_type=BigInteger)
    recorded_at: int = Field(sa_type=BigInteger)
    recorded_by: str  # the credential
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # tells a repetition from a contradiction
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
