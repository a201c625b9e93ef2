"""Every statement on handoffs, their events, queues and agents."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.database import Database, Insert, Reader, Sql, Tx
from handoff.rows import HandoffRow
from handoff.tables import Handoff, HandoffAgent, HandoffEvent, HandoffQueue


class Event(NamedTuple):
    """One row of ``handoff_event``; instants in microseconds."""

    handoff: str
    seq: int
    kind: str
    actor: str
    actor_ref: str
    visibility: str
    at: int
    public: str
    sealed: bytes | None
    dedupe: str | None
    hash: bytes


class Happened(NamedTuple):
    """What figures read of an event."""

    handoff: str
    kind: str
    actor: str
    at: int
    public: str


class Agent(NamedTuple):
    """One row of ``handoff_agent``; the lists are JSON."""

    tenant: str
    id: str
    alias: str
    presence: str
    queues: str
    skills: str
    languages: str
    capacity: int
    seen_at: int


_INSERT = Insert(Handoff)
INSERT_EVENT = Insert(HandoffEvent)
_PUT_AGENT = Insert(HandoffAgent, key=("tenant", "id"), replace=True)
_PUT_QUEUE = Insert(HandoffQueue, key=("tenant", "key"), replace=True)
_COLUMNS = tuple(Handoff.__table__.columns.keys())  # type: ignore[attr-defined]  # SQLModel's stubs do not declare it
_SET = ", ".join(f'"{name}" = :{name}' for name in _COLUMNS if name not in {"id", "tenant"})
# the columns of these texts are our own declarations, values only ever parameters
_SAVE = Sql(f"UPDATE handoff SET {_SET} WHERE id = :id AND tenant = :tenant")  # noqa: S608 -- see above
_ROW = "SELECT " + ", ".join(f'"{name}"' for name in _COLUMNS) + " FROM handoff WHERE tenant = :tenant"  # noqa: S608 -- see above
_ONE = Sql(f"{_ROW} AND id = :id")
_OPEN = Sql(f"{_ROW} AND open_key = :open_key")
_REFERENCE = Sql(f"{_ROW} AND reference = :reference")
_SUBJECT = Sql(f"{_ROW} AND subject = :subject ORDER BY opened_at DESC LIMIT :most")
_WAITING = Sql(f"{_ROW} AND state = 'queued' AND desk = 'builtin' ORDER BY rank, id LIMIT :most")
_HELD = Sql(f"{_ROW} AND assignee = :agent AND state IN (:first, :last) ORDER BY rank, id")
_BETWEEN = Sql(f"{_ROW} AND opened_at >= :start AND opened_at < :end ORDER BY opened_at LIMIT :most")
# one state at a time: over two of them an index does not give the order, and a million rows would be sorted
_LISTED = Sql(
    f"{_ROW} AND state = :state AND rank >= :rank AND (rank > :rank OR id > :id) ORDER BY rank, id LIMIT :most"
)
_EVENT = ", ".join(f'"{name}"' for name in Event._fields)
_EVENTS = Sql(
    f"SELECT {_EVENT} FROM handoff_event WHERE handoff = :handoff AND seq > :after ORDER BY seq LIMIT :most"  # noqa: S608 -- see above
)
_PUBLIC = Sql(
    f"SELECT {_EVENT} FROM handoff_event WHERE handoff = :handoff AND seq > :after AND visibility = 'public'"  # noqa: S608 -- see above
    " ORDER BY seq LIMIT :most"
)
_DEDUPE = Sql(f"SELECT {_EVENT} FROM handoff_event WHERE handoff = :handoff AND dedupe = :dedupe")  # noqa: S608 -- see above
_HAPPENED = Sql(
    "SELECT e.handoff, e.kind, e.actor, e.at, e.public FROM handoff_event e JOIN handoff h ON h.id = e.handoff"
    " WHERE h.tenant = :tenant AND h.opened_at >= :start AND h.opened_at < :end ORDER BY e.handoff, e.seq"
)
_HEADS = Sql("SELECT id, last_seq FROM handoff WHERE id = :id")
_DUE = Sql("SELECT tenant, id FROM handoff WHERE next_at <= :now ORDER BY next_at LIMIT :most")
_TENANTS = Sql("SELECT DISTINCT tenant FROM handoff WHERE state = 'queued' AND desk = 'builtin'")
_AHEAD = Sql(
    "SELECT count(*) FROM handoff WHERE tenant = :tenant AND state IN ('queued', 'offered') AND queue = :queue"
    " AND rank < :rank"
)
# summed by hand: to group by assignee SQLite would walk every case the agents ever had
_LOADS = Sql("SELECT assignee, weight FROM handoff WHERE tenant = :tenant AND state IN ('offered', 'active')")
_WAITS = Sql(
    "SELECT accepted_at - clock_at FROM handoff WHERE tenant = :tenant AND queue = :queue AND mode = 'live'"
    " AND accepted_at IS NOT NULL AND opened_at > :since ORDER BY opened_at DESC LIMIT 20"
)
_AGENT = ", ".join(Agent._fields)
_AGENTS = Sql(f"SELECT {_AGENT} FROM handoff_agent WHERE tenant = :tenant ORDER BY id")  # noqa: S608 -- see above
_GONE = Sql(
    f"SELECT {_AGENT} FROM handoff_agent WHERE presence <> 'offline' AND seen_at < :before LIMIT 100"  # noqa: S608 -- see above
)
_HOLDING = Sql(
    "SELECT h.tenant, h.id FROM handoff h JOIN handoff_agent a ON a.tenant = h.tenant AND a.id = h.assignee"
    " WHERE h.state = 'active' AND h.desk = 'builtin' AND a.presence = 'offline' AND a.seen_at < :before LIMIT 100"
)
_QUEUES = Sql("SELECT key, document, version FROM handoff_queue WHERE tenant = :tenant ORDER BY key")
_QUEUE = Sql("SELECT document, version FROM handoff_queue WHERE tenant = :tenant AND key = :key")
_DESKS = Sql("SELECT key, document FROM handoff_desk WHERE tenant = :tenant")


def add(tx: Tx, row: HandoffRow) -> None:
    """Insert a new handoff."""
    tx.insert(_INSERT, tuple(getattr(row, name) for name in _COLUMNS))


async def save(tx: Tx, row: HandoffRow) -> None:
    """Write the current row of a handoff."""
    await tx.execute(_SAVE, **{name: getattr(row, name) for name in _COLUMNS})


async def _all(tx: Reader, query: Sql, **params: Any) -> list[HandoffRow]:
    made = []
    for row in await tx.rows(query, **params):
        values = dict(zip(_COLUMNS, row, strict=True))
        if values["agent_language"] is not None:
            values["agent_language"] = bool(values["agent_language"])
        made.append(HandoffRow(**values))
    return made


async def _one(tx: Reader, query: Sql, **params: Any) -> HandoffRow | None:
    found = await _all(tx, query, **params)
    return found[0] if found else None


async def handoff(tx: Reader, tenant: str, handoff_id: str) -> HandoffRow | None:
    """Return one handoff of a tenant."""
    return await _one(tx, _ONE, tenant=tenant, id=handoff_id)


async def open_one(tx: Reader, tenant: str, open_key: str) -> HandoffRow | None:
    """Return the open handoff of a conversation."""
    return await _one(tx, _OPEN, tenant=tenant, open_key=open_key)


async def by_reference(tx: Reader, tenant: str, reference: str) -> HandoffRow | None:
    """Return the handoff with a reference number."""
    return await _one(tx, _REFERENCE, tenant=tenant, reference=reference)


async def of_subject(tx: Reader, tenant: str, subject: bytes, most: int = 20) -> list[HandoffRow]:
    """Return a person's handoffs, newest first."""
    return await _all(tx, _SUBJECT, tenant=tenant, subject=subject, most=most)


async def waiting(tx: Reader, tenant: str, most: int = 50) -> list[HandoffRow]:
    """Return the cases that wait in the built-in queues, by rank."""
    return await _all(tx, _WAITING, tenant=tenant, most=most)


async def of_agent(tx: Reader, tenant: str, agent: str, *states: str) -> list[HandoffRow]:
    """Return the cases an agent holds in one or two states."""
    return await _all(tx, _HELD, tenant=tenant, agent=agent, first=states[0], last=states[-1])


async def between(tx: Reader, tenant: str, start: int, end: int, most: int = 100_000) -> list[HandoffRow]:
    """Return the handoffs opened in a period, in order."""
    return await _all(tx, _BETWEEN, tenant=tenant, start=start, end=end, most=most)


async def listed(tx: Reader, tenant: str, states: Sequence[str], after: tuple[int, str], most: int) -> list[HandoffRow]:
    """Return handoffs in some states by (rank, id), from beyond ``after``."""
    found: list[HandoffRow] = []
    for state in states:
        found += await _all(tx, _LISTED, tenant=tenant, state=state, rank=after[0], id=after[1], most=most)
    return sorted(found, key=lambda row: (row.rank, row.id))[:most]


def _events(rows: Sequence[Sequence[Any]]) -> list[Event]:
    return [Event(*row) for row in rows]


async def events(tx: Reader, handoff_id: str, after: int, most: int, *, internal: bool) -> list[Event]:
    """Return events after a sequence number; without ``internal`` only what the customer may see."""
    query = _EVENTS if internal else _PUBLIC
    return _events(await tx.rows(query, handoff=handoff_id, after=after, most=most))


async def events_now(db: Database, handoff_id: str, after: int, most: int, *, internal: bool) -> list[Event]:
    """HOT PATH. The same by one statement on its own."""
    query = _EVENTS if internal else _PUBLIC
    return _events(await db.fetch(query, handoff=handoff_id, after=after, most=most))


async def head_now(db: Database, handoff_id: str) -> int:
    """HOT PATH. Return the last sequence number of a handoff; 0 if there is none."""
    rows = await db.fetch(_HEADS, id=handoff_id)
    return rows[0][1] if rows else 0


async def deduped(tx: Reader, handoff_id: str, dedupe: str) -> Event | None:
    """Return the event recorded under a sender's own key."""
    row = await tx.row(_DEDUPE, handoff=handoff_id, dedupe=dedupe)
    return None if row is None else Event(*row)


async def happened_between(tx: Reader, tenant: str, start: int, end: int) -> list[Happened]:
    """Return the events of all handoffs opened in a period."""
    return [Happened(*row) for row in await tx.rows(_HAPPENED, tenant=tenant, start=start, end=end)]


async def due(tx: Reader, now: int, most: int) -> list[tuple[str, str]]:
    """Return (tenant, handoff) whose timer has come."""
    return [(row[0], row[1]) for row in await tx.rows(_DUE, now=now, most=most)]


async def tenants_waiting(tx: Reader) -> list[str]:
    """Return the tenants with cases waiting in their built-in queues."""
    return [row[0] for row in await tx.rows(_TENANTS)]


async def ahead(tx: Reader, row: HandoffRow) -> int:
    """Return how many stand before a case in its queue."""
    found = await tx.row(_AHEAD, tenant=row.tenant, queue=row.queue, rank=row.rank)
    return int(found[0]) if found else 0


async def loads(tx: Reader, tenant: str) -> dict[str, int]:
    """Return the weight each agent carries."""
    carried: dict[str, int] = {}
    for agent_id, weight in await tx.rows(_LOADS, tenant=tenant):
        if agent_id is not None:
            carried[agent_id] = carried.get(agent_id, 0) + int(weight)
    return carried


async def recent_waits(tx: Reader, tenant: str, queue: str, since: int) -> list[int]:
    """Return the last waits of a queue in microseconds."""
    return [int(row[0]) for row in await tx.rows(_WAITS, tenant=tenant, queue=queue, since=since)]


async def agents(tx: Reader, tenant: str) -> list[Agent]:
    """Return every agent of a tenant."""
    return [Agent(*row) for row in await tx.rows(_AGENTS, tenant=tenant)]


async def agent(tx: Reader, tenant: str, agent_id: str) -> Agent | None:
    """Return one agent."""
    return next((one for one in await agents(tx, tenant) if one.id == agent_id), None)


async def silent(tx: Reader, before: int) -> list[Agent]:
    """Return agents who said they were here and have not been heard since."""
    return [Agent(*row) for row in await tx.rows(_GONE, before=before)]


async def abandoned(tx: Reader, before: int) -> list[tuple[str, str]]:
    """Return (tenant, handoff) of active cases whose agent has been away since ``before``."""
    return [(row[0], row[1]) for row in await tx.rows(_HOLDING, before=before)]


def put_agent(tx: Tx, agent: Agent) -> None:
    """Write an agent."""
    tx.insert(_PUT_AGENT, tuple(agent))


def put_queue(tx: Tx, tenant: str, key: str, document: str, version: int, now: int) -> None:
    """Write a queue's document."""
    tx.insert(_PUT_QUEUE, (tenant, key, document, version, now))


async def queue(tx: Reader, tenant: str, key: str) -> tuple[str, int] | None:
    """Return a queue's document and version."""
    row = await tx.row(_QUEUE, tenant=tenant, key=key)
    return None if row is None else (row[0], row[1])


async def queues(tx: Reader, tenant: str) -> list[tuple[str, str, int]]:
    """Return key, document and version of every queue."""
    return [(row[0], row[1], row[2]) for row in await tx.rows(_QUEUES, tenant=tenant)]


async def desk_documents(tx: Reader, tenant: str) -> dict[str, str]:
    """Return the public documents of a tenant's desks."""
    return {row[0]: row[1] for row in await tx.rows(_DESKS, tenant=tenant)}
