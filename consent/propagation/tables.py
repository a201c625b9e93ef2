"""Rows of recipients, of what each has to be told, and of every attempt to tell it.

A notice is one recipient's copy of one no: ``seq`` is the ledger entry of the choice, so a choice makes at most one
notice for each recipient. Its stage moves on; the ledger keeps every step.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

_WAITING = text("stage = 'waiting'")
_WATCHED = text("alarm_at IS NOT NULL")
_LATE = text("warned_at IS NOT NULL AND closed_at IS NULL")


class Recipient(SQLModel, table=True):
    """A system beside Candor that acts on choices: a processor, a joint controller, a training pipeline."""

    __tablename__ = "recipient"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    url: str
    purposes: str  # canonical JSON list of keys; ["*"] for all
    systems: str  # the same for AI systems
    scopes: str  # what it has to acknowledge: a part of inference, training, index
    active: bool  # set to false, it is told nothing until it is set to true again
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # its secrets, newest first
    both_until: int | None = Field(default=None, sa_type=BigInteger)  # until then the former secret signs as well
    revision: int = 1  # counts every change; the ETag
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class RecipientNotice(SQLModel, table=True):
    """What one recipient has to be told of one choice, and how far that has come."""

    __tablename__ = "recipient_notice"
    __table_args__ = (
        Index("ux_recipient_notice_choice", "recipient", "seq", unique=True),
        Index("ix_recipient_notice_tenant", "tenant", "seq"),
        Index("ix_recipient_notice_stage", "tenant", "stage", "seq"),
        Index("ix_recipient_notice_subject", "subject", "tenant", "seq"),
        # with time nearly all are acknowledged: none of these grows with the past
        Index("ix_recipient_notice_waiting", "recipient", "next_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_recipient_notice_alarm", "alarm_at", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
        Index("ix_recipient_notice_late", "tenant", "seq", sqlite_where=_LATE, postgresql_where=_LATE),
    )

    id: str = Field(primary_key=True)
    tenant: str
    recipient: str
    seq: int = Field(sa_type=BigInteger)
    choice: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    purpose: str
    system: str
    state: str
    chosen_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)
    stage: str  # waiting, told, acknowledged, given_up
    attempts: int = 0
    next_at: int = Field(sa_type=BigInteger)  # not tried again before
    busy_until: int | None = Field(default=None, sa_type=BigInteger)  # somebody is telling it now
    told_at: int | None = Field(default=None, sa_type=BigInteger)
    scopes: str = "[]"  # canonical JSON list: what was acknowledged so far
    applied_at: int | None = Field(default=None, sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)  # everything is acknowledged
    alarm_at: int | None = Field(default=None, sa_type=BigInteger)  # when it is warned of, then when it is overdue
    warned_at: int | None = Field(default=None, sa_type=BigInteger)
    overdue_at: int | None = Field(default=None, sa_type=BigInteger)


class RecipientDelivery(SQLModel, table=True):
    """One attempt to tell a recipient, and what came of it; ``notice`` is empty for a test."""

    __tablename__ = "recipient_delivery"
    __table_args__ = (Index("ix_recipient_delivery_recipient", "tenant", "recipient", "id"),)

    id: str = Field(primary_key=True)
    tenant: str
    recipient: str
    notice: str | None = None
    at: int = Field(sa_type=BigInteger)
    millis: int
    status: int | None = None  # of HTTP; nothing where no answer came
    outcome: str  # told, acknowledged, refused, failed


class PropagationMark(SQLModel, table=True):
    """Up to which entry of the log choices were looked at; one row."""

    __tablename__ = "propagation_mark"

    id: int = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
