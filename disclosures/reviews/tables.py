"""Rows of what vendors changed and of the reviews that this opened (DIS-13)."""

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel


class VendorEvent(SQLModel, table=True):
    """What a vendor said it has changed in an AI system; immutable. ``document`` is canonical JSON."""

    __tablename__ = "vendor_event"
    __table_args__ = (Index("ix_vendor_event_system", "tenant", "system", "id"),)

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    system: str
    document: str
    recorded_by: str
    recorded_at: int = Field(sa_type=BigInteger)


class DisclosureReview(SQLModel, table=True):
    """The question whether a touchpoint's notice still says what is so; never changed but for its answer.

    ``notice`` is nothing where no notice stood at the touchpoint; ``version`` is the one that was in force then.
    """

    __tablename__ = "disclosure_review"
    __table_args__ = (
        Index(
            "ix_disclosure_review_open",
            "tenant",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    event: str
    system: str
    touchpoint: str
    notice: str | None = None
    version: int | None = None
    opened_at: int = Field(sa_type=BigInteger)
    outcome: str | None = None  # no_change or new_version
    reason: str | None = None
    new_version: int | None = None  # of the notice, where the outcome is one
    closed_by: str | None = None
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
