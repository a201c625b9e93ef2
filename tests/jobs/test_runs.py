"""Runs of explanations always end: taken over after a crash, ended when their job gave up, forgotten after a month."""

from typing import Any

import pytest

from core import queue
from core.clock import DAY, MICROS, FixedClock
from core.database import Database, Sql
from core.errors import ConflictError
from explanations.errors import ExplanationNotFoundError
from explanations.kept import service, store
from explanations.kept.service import GIVEN_UP, JOB
from explanations.kept.store import RunRow
from jobs.runner import JobKind, Runner
from jobs.runs import KEPT_DAYS, Runs
from tests.explanations.deciding import PRODUCER, TENANT

pytestmark = pytest.mark.anyio
_STATES = Sql("SELECT state FROM job WHERE kind = 'explain'")


async def begun(db: Database, clock: FixedClock) -> RunRow:
    return await db.transact(service.begin, PRODUCER, "dec_" + "0" * 32, {}, 100, clock.now())


async def seen(db: Database, row: RunRow) -> RunRow:
    return await db.read(service.run, TENANT, row.id)


def runner(db: Database, clock: FixedClock, owner: str, work: Any) -> Runner:
    return Runner(db, clock, owner, {JOB: JobKind(work)}, lease_seconds=2)


async def test_a_run_whose_process_died_is_finished_by_another(db: Database, clock: FixedClock) -> None:
    row = await begun(db, clock)
    [died] = await db.transact(queue.claim, "dead", now=clock.now(), lease=2 * MICROS)
    await db.transact(store.progress, row.id, 40)
    ended: list[str] = []

    async def work(payload: dict[str, Any]) -> None:
        ended.append(payload["run"])
        await db.transact(store.finish, payload["run"], "exp_" + "1" * 32, None, clock.now())

    other = runner(db, clock, "alive", work)
    assert await other.run_due() == 0  # the dead one may still be at it
    await Runs(db, clock).run()
    assert (await seen(db, row)).state == "running"
    clock.advance(3 * MICROS)
    assert await other.run_due() == 1
    assert await db.transact(queue.finish, "dead", died.id) is False

    found = await seen(db, row)
    assert (ended, found.state, found.explanation) == ([row.id], "done", "exp_" + "1" * 32)


async def test_a_run_whose_job_gave_up_ends_and_says_so(db: Database, clock: FixedClock) -> None:
    row = await begun(db, clock)

    async def broken(_: object) -> None:
        raise ConflictError

    failing = runner(db, clock, "a", broken)
    for _ in range(queue.MAX_ATTEMPTS):
        await Runs(db, clock).run()
        assert (await seen(db, row)).state == "queued"  # it is tried again
        clock.advance(DAY)
        assert await failing.run_due() == 1
    assert await db.read(lambda tx: tx.rows(_STATES)) == [("dead",)]
    await Runs(db, clock).run()

    found = await seen(db, row)
    assert (found.state, found.error, found.finished_at) == ("failed", GIVEN_UP, clock.now())


async def test_a_run_is_forgotten_a_month_after_it_ended_and_never_before(db: Database, clock: FixedClock) -> None:
    old = await begun(db, clock)
    await db.transact(store.finish, old.id, "exp_" + "1" * 32, None, clock.now())
    waiting = await begun(db, clock)
    clock.advance(KEPT_DAYS * DAY)
    young = await begun(db, clock)
    await db.transact(store.finish, young.id, "exp_" + "2" * 32, None, clock.now())
    await Runs(db, clock).run()
    assert (await seen(db, old)).state == "done"
    clock.advance(DAY)
    await Runs(db, clock).run()

    with pytest.raises(ExplanationNotFoundError):
        await seen(db, old)
    assert (await seen(db, young)).state == "done"
    assert (await seen(db, waiting)).state == "queued"
