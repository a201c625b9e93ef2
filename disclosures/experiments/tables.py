"""Rows of experiments with the texts of notices (CON-17)."""

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel


class Experiment(SQLModel, table=True):
    """An experiment as it is now; ``document`` is canonical JSON, ``state`` its place in life.

    ``control`` is the version that was in force when it was approved. The document never changes once approved.
    """

    __tablename__ = "experiment"
    __table_args__ = (
        Index(
            "ix_experiment_running",
            "tenant",
            "notice",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    notice: str
    document: str
    state: str = "draft"  # draft, approved, running, stopped; what has run out of time is running no more
    revision: int = 1  # counts every change; the ETag
    control: int | None = None
    created_at: int = Field(sa_type=BigInteger)
    drafted_by: str
    approved_by: str | None = None
    approved_at: int | None = Field(default=None, sa_type=BigInteger)
    started_by: str | None = None
    started_at: int | None = Field(default=None, sa_type=BigInteger)
    stopped_by: str | None = None
    stopped_at: int | None = Field(default=None, sa_type=BigInteger)
    stop_reason: str | None = None
