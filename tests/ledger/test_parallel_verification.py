"""Verification on several cores says exactly what verification in order says."""

import itertools
from collections.abc import Awaitable, Callable

import pytest

from core.database import Database, Sql, Tx
from core.keys import KeyRing
from ledger import service
from ledger.verify import Parallel, Report, verify
from ledger.workers import CHUNK, ranges
from tests.ledger.conftest import ORIGIN

pytestmark = pytest.mark.anyio
Grow = Callable[..., Awaitable[None]]
SIZE = 2 * CHUNK + 300


async def _report(db: Database, keyring: KeyRing, parallel: Parallel | None) -> Report:
    return await db.read(verify, ORIGIN, service.verifiers(keyring, ORIGIN), parallel=parallel)


async def _edit(tx: Tx, text: str) -> None:
    await tx.execute(Sql(text))


async def test_several_cores_and_one_say_the_same(
    db: Database, database_url: str, grow: Grow, keyring: KeyRing
) -> None:
    await grow(CHUNK + 7)
    await grow(SIZE - CHUNK - 7, start=CHUNK + 7)
    parallel = Parallel(database_url, 2)

    report = await _report(db, keyring, parallel)
    assert report == await _report(db, keyring, None)
    assert report.findings == []
    assert (report.entries, report.sealed, report.root) == (SIZE, SIZE, await db.read(service.root, SIZE))

    await db.transact(_edit, f"UPDATE ledger_entry SET at = at + 1 WHERE seq = {CHUNK + 1}")
    report = await _report(db, keyring, parallel)
    assert report == await _report(db, keyring, None)
    assert report.first is not None
    assert str(report.first) == f"ledger_entry seq {CHUNK + 1}: column at differs from the body"


@pytest.mark.parametrize("size", [1, CHUNK, CHUNK + 1, 10 * CHUNK, 1_000_000])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_ranges_cover_the_log_once_in_whole_chunks(size: int, workers: int) -> None:
    spans = ranges(size, workers)

    assert spans[0][0] == 0
    assert spans[-1][1] == size
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
    assert all(start % CHUNK == 0 for start, _ in spans)
