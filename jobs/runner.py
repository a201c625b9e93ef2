"""The runner: claims due jobs by lease, runs each in its own task, repeats the periodic ones.

Every replica runs one; a job runs on whichever claims it first. A runner that dies loses its leases, and another
takes its jobs over. Errors never end the runner: they put the job back (``core/queue.py``).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from core import queue
from core.clock import MICROS, Clock
from core.database import Database
from core.errors import DomainError

_log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True)
class JobKind:
    """How to run jobs of one kind; ``every`` (seconds) makes it periodic.

    A periodic job is one row for the whole installation, or with ``in_each_process`` no row at all: for what is
    harmless in several processes at once and too frequent to write down.
    """

    run: Callable[[Any], Awaitable[None]]
    every: float | None = None
    in_each_process: bool = False


class Runner:
    """Runs jobs until stopped."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        owner: str,
        kinds: Mapping[str, JobKind],
        *,
        lease_seconds: float = 30.0,
        poll_seconds: float = 0.25,
        most: int = 8,
        patience: float = 10.0,
    ) -> None:
        """Run ``kinds`` as ``owner``; the lease of a job under way is renewed, a dead process's runs out."""
        self._db = db
        self._clock = clock
        self._owner = owner
        self._kinds = kinds
        self._lease = int(lease_seconds * MICROS)
        self._poll = poll_seconds
        self._most = most
        self._patience = patience
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Make sure that every periodic job has its row, then start claiming."""
        for name, kind in self._kinds.items():
            if kind.every is None:
                continue
            if kind.in_each_process:
                self._tasks.append(asyncio.create_task(self._here(name, kind, kind.every), name=f"candor-{name}"))
            else:
                await self._db.transact(queue.enqueue, name, {}, now=self._clock.now(), unique_key=f"periodic:{name}")
        self._tasks.append(asyncio.create_task(self._run(), name="candor-jobs"))

    async def stop(self) -> None:
        """Finish the jobs under way and end."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        self._tasks.clear()

    async def _here(self, name: str, kind: JobKind, every: float) -> None:
        """Run a job of this process again and again, and a last time when it ends."""
        while True:
            ending = self._stopping.is_set()
            try:
                await kind.run({})
            except Exception as error:  # noqa: BLE001 -- the boundary of jobs: reported, and tried again
                _log.warning("job.failed", kind=name, error=type(error).__name__)
            if ending:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), every)

    async def _run(self) -> None:
        """Claim as many jobs as there is room for: a long one holds up none of the others."""
        under_way: set[asyncio.Task[None]] = set()
        while not self._stopping.is_set():
            claimed = await self._claimed(self._most - len(under_way))
            for job in claimed:
                task = asyncio.create_task(self._held(job), name=f"candor-job-{job.kind}")
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            if not claimed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._poll)
        await self._ended(under_way)

    async def _ended(self, under_way: set[asyncio.Task[None]]) -> None:
        """Let jobs finish for a moment; a longer one is cut off, its lease runs out, and another takes it over."""
        if not under_way:
            return
        _, late = await asyncio.wait(under_way, timeout=self._patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _claimed(self, most: int) -> list[queue.Claimed]:
        if most < 1:
            return []
        try:
            return await self._db.transact(
                queue.claim, self._owner, now=self._clock.now(), lease=self._lease, most=most
            )
        except DomainError as error:
            _log.warning("jobs.not_claimed", code=error.code)
            return []

    async def run_due(self) -> int:
        """Claim and run what is due now; return how many jobs were run."""
        claimed = await self._db.transact(
            queue.claim, self._owner, now=self._clock.now(), lease=self._lease, most=self._most
        )
        await asyncio.gather(*(self._one(job) for job in claimed))
        return len(claimed)

    async def _held(self, job: queue.Claimed) -> None:
        """Run a job and renew its lease meanwhile; what the store refuses is noted, and the lease runs out."""
        renewing = asyncio.create_task(self._renew(job))
        try:
            await self._one(job)
        except DomainError as error:
            _log.warning("job.not_ended", kind=job.kind, job=job.id, code=error.code)
        finally:
            renewing.cancel()

    async def _renew(self, job: queue.Claimed) -> None:
        while True:
            await asyncio.sleep(self._lease / MICROS / 3)
            with contextlib.suppress(DomainError):
                await self._db.transact(queue.renew, self._owner, job.id, self._clock.now() + self._lease)

    async def _one(self, job: queue.Claimed) -> None:
        try:
            kind = self._kinds[job.kind]
            await kind.run(job.payload)
        except Exception as error:  # noqa: BLE001 -- the boundary of jobs: reported, counted, tried again
            state = await self._db.transact(queue.fail, self._owner, job, type(error).__name__, now=self._clock.now())
            _log.warning("job.failed", kind=job.kind, job=job.id, error=type(error).__name__, state=str(state))
            return
        if kind.every is None:
            await self._db.transact(queue.finish, self._owner, job.id)
        else:
            run_at = self._clock.now() + int(kind.every * MICROS)
            await self._db.transact(queue.repeat, self._owner, job.id, run_at)
