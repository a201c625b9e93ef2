"""The current row of a handoff as rooms work on it: every column of its table, instants in microseconds."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class HandoffRow:
    """One handoff as it stands; ``handoff.tables.Handoff`` says what each column means."""

    id: str
    tenant: str
    reference: str
    subject: bytes
    space: str
    conversation: str
    open_key: str | None = None
    mode: str
    channel: str
    touchpoint: str
    language: str
    jurisdiction: str | None = None
    site: str | None = None
    system: str | None = None
    decision: str | None = None
    rule: str
    trigger: str
    because: str
    queue: str
    skills: str
    weight: int
    priority: int
    rank: int
    state: str
    assignee: str | None = None
    alias: str | None = None
    agent_language: bool | None = None
    offer_until: int | None = None
    declined: str = "[]"
    choice: str | None = None
    due_at: int | None = None
    next_at: int | None = None
    opened_at: int
    clock_at: int
    queued_at: int | None = None
    accepted_at: int | None = None
    replied_at: int | None = None
    ended_at: int | None = None
    end_reason: str | None = None
    outcome: str | None = None
    return_asked_at: int | None = None
    score: int | None = None
    ai_score: int | None = None
    desk: str
    chain_at: int = 0
    desk_by: int | None = None
    delivery: str = "none"
    remote: str | None = None
    hops: int = 0
    violations: int = 0
    reasked: int = 0
    last_seq: int = 0
    head: bytes
    pack_hash: str | None = None
    pack: bytes | None = None
