"""A process that falls silent in mid-transaction holds up the writes of the others only for a moment."""

import time

import pytest

from core.database import Database, Sql, Tx
from core.database.postgres import PostgresStore
from ledger.journal import LedgerJournal
from tests.journeys.conftest import MakeTown
from tests.speed.town import Town

pytestmark = pytest.mark.anyio
_PATIENCE_MS = 2000  # of a statement
_TOUCH = Sql("UPDATE tenant SET version = version + 1")


@pytest.fixture
def a_town(make_town: MakeTown) -> Town:
    """Records on PostgreSQL."""
    return make_town("postgresql")


async def _touch(tx: Tx) -> int:
    return await tx.execute(_TOUCH)


async def test_a_writer_that_falls_silent_does_not_stop_the_others(a_town: Town) -> None:
    url = a_town.env["CANDOR__STORE__URL"]
    silent, other = (Database(url, LedgerJournal(), statement_timeout_ms=_PATIENCE_MS) for _ in range(2))
    await silent.open()
    await other.open()
    assert isinstance(silent.store, PostgresStore)
    connection = await silent.store.connect()
    await connection.execute("BEGIN")
    await connection.execute("SELECT * FROM ledger_head FOR UPDATE")

    begun = time.monotonic()
    assert await other.transact(_touch) == 1
    assert time.monotonic() - begun < _PATIENCE_MS / 1000

    assert await silent.transact(_touch) == 1
    connection.terminate()
    await silent.close()
    await other.close()
