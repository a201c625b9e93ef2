"""Rows of the log: its head, its entries, the stored nodes of its tree, its signed checkpoints."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

# on SQLite only INTEGER PRIMARY KEY is the row's own place: a second index would double every write
SEQ = BigInteger().with_variant(Integer, "sqlite")


class LedgerHead(SQLModel, table=True):
    """The one row (``id`` 1) that every batch locks: the tree's size and frontier (RFC 9162 perfect subtrees)."""

    __tablename__ = "ledger_head"

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = Field(sa_type=BigInteger)
    frontier: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LedgerEntry(SQLModel, table=True):
    """HOT. One fact with legal effect. ``body`` is what is hashed; the columns beside it repeat it for search."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ix_ledger_entry_subject", "tenant", "subject", "seq"),
        Index("ix_ledger_entry_tenant", "tenant", "seq"),
    )

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))  # the leaf's index, from 0
    id: str
    tenant: str
    kind: str
    subject: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    at: int = Field(sa_type=BigInteger)
    restrictive: bool  # an answer of the gate may have turned to no
    body: str  # canonical JSON
    leaf: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LedgerNode(SQLModel, table=True):
    """The root of a full subtree of 256**level leaves, so that proofs read a few rows and never the whole tree."""

    __tablename__ = "ledger_node"

    level: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LedgerCheckpoint(SQLModel, table=True):
    """A signed checkpoint (C2SP tlog-checkpoint); ``size`` and ``root`` repeat what ``note`` says."""

    __tablename__ = "ledger_checkpoint"

    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    note: str
    signed_at: int = Field(sa_type=BigInteger)
