"""Rows of staff's training. Days are civil days as ISO 8601 text: they sort by themselves."""

from sqlalchemy import BigInteger, Column, Index, Integer
from sqlmodel import Field, SQLModel

SEQ = BigInteger().with_variant(Integer, "sqlite")


class TrainingRecord(SQLModel, table=True):
    """A course somebody completed; never changed, a newer one stands beside it. ``seq`` is its ledger entry's."""

    __tablename__ = "training_record"
    __table_args__ = (
        Index("ix_training_record_tenant", "tenant", "seq"),
        Index("ix_training_record_person", "tenant", "person", "expires_on"),
    )

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    id: str
    tenant: str
    person: str  # the principal's id, never a name
    course: str
    cohort: str
    completed_on: str
    expires_on: str  # the last day on which it counts
    recorded_by: str
    recorded_at: int = Field(sa_type=BigInteger)
