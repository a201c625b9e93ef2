"""The one way to commit: all or nothing, alone in failure, answered after the commit."""

import asyncio

import pytest
from sqlmodel import select

from core.clock import FixedClock
from core.database import Database, DuplicateError, Insert, Loader, Reader, Sql, Tx
from core.database.guard import in_transaction
from core.errors import ConflictError
from core.tables import Identifier, Job

pytestmark = pytest.mark.anyio

_COUNT = Sql("SELECT count(*) FROM job")
_BY_KIND = Sql("SELECT id FROM job WHERE kind = :kind ORDER BY id")
_UPSERT = Insert(Identifier, key=("tenant", "subject"), replace=True)


def _job(key: str, kind: str = "test") -> Job:
    return Job(id=key, kind=kind, payload="{}", state="due", run_at=1, created_at=1)


async def _add(tx: Tx, *keys: str) -> int:
    for key in keys:
        tx.add(_job(key))
    return len(keys)


async def _count(tx: Reader) -> int:
    row = await tx.row(_COUNT)
    assert row is not None
    return int(row[0])


async def test_a_work_is_there_after_its_answer(db: Database) -> None:
    assert await db.transact(_add, "job_1", "job_2") == 2

    assert await db.read(_count) == 2


async def test_a_failing_work_leaves_nothing(db: Database) -> None:
    async def half(tx: Tx) -> None:
        await _add(tx, "job_1")
        assert await _count(tx) == 1
        raise ConflictError

    with pytest.raises(ConflictError):
        await db.transact(half)

    assert await db.read(_count) == 0


async def test_one_of_many_works_that_fails_does_not_take_the_others_down(db: Database) -> None:
    async def sometimes(tx: Tx, number: int) -> int:
        await _add(tx, f"job_{number:03}")
        if number % 5 == 1:
            await _count(tx)  # a direct read makes the savepoint
        if number % 3 == 0:
            raise ConflictError
        return number

    answers = await asyncio.gather(*(db.transact(sometimes, n) for n in range(60)), return_exceptions=True)

    assert [n for n, answer in enumerate(answers) if isinstance(answer, ConflictError)] == list(range(0, 60, 3))
    assert await db.read(_count) == 40
    assert db.lane.batches < 60


async def test_a_key_taken_twice_fails_only_the_second_of_the_same_batch(db: Database) -> None:
    answers = await asyncio.gather(
        *(db.transact(_add, key) for key in ("job_a", "job_b", "job_a", "job_c")), return_exceptions=True
    )

    assert [type(answer) for answer in answers] == [int, int, DuplicateError, int]
    assert await db.read(_count) == 3


async def test_a_duplicate_does_not_hide_behind_another_works_read(db: Database) -> None:
    async def read_first(tx: Tx, key: str) -> int:
        await _count(tx)
        return await _add(tx, key)

    answers = await asyncio.gather(
        db.transact(_add, "job_a"),
        db.transact(_add, "job_a"),
        db.transact(read_first, "job_b"),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [int, DuplicateError, int]


async def test_a_work_reads_its_own_writes_and_rows_come_back_as_they_went(db: Database) -> None:
    async def work(tx: Tx) -> list[Job]:
        tx.add(_job("job_1", "wanted"))
        tx.add(_job("job_2", "other"))
        return await tx.all(select(Job).where(Job.kind == "wanted"))

    found = await db.transact(work)

    assert [(job.id, job.kind, job.attempts, job.lease_until) for job in found] == [("job_1", "wanted", 0, None)]
    assert isinstance(found[0], Job)


async def test_an_upsert_keeps_the_last_value_of_a_batch(db: Database) -> None:
    async def put(tx: Tx, value: bytes) -> None:
        tx.insert(_UPSERT, ("t", b"s", value))

    await asyncio.gather(*(db.transact(put, bytes([n])) for n in range(20)))

    row = await db.read(lambda tx: tx.row(Sql("SELECT sealed FROM identifier")))
    assert row is not None
    assert bytes(row[0]) == bytes([19])


async def test_later_works_of_a_batch_load_what_earlier_ones_remembered(db: Database) -> None:
    async def fetch(tx: Reader, keys: list[str]) -> dict[str, int]:
        counts = {}
        for key in keys:
            counts[key] = len(await tx.rows(_BY_KIND, kind=key))
        return counts

    loader = Loader(fetch, 0)

    async def count_up(tx: Tx, kind: str, *, fail: bool = False) -> int:
        before = await tx.load(loader, kind)
        tx.add(_job(f"job_{kind}_{before}", kind))
        tx.remember(loader, kind, before + 1)
        if fail:
            raise ConflictError
        return before

    async def counted(kind: str, *, fail: bool = False) -> int:
        return await db.transact_prefetched(((loader, kind),), count_up, kind, fail=fail)

    answers = await asyncio.gather(
        *(counted("a", fail=n % 4 == 3) for n in range(12)), counted("b"), return_exceptions=True
    )

    assert [answer for answer in answers if isinstance(answer, int)] == [*range(9), 0]


async def test_a_work_can_not_start_another_transaction(db: Database) -> None:
    async def nested(_: Tx) -> None:
        assert in_transaction.get()
        await db.transact(_add, "job_1")

    with pytest.raises(RuntimeError, match="pass its tx on"):
        await db.transact(nested)

    assert not in_transaction.get()


async def test_a_read_can_not_write(db: Database) -> None:
    async def sneak(tx: Reader) -> None:
        await tx.rows(Sql("DELETE FROM job"))

    await db.transact(_add, "job_1")
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await db.read(sneak)

    assert await db.read(_count) == 1


async def test_an_unexpected_error_reaches_its_caller_only(db: Database) -> None:
    async def broken(tx: Tx) -> None:
        await _add(tx, "job_x")
        raise ZeroDivisionError

    answers = await asyncio.gather(db.transact(broken), db.transact(_add, "job_1"), return_exceptions=True)

    assert isinstance(answers[0], ZeroDivisionError)
    assert answers[1] == 1
    assert await db.read(_count) == 1


async def test_a_closed_database_refuses_works(database_url: str, clock: FixedClock) -> None:
    from core.database import NoJournal
    from core.errors import UnavailableError

    database = Database(database_url, NoJournal())
    await database.open()
    await database.close()

    with pytest.raises((UnavailableError, RuntimeError)):
        await database.transact(_add, "job_1")
