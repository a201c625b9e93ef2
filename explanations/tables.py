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


class ModelEndpoint(SQLModel, table=True):
    """Where a model of an AI system is served, as it stood from ``recorded_at`` on; rows are never changed.

    ``document`` is the canonical JSON of all that may be shown. ``credentials`` are sealed, never shown, and wiped
    when they are replaced.
    """

    __tablename__ = "model_endpoint"
    __table_args__ = (Index("ix_model_endpoint_system", "tenant", "system", "name"),)

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    system: str
    name: str  # of the AI model it serves
    document: str
    sha256: str
    credentials: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    retired: bool = False
    recorded_at: int = Field(sa_type=BigInteger)
    recorded_by: str


class ReferenceGroup(SQLModel, table=True):
    """A version of a group people are compared with: a policy choice. ``rows`` are other people's, and sealed."""

    __tablename__ = "reference_group"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str
    sha256: str  # over the document and the rows
    size: int
    rows: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    published_at: int = Field(sa_type=BigInteger)
    published_by: str


class KeptExplanation(SQLModel, table=True):
    """An explanation as it was given; ``sealed`` holds the document under the subject's key and dies with it."""

    __tablename__ = "explanation"
    __table_args__ = (
        Index("ux_explanation_id", "id", unique=True),
        Index("ix_explanation_decision", "decision", "seq"),
        Index("ix_explanation_subject", "subject", "tenant", "seq"),
    )

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    id: str
    tenant: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    decision: str
    supersedes: str | None = None
    origin: str
    grade: str
    flags: str  # JSON list
    model: str
    model_version: str
    endpoint: str | None = None  # id@revision
    reference_group: str | None = None  # key@version
    recorded_at: int = Field(sa_type=BigInteger)
    recorded_by: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ExplanationRun(SQLModel, table=True):
    """An explanation that takes long: how far it is; ``explanation`` names what came of it."""

    __tablename__ = "explanation_run"

    id: str = Field(primary_key=True)
    tenant: str
    decision: str
    wish: str  # canonical JSON
    state: str
    rows_done: int
    rows_most: int
    explanation: str | None = None
    error: str | None = None  # the code of a problem, never what a server said
    requested_by: str
    requested_at: int = Field(sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)


class StoppedExplanation(SQLModel, table=True):
    """An explanation that the prohibited-basis guard stopped; ``looked_at`` once a data protection officer did."""

    __tablename__ = "stopped_explanation"
    __table_args__ = (Index("ix_stopped_explanation", "tenant", "looked_at", "seq"),)

    explanation: str = Field(primary_key=True)
    tenant: str
    decision: str
    model: str
    model_version: str
    seq: int = Field(sa_type=BigInteger)  # of ``explanation.stopped``
    stopped_at: int = Field(sa_type=BigInteger)
    looked_at: int | None = Field(default=None, sa_type=BigInteger)
    looked_by: str | None = None
