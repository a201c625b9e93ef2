"""People who wait too long, and an AI that goes on, are told to the operator: once, and never of a handful of cases."""

import json
from typing import Any

import pytest

from core.clock import DAY, MICROS, FixedClock
from core.database import Database, Journal
from core.database import Sql as Text
from core.keys import KeyRing
from handoff import cases, service
from handoff.queues import QueueRules
from jobs.alarm import Alarm
from ledger.journal import LedgerJournal
from tests.handoff.floor import TENANT, Floor

pytestmark = pytest.mark.anyio
_TOLD = Text("SELECT payload FROM job WHERE kind = 'request-webhook' ORDER BY created_at, id")


@pytest.fixture
def journal() -> Journal:
    return LedgerJournal()


@pytest.fixture
async def floor(db: Database, keyring: KeyRing, clock: FixedClock) -> Floor:
    made = Floor(db, keyring, clock)
    await made.queue(QueueRules(threshold_seconds=180, threshold_share=0.95))
    return made


async def served(floor: Floor, number: int, wait: int) -> None:
    """Have one person ask, wait and be served."""
    row = await floor.ask(f"customer-{number}", touchpoint="shop-chat")
    floor.clock.advance(wait * MICROS)
    ana = await floor.here("ana", capacity=50)
    await floor.accept(ana, row)
    await floor.do(service.resolve, ana, row.id, "answered")
    await floor.here("ana", presence="offline")


async def told(floor: Floor) -> list[dict[str, Any]]:
    await Alarm(floor.db, floor.clock).run()
    return [json.loads(row[0]) for row in await floor.db.fetch(_TOLD)]


async def test_a_missed_threshold_is_told_once_a_day_and_stands_in_the_ledger(floor: Floor) -> None:
    for number in range(4):
        await served(floor, number, 10)
    await served(floor, 4, 181)
    [alarm] = await told(floor)
    assert (alarm["event"], alarm["touchpoint"], alarm["share"]) == ("handoff.threshold-missed", "shop-chat", 0.8)
    assert len(await told(floor)) == 1
    assert (await floor.facts()).count("handoff.threshold-missed") == 1

    floor.clock.advance(DAY + MICROS)  # nothing of the last day is late
    assert len(await told(floor)) == 1


async def test_whoever_still_waits_counts_before_anybody_comes(floor: Floor) -> None:
    for number in range(5):
        await floor.ask(f"customer-{number}", touchpoint="shop-chat")
    floor.clock.advance(179 * MICROS)
    assert await told(floor) == []
    floor.clock.advance(2 * MICROS)
    [alarm] = await told(floor)
    assert (alarm["requests"], alarm["share"]) == (5, 0.0)


async def test_a_met_threshold_and_a_handful_of_cases_are_not_told(floor: Floor) -> None:
    for number in range(4):
        await served(floor, number, 300)
    assert await told(floor) == []
    for number in range(4, 84):
        await served(floor, number, 1)
    assert await told(floor) == []


async def test_an_ai_that_goes_on_twice_after_the_request_is_told_once(floor: Floor) -> None:
    row = await floor.ask()

    async def goes_on(tx: Any) -> None:
        case = await cases.load(tx, floor.keyring, TENANT, row.id, floor.clock.now())
        await service.violated(case, "ai-spoke-after-request", "support-chatbot")

    await floor.db.transact(goes_on)
    assert await told(floor) == []
    await floor.db.transact(goes_on)
    await told(floor)
    [alarm] = await told(floor)
    assert (alarm["event"], alarm["reference"], alarm["violations"]) == ("handoff.deflected", row.reference, 2)
