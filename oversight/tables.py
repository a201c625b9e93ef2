"""Rows of the DPO's acts that take two people."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel


class ErasureRequest(SQLModel, table=True):
    """A request to erase a subject (GDPR Art. 17): asked for by one person, approved by another."""

    __tablename__ = "erasure_request"
    __table_args__ = (Index("ix_erasure_request_subject", "subject", "tenant", "requested_at"),)

    id: str = Field(primary_key=True)
    tenant: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reason: str  # one of a closed list: nothing personal
    requested_by: str
    requested_at: int = Field(sa_type=BigInteger)
    approved_by: str | None = None
    approved_at: int | None = Field(default=None, sa_type=BigInteger)
    seq: int | None = Field(default=None, sa_type=BigInteger)  # the ledger entry of the erasure


class ChoiceTally(SQLModel, table=True):
    """How many choices of one sort were recorded on one UTC day: what statistics are added up from (DPO-03)."""

    __tablename__ = "choice_tally"

    tenant: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # 2026-11-21
    purpose: str = Field(primary_key=True)
    system: str = Field(primary_key=True)
    notice_version: str = Field(primary_key=True)  # empty if no notice was named
    locale: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    actor: str = Field(primary_key=True)
    state: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)


class TallyMark(SQLModel, table=True):
    """The one row (``id`` 1) that says up to which ledger entry choices are counted."""

    __tablename__ = "tally_mark"

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    seq: int = Field(sa_type=BigInteger)
