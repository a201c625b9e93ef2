"""Rows every room relies on: subjects' keys, identifiers, jobs, and the replicas that are alive."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel


class SubjectKey(SQLModel, table=True):
    """The wrapped data key of one subject. Erasure (GDPR Art. 17) empties ``wrapped``; the row stays as a tombstone."""

    __tablename__ = "subject_key"

    tenant: str = Field(primary_key=True)
    subject: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    space: str
    kek_id: str
    wrapped: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    created_at: int = Field(sa_type=BigInteger)
    erased_at: int | None = Field(default=None, sa_type=BigInteger)
    erased_seq: int | None = Field(default=None, sa_type=BigInteger)  # the ledger entry that destroyed the last key


class Identifier(SQLModel, table=True):
    """A subject's reference in the tenant's own words, sealed under the subject's key, apart from all records."""

    __tablename__ = "identifier"

    tenant: str = Field(primary_key=True)
    subject: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Job(SQLModel, table=True):
    """Work that runs by itself: due at ``run_at``, leased while it runs, dead after too many attempts."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "run_at"),)

    id: str = Field(primary_key=True)
    kind: str
    unique_key: str | None = Field(default=None, unique=True)
    payload: str
    state: str
    run_at: int = Field(sa_type=BigInteger)
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: int | None = Field(default=None, sa_type=BigInteger)
    last_error: str | None = None
    created_at: int = Field(sa_type=BigInteger)


class Replica(SQLModel, table=True):
    """A serving process: alive until ``lease_until`` (the database's clock), has applied changes up to ``seen``."""

    __tablename__ = "replica"

    id: str = Field(primary_key=True)
    lease_until: int = Field(sa_type=BigInteger)
    seen: int = Field(sa_type=BigInteger)
