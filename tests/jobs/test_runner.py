"""Jobs run once when all is well, again after a crash, later after a failure, and never without end."""

import asyncio
from typing import Any

import pytest

from core import queue
from core.clock import MICROS, FixedClock
from core.database import Database, Sql
from core.errors import ConflictError
from jobs.runner import JobKind, Runner

pytestmark = pytest.mark.anyio

_STATES = Sql("SELECT state FROM job ORDER BY id")
_LEASES = Sql("SELECT lease_until FROM job WHERE state = 'running' AND lease_until > :after")


async def _states(db: Database) -> list[str]:
    return [row[0] for row in await db.read(lambda tx: tx.rows(_STATES))]


def _runner(db: Database, clock: FixedClock, ran: list[Any], owner: str = "a", **kinds: JobKind) -> Runner:
    async def note(payload: Any) -> None:
        ran.append(payload)

    return Runner(db, clock, owner, {"note": JobKind(note), **kinds}, lease_seconds=2)


async def test_a_job_runs_once_and_is_done(db: Database, clock: FixedClock) -> None:
    ran: list[Any] = []
    await db.transact(queue.enqueue, "note", {"n": 1}, now=clock.now())
    runner = _runner(db, clock, ran)

    assert await runner.run_due() == 1
    assert await runner.run_due() == 0

    assert ran == [{"n": 1}]
    assert await _states(db) == ["done"]


async def test_a_job_of_a_work_that_fails_is_never_there(db: Database, clock: FixedClock) -> None:
    async def work(tx: Any) -> None:
        await queue.enqueue(tx, "note", {}, now=clock.now())
        raise ConflictError

    with pytest.raises(ConflictError):
        await db.transact(work)

    assert await _states(db) == []


async def test_a_job_waits_for_its_time(db: Database, clock: FixedClock) -> None:
    ran: list[Any] = []
    await db.transact(queue.enqueue, "note", {}, now=clock.now(), run_at=clock.now() + MICROS)
    runner = _runner(db, clock, ran)

    assert await runner.run_due() == 0
    clock.advance(MICROS)
    assert await runner.run_due() == 1


async def test_a_unique_job_is_enqueued_once(db: Database, clock: FixedClock) -> None:
    first = await db.transact(queue.enqueue, "note", {}, now=clock.now(), unique_key="one")
    second = await db.transact(queue.enqueue, "note", {}, now=clock.now(), unique_key="one")

    assert first is not None
    assert second is None
    assert await _states(db) == ["due"]


async def test_a_dead_runners_job_is_taken_over_after_its_lease(db: Database, clock: FixedClock) -> None:
    ran: list[Any] = []
    await db.transact(queue.enqueue, "note", {}, now=clock.now())
    await db.transact(queue.claim, "dead", now=clock.now(), lease=2 * MICROS)
    runner = _runner(db, clock, ran, owner="alive")

    assert await runner.run_due() == 0
    clock.advance(2 * MICROS + 1)
    assert await runner.run_due() == 1

    assert await _states(db) == ["done"]


async def test_the_first_holder_can_not_finish_a_job_that_was_taken_over(db: Database, clock: FixedClock) -> None:
    job = await db.transact(queue.enqueue, "note", {}, now=clock.now())
    assert job is not None
    await db.transact(queue.claim, "slow", now=clock.now(), lease=MICROS)
    await db.transact(queue.claim, "other", now=clock.advance(2 * MICROS), lease=MICROS)

    assert not await db.transact(queue.finish, "slow", job)
    assert await db.transact(queue.finish, "other", job)


async def test_a_failing_job_is_tried_later_and_buried_in_the_end(db: Database, clock: FixedClock) -> None:
    async def broken(_: Any) -> None:
        raise ZeroDivisionError

    await db.transact(queue.enqueue, "broken", {}, now=clock.now())
    runner = _runner(db, clock, [], broken=JobKind(broken))

    assert await runner.run_due() == 1
    assert await runner.run_due() == 0
    assert await _states(db) == ["due"]
    for _ in range(queue.MAX_ATTEMPTS - 1):
        clock.advance(7 * 3600 * MICROS)
        assert await runner.run_due() == 1
    clock.advance(7 * 3600 * MICROS)

    assert await runner.run_due() == 0
    assert await _states(db) == ["dead"]


async def test_a_periodic_job_is_one_row_that_comes_again(db: Database, clock: FixedClock) -> None:
    ran: list[Any] = []

    async def tick(_: Any) -> None:
        ran.append(clock.now())

    first = _runner(db, clock, [], "a", tick=JobKind(tick, every=60))
    second = _runner(db, clock, [], "b", tick=JobKind(tick, every=60))
    for runner in (first, second):
        await runner.start()
        await runner.stop()
    ran.clear()
    clock.advance(61 * MICROS)

    assert await first.run_due() + await second.run_due() == 1
    assert len(await _states(db)) == 1
    assert len(ran) == 1


async def test_a_job_of_each_process_needs_no_row_and_survives_its_failures(db: Database, clock: FixedClock) -> None:
    ran: list[int] = []

    async def tick(_: Any) -> None:
        ran.append(1)
        raise ZeroDivisionError

    runner = _runner(db, clock, [], tick=JobKind(tick, every=0.001, in_each_process=True))
    await runner.start()
    while len(ran) < 3:
        await db.read(lambda tx: tx.rows(_STATES))
        await asyncio.sleep(0.001)
    await runner.stop()

    assert await _states(db) == []


async def test_a_job_that_does_not_end_does_not_hold_up_the_end(db: Database, clock: FixedClock) -> None:
    async def wait(_: Any) -> None:
        await asyncio.Event().wait()

    runner = Runner(db, clock, "a", {"long": JobKind(wait)}, lease_seconds=2, poll_seconds=0.01, patience=0.05)
    await db.transact(queue.enqueue, "long", {}, now=clock.now())
    await runner.start()
    while await _states(db) != ["running"]:
        await asyncio.sleep(0.01)

    await asyncio.wait_for(runner.stop(), 20)

    clock.advance(3 * MICROS)
    [taken_over] = await db.transact(queue.claim, "b", now=clock.now(), lease=MICROS)
    assert taken_over.kind == "long"


async def test_a_long_job_holds_up_no_other_and_keeps_its_lease(db: Database, clock: FixedClock) -> None:
    ended, ran = asyncio.Event(), asyncio.Event()

    async def wait(_: Any) -> None:
        await ended.wait()

    async def note(_: Any) -> None:
        ran.set()

    runner = Runner(
        db, clock, "a", {"long": JobKind(wait), "short": JobKind(note)}, lease_seconds=0.3, poll_seconds=0.01
    )
    await db.transact(queue.enqueue, "long", {}, now=clock.now())
    await runner.start()
    try:
        while await _states(db) != ["running"]:
            await asyncio.sleep(0.01)
        await db.transact(queue.enqueue, "short", {}, now=clock.now())
        await asyncio.wait_for(ran.wait(), 20)
        before = clock.now()
        clock.advance(MICROS)
        deadline = asyncio.get_running_loop().time() + 20
        leases: list[int] = []
        while asyncio.get_running_loop().time() < deadline and not leases:
            rows = await db.read(lambda tx: tx.rows(_LEASES, after=before + MICROS))
            leases = [row[0] for row in rows]
            await asyncio.sleep(0.01)
        assert leases
    finally:
        ended.set()
        await runner.stop()
    assert await _states(db) == ["done", "done"]
