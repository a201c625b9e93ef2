"""Rows of handoffs: one current row each, and the append-only events that are the truth.

Words of people (messages, notes, the context pack) stand sealed under the customer's own key and die with it; the
hash chain runs over the sealed bytes, so it still verifies after an erasure.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel


class Handoff(SQLModel, table=True):
    """One request for a human, as it stands. ``open_key`` is unique while it is open: one in each conversation."""

    __tablename__ = "handoff"
    __table_args__ = (
        Index("ix_handoff_subject", "subject", "tenant", "opened_at"),
        Index("ix_handoff_waiting", "tenant", "state", "rank"),
        Index("ix_handoff_assignee", "tenant", "assignee", "state"),
        Index("ix_handoff_due", "next_at"),
        Index("ix_handoff_state", "state"),  # few are open at a time: what timers and offers look for
        Index("ix_handoff_opened", "tenant", "opened_at"),
        Index("ux_handoff_reference", "tenant", "reference", unique=True),
        Index("ux_handoff_open", "tenant", "open_key", unique=True),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    reference: str = Field(sa_type=Text)
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    space: str = Field(sa_type=Text)
    conversation: str = Field(sa_type=Text)  # the site's own reference, or empty
    open_key: str | None = Field(default=None, sa_type=Text)
    mode: str = Field(sa_type=Text)
    channel: str = Field(sa_type=Text)
    touchpoint: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    jurisdiction: str | None = Field(default=None, sa_type=Text)
    site: str | None = Field(default=None, sa_type=Text)
    system: str | None = Field(default=None, sa_type=Text)
    decision: str | None = Field(default=None, sa_type=Text)
    rule: str = Field(sa_type=Text)  # which trigger, by its rule id
    trigger: str = Field(sa_type=Text)
    because: str = Field(sa_type=Text)  # canonical JSON: score, threshold, version
    queue: str = Field(sa_type=Text)
    skills: str = Field(sa_type=Text)
    weight: int = Field(sa_type=Integer)
    priority: int = Field(sa_type=Integer)
    rank: int = Field(sa_type=BigInteger)  # the smaller the sooner; ages by itself
    state: str = Field(sa_type=Text)
    assignee: str | None = Field(default=None, sa_type=Text)
    alias: str | None = Field(default=None, sa_type=Text)  # what the person who answers is called
    agent_language: bool | None = None  # whether that person speaks the customer's language
    offer_until: int | None = Field(default=None, sa_type=BigInteger)
    declined: str = Field(default="[]", sa_type=Text)  # who was offered it in this round
    choice: str | None = Field(default=None, sa_type=Text)
    due_at: int | None = Field(default=None, sa_type=BigInteger)  # when a deferred case goes on
    next_at: int | None = Field(default=None, sa_type=BigInteger)  # the next timer
    opened_at: int = Field(sa_type=BigInteger)
    clock_at: int = Field(sa_type=BigInteger)  # when waiting began to count: the request, or the opening hour after it
    queued_at: int | None = Field(default=None, sa_type=BigInteger)
    accepted_at: int | None = Field(default=None, sa_type=BigInteger)
    replied_at: int | None = Field(default=None, sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    end_reason: str | None = Field(default=None, sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    return_asked_at: int | None = Field(default=None, sa_type=BigInteger)
    score: int | None = Field(default=None, sa_type=Integer)
    ai_score: int | None = Field(default=None, sa_type=Integer)
    desk: str = Field(sa_type=Text)  # who serves it: `builtin` or the key of a desk
    chain_at: int = Field(default=0, sa_type=Integer)
    desk_by: int | None = Field(default=None, sa_type=BigInteger)  # by when that desk must have opened the case
    delivery: str = Field(default="none", sa_type=Text)
    remote: str | None = Field(default=None, sa_type=Text)  # its id at that desk
    hops: int = Field(default=0, sa_type=Integer)
    violations: int = Field(default=0, sa_type=Integer)
    reasked: int = Field(default=0, sa_type=Integer)
    last_seq: int = Field(default=0, sa_type=BigInteger)
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # of the hash chain of its events
    pack_hash: str | None = Field(default=None, sa_type=Text)
    pack: bytes | None = Field(default=None, sa_type=LargeBinary)


class HandoffEvent(SQLModel, table=True):
    """One thing that happened; ``seq`` counts within the handoff."""

    __tablename__ = "handoff_event"
    __table_args__ = (Index("ux_handoff_event_dedupe", "handoff", "dedupe", unique=True),)

    handoff: str = Field(primary_key=True, sa_type=Text)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    actor_ref: str = Field(sa_type=Text)
    visibility: str = Field(sa_type=Text)  # public: the customer sees it
    at: int = Field(sa_type=BigInteger)
    public: str = Field(sa_type=Text)  # canonical JSON
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    dedupe: str | None = Field(default=None, sa_type=Text)
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class HandoffQueue(SQLModel, table=True):
    """A queue's rules as a document: hours, targets, thresholds, the chain of desks."""

    __tablename__ = "handoff_queue"

    tenant: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    document: str = Field(sa_type=Text)
    version: int = Field(sa_type=Integer)
    changed_at: int = Field(sa_type=BigInteger)


class HandoffAgent(SQLModel, table=True):
    """A person who serves cases, by the credential's id; ``alias`` is what customers see."""

    __tablename__ = "handoff_agent"

    tenant: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    alias: str = Field(sa_type=Text)
    presence: str = Field(sa_type=Text)
    queues: str = Field(sa_type=Text)
    skills: str = Field(sa_type=Text)
    languages: str = Field(sa_type=Text)
    capacity: int = Field(sa_type=Integer)
    seen_at: int = Field(sa_type=BigInteger)


class Conversation(SQLModel, table=True):
    """A customer's conversation with an AI system, as its operator reports it."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ux_conversation_ref", "tenant", "subject", "ref", unique=True),)

    id: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    ref: str = Field(sa_type=Text)
    touchpoint: str = Field(sa_type=Text)
    system: str | None = Field(default=None, sa_type=Text)
    language: str = Field(sa_type=Text)
    opened_at: int = Field(sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)
    last_seq: int = Field(sa_type=BigInteger)
    low: int = Field(sa_type=Integer)  # turns of low confidence in a row
    failed: int = Field(sa_type=Integer)  # the same wish missed in a row
    sour: int = Field(sa_type=Integer)  # turns of bad mood in a row
    hops: int = Field(sa_type=Integer)  # between AI and human
    human_only: bool = False  # "a human for this chat"


class ConversationTurn(SQLModel, table=True):
    """One turn of it, or one finding about it."""

    __tablename__ = "conversation_turn"

    conversation: str = Field(primary_key=True, sa_type=Text)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    speaker: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    public: str = Field(sa_type=Text)
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)


class HandoffDesk(SQLModel, table=True):
    """A help desk of others: ``document`` says how to reach it, ``sealed`` holds its secrets."""

    __tablename__ = "handoff_desk"

    tenant: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(sa_type=Text)
    document: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    version: int = Field(sa_type=Integer)
    changed_at: int = Field(sa_type=BigInteger)


class HandoffRemote(SQLModel, table=True):
    """A handoff at a desk of others: its id there, how far it was read, and which fields went there when."""

    __tablename__ = "handoff_remote"
    __table_args__ = (
        Index("ix_handoff_remote_id", "tenant", "desk", "remote"),
        Index("ix_handoff_remote_pull", "pull_at"),
    )

    handoff: str = Field(primary_key=True, sa_type=Text)
    desk: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    remote: str | None = Field(default=None, sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    extra: str = Field(sa_type=Text)
    cursor: str | None = Field(default=None, sa_type=Text)
    last_order: int | None = Field(default=None, sa_type=BigInteger)  # the peer's own sequence, as far as applied
    fields: str = Field(sa_type=Text)
    opened_at: int | None = Field(default=None, sa_type=BigInteger)
    sent_seq: int = Field(default=0, sa_type=BigInteger)  # our events up to here are there
    busy_until: int | None = Field(default=None, sa_type=BigInteger)  # one writer at a time keeps the order
    pull_at: int | None = Field(default=None, sa_type=BigInteger)


class HandoffSeen(SQLModel, table=True):
    """What was received from a desk or sent to it: a second delivery, or the echo of our own, counts once."""

    __tablename__ = "handoff_seen"

    tenant: str = Field(primary_key=True, sa_type=Text)
    desk: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    at: int = Field(sa_type=BigInteger)
