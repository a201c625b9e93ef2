"""Caches hear of every commit before they answer again, whoever made it; cut off, they stop answering."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from core.clock import FixedClock
from core.database import Change, Database, Tx
from core.database.coherence import SqliteCoherence
from core.database.replicas import PostgresCoherence
from core.database.sqlite import SqliteStore
from ledger import service as ledger
from ledger import store
from ledger.entries import Entry
from ledger.journal import LedgerJournal

pytestmark = pytest.mark.anyio
_LEASE = 0.6


async def _note(tx: Tx, kind: str, at: int, *, restrictive: bool = False) -> int:
    return ledger.append(tx, Entry(kind, "default", at, {}, restrictive=restrictive))


@pytest.fixture
async def sqlite(make_database_url: Callable[[str], str]) -> AsyncIterator[tuple[Database, Database]]:
    """Two stores on one file, as two processes would have them."""
    url = make_database_url("sqlite")
    ours, theirs = Database(url, LedgerJournal()), Database(url, LedgerJournal())
    await ours.open()
    await theirs.open()
    yield ours, theirs
    await theirs.close()
    await ours.close()


async def test_sqlite_hears_of_its_own_and_of_others_commits(
    sqlite: tuple[Database, Database], clock: FixedClock
) -> None:
    ours, theirs = sqlite
    assert isinstance(ours.store, SqliteStore)
    heard: list[Change] = []
    watching = SqliteCoherence(ours.store.path, store.CHANGES, store.SIZE)
    watching.listen(heard.extend)
    await ours.transact(_note, "before", clock.now())
    await watching.open()

    assert watching.current()
    assert heard == []
    await ours.transact(_note, "mine", clock.now())
    await theirs.transact(_note, "yours", clock.now(), restrictive=True)
    assert watching.current()
    assert [(one.seq, one.kind, one.restrictive) for one in heard] == [(1, "mine", False), (2, "yours", True)]
    heard.clear()
    assert watching.current()
    assert heard == []

    await watching.close()
    assert not watching.current()


async def test_sqlite_hears_of_commits_across_a_checkpoint_of_the_wal(
    sqlite: tuple[Database, Database], clock: FixedClock
) -> None:
    ours, theirs = sqlite
    assert isinstance(ours.store, SqliteStore)
    heard: list[Change] = []
    watching = SqliteCoherence(ours.store.path, store.CHANGES, store.SIZE)
    watching.listen(heard.extend)
    await watching.open()
    for number in range(20):
        writer = (ours, theirs)[number % 2]
        await writer.transact(_note, f"n{number}", clock.now())
        ours.store._connect(read_only=False).raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert watching.current()
        assert heard[-1].kind == f"n{number}"

    assert [one.seq for one in heard] == list(range(20))
    await watching.close()


@pytest.fixture
def postgres_url(make_database_url: Callable[[str], str]) -> str:
    """A database that two replicas share."""
    return make_database_url("postgresql")


async def _replica(url: str, name: str) -> tuple[Database, PostgresCoherence, list[Change]]:
    db = Database(url, LedgerJournal())
    watching = PostgresCoherence(url, name, _LEASE, store.CHANGES, store.SIZE)
    db.on_commit(watching.committed)
    heard: list[Change] = []
    watching.listen(heard.extend)
    await db.open()
    await watching.open()
    return db, watching, heard


async def test_a_restrictive_commit_is_known_everywhere_when_it_is_acknowledged(
    postgres_url: str, clock: FixedClock
) -> None:
    url = postgres_url
    ours, us, our_ears = await _replica(url, "a")
    theirs, them, their_ears = await _replica(url, "b")
    for number in range(30):
        await ours.transact(_note, f"no.{number}", clock.now(), restrictive=True)
        assert their_ears[-1].kind == f"no.{number}"
        await theirs.transact(_note, f"yes.{number}", clock.now())
        assert their_ears[-1].kind == f"yes.{number}"

    assert us.current()
    assert them.current()
    assert our_ears
    for part in (us, ours, them, theirs):
        await part.close()


async def test_a_replica_that_hears_nothing_stops_answering_and_holds_nobody_up_for_long(
    postgres_url: str, clock: FixedClock
) -> None:
    url = postgres_url
    ours, us, _ = await _replica(url, "a")
    theirs, them, heard = await _replica(url, "b")
    for task in them._tasks:  # as if the process were frozen
        task.cancel()
    loop = asyncio.get_running_loop()
    began = loop.time()

    await ours.transact(_note, "no", clock.now(), restrictive=True)

    assert not them.current()
    assert heard == []
    assert loop.time() - began < 2 * _LEASE
    await them._renew()
    assert them.current()
    assert [one.kind for one in heard] == ["no"]
    for part in (us, ours, them, theirs):
        await part.close()


async def test_a_replica_that_left_is_not_waited_for(postgres_url: str, clock: FixedClock) -> None:
    url = postgres_url
    ours, us, _ = await _replica(url, "a")
    theirs, them, _ = await _replica(url, "b")
    await them.close()
    began = asyncio.get_running_loop().time()

    await ours.transact(_note, "no", clock.now(), restrictive=True)

    assert asyncio.get_running_loop().time() - began < _LEASE / 2
    for part in (us, ours, theirs):
        await part.close()
