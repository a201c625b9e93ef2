"""Rows of retention: schedules, legal holds, runs with their certificates, and what remains of deleted records."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, text
from sqlmodel import Field, SQLModel

_STANDS = text("released_at IS NULL")


class RetentionSchedule(SQLModel, table=True):
    """A version of how long records of one type are kept; in force once ``approved_at`` says so, never changed."""

    __tablename__ = "retention_schedule"

    tenant: str = Field(primary_key=True)
    record_type: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    document: str  # canonical JSON: period, reason, whose law was looked at
    proposed_by: str
    proposed_at: int = Field(sa_type=BigInteger)
    approved_by: str | None = None
    approved_at: int | None = Field(default=None, sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)  # the ledger entry of its last change


class LegalHold(SQLModel, table=True):
    """What may not be deleted until somebody releases it: a person's records, one record, or all of a type."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index("ix_legal_hold_stands", "tenant", "id", sqlite_where=_STANDS, postgresql_where=_STANDS),
        Index("ix_legal_hold_subject", "subject", "tenant"),
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    scope: str  # subject, record, type
    record_type: str | None = None
    record: str | None = None
    subject: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    ground: str  # one of a closed list
    reference: str  # of the matter, never a name
    placed_by: str
    placed_at: int = Field(sa_type=BigInteger)
    placed_seq: int = Field(sa_type=BigInteger)
    released_by: str | None = None
    released_at: int | None = Field(default=None, sa_type=BigInteger)
    released_because: str | None = None
    released_seq: int | None = Field(default=None, sa_type=BigInteger)


class RetentionRun(SQLModel, table=True):
    """A deletion under way, and once finished its certificate. Ids are those of records, which sort by their time."""

    __tablename__ = "retention_run"
    __table_args__ = (Index("ix_retention_run_type", "tenant", "record_type", "id"),)

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    record_type: str
    schedule_version: int
    periods: str  # canonical JSON: the schedule's period, and each law's that is longer
    as_of: int = Field(sa_type=BigInteger)  # what had run its course by then is due
    cut_off: int = Field(sa_type=BigInteger)  # nothing that counts from a later instant is due
    begins: str  # everything up to this record was deleted by earlier runs
    position: str  # how far this run came
    clear_to: str  # where the next run begins
    deleted: int
    first: str | None = None
    last: str | None = None
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # chained over the batches
    held: str  # canonical JSON: how many records each hold kept
    verified_at: int | None = Field(default=None, sa_type=BigInteger)
    seq: int | None = Field(default=None, sa_type=BigInteger)  # the ledger entry of the certificate


class DeletedRecord(SQLModel, table=True):
    """What remains of a record whose content was deleted: that it was, by which run, and digests of what stood there.

    A conversation that was taken up again long after is deleted from once more, by an entry of its own.
    The digests are of sealed bytes: they prove what was deleted to whoever has a copy, and tell nobody what it said.
    """

    __tablename__ = "deleted_record"
    __table_args__ = (Index("ix_deleted_record_seq", "tenant", "seq", "record"),)

    tenant: str = Field(primary_key=True)
    record_type: str = Field(primary_key=True)
    record: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger, primary_key=True)  # the ledger entry of its batch
    run: str
    remains: str  # canonical JSON
