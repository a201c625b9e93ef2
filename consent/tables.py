"""Rows of purposes, choices and receipts.

``choice_event`` is the truth and only ever grows; ``choice_state`` holds the latest event of each
(subject, purpose, system) for speed. Both are written in one transaction with the ledger entry of the same ``seq``.
``*`` stands for all purposes or all systems.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, text
from sqlmodel import Field, SQLModel

_ENDS = text("valid_until IS NOT NULL")
# on SQLite only INTEGER PRIMARY KEY is the row's own place: a second index would double every write
SEQ = BigInteger().with_variant(Integer, "sqlite")


class Purpose(SQLModel, table=True):
    """A purpose by its key: its draft, and which version is the latest published."""

    __tablename__ = "purpose"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    draft: str | None = None  # canonical JSON of the next version, or nothing under way
    latest_version: int = 0  # 0: nothing published yet
    revision: int = 1  # counts every change; the ETag
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class PurposeVersion(SQLModel, table=True):
    """A published version: immutable, hashed; ``document`` is the canonical JSON of all its fields."""

    __tablename__ = "purpose_version"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str
    sha256: str
    material: bool  # choices made for versions before a material one need renewal
    published_at: int = Field(sa_type=BigInteger)
    published_by: str


class ChoiceEvent(SQLModel, table=True):
    """One expression of a choice; never changed, never deleted. ``seq`` is its ledger entry's."""

    __tablename__ = "choice_event"
    __table_args__ = (Index("ix_choice_event_subject", "subject", "tenant", "purpose", "system", "seq"),)

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    id: str
    tenant: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    purpose: str
    purpose_version: int
    system: str
    state: str
    explicit: bool  # two distinct acts stand behind it
    actor: str
    actor_ref: str | None = None  # the credential or guardian's reference, never a name
    method: str
    channel: str
    site: str | None = None
    notice_version: str | None = None
    notice_hash: str | None = None  # SHA-256, hex, of the exact text shown
    locale: str | None = None
    jurisdiction: str | None = None
    gpc: bool  # the request itself carried Sec-GPC: 1
    occurred_at: int = Field(sa_type=BigInteger)
    recorded_at: int = Field(sa_type=BigInteger)
    valid_until: int | None = Field(default=None, sa_type=BigInteger)
    receipt: str | None = None
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))  # reason, evidence


class ChoiceState(SQLModel, table=True):
    """HOT. The latest event of one (subject, purpose, system); read by the gate, one row a level."""

    __tablename__ = "choice_state"
    __table_args__ = (
        # only what can end stands in it: most choices never do
        Index("ix_choice_state_due", "valid_until", sqlite_where=_ENDS, postgresql_where=_ENDS),
        {"sqlite_with_rowid": False},
    )

    subject: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    tenant: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    system: str = Field(primary_key=True)
    state: str
    explicit: bool
    actor: str
    gpc: bool
    choice: str  # the event's id
    seq: int = Field(sa_type=BigInteger)
    purpose_version: int
    notice_version: str | None = None
    recorded_at: int = Field(sa_type=BigInteger)
    valid_until: int | None = Field(default=None, sa_type=BigInteger)
    ask_after: int | None = Field(default=None, sa_type=BigInteger)  # nobody asks again before
    receipt: str | None = None  # the event's receipt: what the next one supersedes or terminates


class Receipt(SQLModel, table=True):
    """A signed receipt, kept as issued; its status is computed, never written into it."""

    __tablename__ = "receipt"
    __table_args__ = (Index("ix_receipt_subject", "subject", "tenant", "issued_at"),)

    id: str = Field(primary_key=True)
    tenant: str
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kind: str  # given, refused, withdrawn, mixed ...
    first_seq: int = Field(sa_type=BigInteger)
    last_seq: int = Field(sa_type=BigInteger)
    supersedes: str  # canonical JSON list of receipt ids
    issued_at: int = Field(sa_type=BigInteger)
    jws: str
