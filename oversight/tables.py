"""Rows of the DPO's acts that take two people."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary
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
