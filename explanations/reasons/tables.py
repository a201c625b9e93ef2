"""Rows of reason tables. A version is written once, with its approval, and never changed (ADP-07)."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class ReasonTableHead(SQLModel, table=True):
    """A reason table by its key: its draft, who wrote on it, and which version is the latest approved."""

    __tablename__ = "reason_table"
    __table_args__ = (Index("ix_reason_table_system", "tenant", "system", "key"),)

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    system: str
    draft: str | None = None  # canonical JSON of the next version, or nothing under way
    drafted_by: str  # JSON list of every credential that wrote on the draft
    latest_version: int = 0  # 0: nothing approved yet
    revision: int = 1  # counts every change; the ETag
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class ReasonTableVersion(SQLModel, table=True):
    """An approved version: immutable, hashed, with who wrote and who approved it."""

    __tablename__ = "reason_table_version"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str
    sha256: str
    drafted_by: str  # JSON list
    approved_by: str
    approved_at: int = Field(sa_type=BigInteger)
