"""Rows of work that runs by itself: enqueued in the transaction of their cause, claimed by lease, retried, buried.

At-least-once: a job may run again after a crash, so what it does must be harmless twice. Any replica takes over a
job whose lease ran out. ``jobs/runner.py`` runs them; see docs/decisions/0006.
"""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from core import canonical, ids
from core.clock import MICROS
from core.database import Reader, Sql, Tx
from core.tables import Job

MAX_ATTEMPTS = 12
_FIRST_DELAY = 1 * MICROS
_LONGEST_DELAY = 6 * 3600 * MICROS

_CLAIM = Sql(
    """UPDATE job SET state = 'running', attempts = attempts + 1, lease_owner = :owner, lease_until = :until
       WHERE id IN (SELECT id FROM job WHERE (state = 'due' AND run_at <= :now)
                    OR (state = 'running' AND lease_until < :now) ORDER BY run_at LIMIT :most)
       RETURNING id, kind, payload, attempts""",
    postgresql="""UPDATE job SET state = 'running', attempts = attempts + 1, lease_owner = :owner, lease_until = :until
       WHERE id IN (SELECT id FROM job WHERE (state = 'due' AND run_at <= :now)
                    OR (state = 'running' AND lease_until < :now) ORDER BY run_at LIMIT :most FOR UPDATE SKIP LOCKED)
       RETURNING id, kind, payload, attempts""",
)
_FINISH = Sql(
    "UPDATE job SET state = 'done', lease_until = NULL WHERE id = :id AND lease_owner = :owner AND state = 'running'"
)
_RENEW = Sql("UPDATE job SET lease_until = :until WHERE id = :id AND lease_owner = :owner AND state = 'running'")
_AGAIN = Sql(
    """UPDATE job SET state = :state, run_at = :run_at, lease_until = NULL, last_error = :error
       WHERE id = :id AND lease_owner = :owner AND state = 'running'"""
)
_KNOWN = Sql("SELECT id FROM job WHERE unique_key = :unique_key")
_STATE = Sql("SELECT state FROM job WHERE unique_key = :unique_key")
_REPEAT = Sql(
    """UPDATE job SET state = 'due', run_at = :run_at, attempts = 0, lease_until = NULL, last_error = NULL
       WHERE id = :id AND lease_owner = :owner AND state = 'running'"""
)
_PURGE = Sql("DELETE FROM job WHERE state = 'done' AND run_at < :before")
_DEAD = Sql(
    "SELECT id, kind, attempts, run_at, last_error FROM job WHERE state = 'dead' ORDER BY run_at DESC LIMIT :most"
)
_REVIVE = Sql(
    "UPDATE job SET state = 'due', attempts = 0, run_at = :now, lease_until = NULL WHERE id = :id AND state = 'dead'"
)
_COUNTS = Sql("SELECT kind, state, count(*), min(run_at) FROM job GROUP BY kind, state ORDER BY kind, state")


class State(StrEnum):
    """Where a job stands."""

    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job this process holds until its lease runs out."""

    id: str
    kind: str
    payload: Any
    attempts: int


class Buried(NamedTuple):
    """A job that was given up, and why."""

    id: str
    kind: str
    attempts: int
    run_at: int
    last_error: str | None


async def enqueue(
    tx: Tx, kind: str, payload: dict[str, Any], *, now: int, run_at: int | None = None, unique_key: str | None = None
) -> str | None:
    """Add a job to the present transaction; with a ``unique_key`` already known, add nothing and return ``None``."""
    if unique_key is not None and await tx.row(_KNOWN, unique_key=unique_key) is not None:
        return None
    job = Job(
        id=ids.new("job", now),
        kind=kind,
        unique_key=unique_key,
        payload=canonical.dumps(payload).decode(),
        state=State.DUE,
        run_at=now if run_at is None else run_at,
        created_at=now,
    )
    tx.add(job)
    return job.id


async def claim(tx: Tx, owner: str, *, now: int, lease: int, most: int = 10) -> list[Claimed]:
    """Take up to ``most`` due jobs, or jobs whose holder's lease ran out, until ``now + lease`` (microseconds)."""
    rows = await tx.rows(_CLAIM, owner=owner, now=now, until=now + lease, most=most)
    return [Claimed(row[0], row[1], canonical.loads(row[2]), row[3]) for row in rows]


async def finish(tx: Tx, owner: str, job: str) -> bool:
    """Mark a job done; ``False`` if the lease had passed to another."""
    return await tx.execute(_FINISH, id=job, owner=owner) == 1


async def renew(tx: Tx, owner: str, job: str, until: int) -> bool:
    """Hold a job until ``until`` (microseconds); ``False`` if the lease had passed to another."""
    return await tx.execute(_RENEW, id=job, owner=owner, until=until) == 1


async def repeat(tx: Tx, owner: str, job: str, run_at: int) -> bool:
    """Make a periodic job due again at ``run_at``; ``False`` if the lease had passed to another."""
    return await tx.execute(_REPEAT, id=job, owner=owner, run_at=run_at) == 1


async def fail(tx: Tx, owner: str, job: Claimed, error: str, *, now: int) -> State:
    """Put a failed job back with exponential delay and full jitter, or bury it after ``MAX_ATTEMPTS``."""
    dead = job.attempts >= MAX_ATTEMPTS
    state = State.DEAD if dead else State.DUE
    await tx.execute(_AGAIN, id=job.id, owner=owner, state=state, run_at=now + delay(job.attempts), error=error[:200])
    return state


def delay(attempts: int) -> int:
    """Return how long to wait after this many attempts: up to 1 s, 2 s, 4 s ... 6 h, at random (microseconds)."""
    return random.randrange(1, min(_LONGEST_DELAY, _FIRST_DELAY << min(attempts - 1, 40)) + 1)  # noqa: S311 -- jitter


async def purge(tx: Tx, before: int) -> int:
    """Delete jobs done before ``before`` and return their number."""
    return await tx.execute(_PURGE, before=before)


async def state(tx: Reader, unique_key: str) -> State | None:
    """Return where the job with a unique key stands; nothing if there is none."""
    row = await tx.row(_STATE, unique_key=unique_key)
    return None if row is None else State(row[0])


async def counts(tx: Reader) -> list[tuple[str, str, int, int]]:
    """Return (kind, state, number, earliest run_at) of all jobs, for metrics and the jobs page."""
    return [(row[0], row[1], row[2], row[3]) for row in await tx.rows(_COUNTS)]


async def dead(tx: Reader, most: int) -> list[Buried]:
    """Return the jobs that were given up, the latest first."""
    return [Buried(*row) for row in await tx.rows(_DEAD, most=most)]


async def revive(tx: Tx, job: str, now: int) -> bool:
    """Make a job that was given up due again, with all its attempts before it; tell whether there was one."""
    return await tx.execute(_REVIVE, id=job, now=now) == 1
