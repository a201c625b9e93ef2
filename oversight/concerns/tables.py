"""Rows of what staff report about AI systems. Words about a person's case are sealed under her key and die with it."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

SEQ = BigInteger().with_variant(Integer, "sqlite")


class AiConcern(SQLModel, table=True):
    """A fault of an AI system, or an idea about it; ``seq`` is its ledger entry's."""

    __tablename__ = "ai_concern"
    __table_args__ = (
        Index("ix_ai_concern_tenant", "tenant", "seq"),
        Index("ix_ai_concern_system", "tenant", "system", "seq"),
    )

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    id: str
    tenant: str
    kind: str  # fault, idea
    system: str
    model: str | None = None
    model_version: str | None = None
    decision: str | None = None
    request: str | None = None
    subject: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    by: str
    at: int = Field(sa_type=BigInteger)
    text: str | None = None  # where it is about nobody
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
