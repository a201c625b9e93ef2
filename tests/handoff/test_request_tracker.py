"""Request Tracker against a real RT 5: asked, taken, spoken both ways, passed on, done; and killed in mid-handoff."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from core.clock import MICROS
from core.database import Sql, Tx
from core.http import HttpClient
from handoff import service
from handoff.delivery import erasing, setups, store
from handoff.delivery.outgoing import Outgoing
from handoff.delivery.posting import Posting
from handoff.queues import QueueRules
from handoff.rows import HandoffRow
from tests.handoff import desk_jobs
from tests.handoff.floor import TENANT, Floor
from tests.handoff.hook_taker import HookTaker
from tests.handoff.request_tracker_server import BRIDGE, QUEUE, SECRET, RequestTracker

pytestmark = [pytest.mark.anyio, pytest.mark.full]
_PATIENCE = 60.0
_MINUTE = 61 * MICROS
NOTE = "do not tell the customer"


class Office:
    """A floor whose first desk is a Request Tracker."""

    def __init__(self, floor: Floor, tracker: RequestTracker, client: HttpClient) -> None:
        self.floor = floor
        self.tracker = tracker
        self.outgoing = Outgoing(floor.db, floor.clock, floor.keyring, Posting(client, ""), lambda *_: None)

    async def work(self) -> None:
        """Run the jobs that are due."""
        await desk_jobs.work(self.floor, self.outgoing)

    async def ask(self, reference: str = "customer-1") -> HandoffRow:
        row = await self.floor.ask(reference)
        await self.work()
        return await self.floor.row(row.id)

    async def act(self, name: str, method: str, row: HandoffRow, path: str = "", body: object = None) -> Any:
        """Do something with a ticket as a person there."""
        place = f"/ticket/{row.remote}{path}"
        status, said = await asyncio.to_thread(self.tracker.ask, name, method, place, {} if body is None else body)
        assert status in {200, 201}, said
        return said

    async def read_again(self) -> None:
        """Let a minute pass and read what happened there."""
        self.floor.clock.advance(_MINUTE)
        await self.outgoing.pull()


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a fact holds."""
    async with asyncio.timeout(_PATIENCE):
        while not await fact():
            await asyncio.sleep(0.05)


@pytest.fixture
async def hooks(floor: Floor) -> AsyncIterator[HookTaker]:
    made = HookTaker(floor, "tracker")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def office(floor: Floor, hooks: HookTaker, tmp_path: Path) -> AsyncIterator[Office]:
    tracker = await asyncio.to_thread(RequestTracker, tmp_path, hooks.url)
    await asyncio.to_thread(tracker.start)
    document = {"url": tracker.url, "modes": ["live", "ticket"], "options": {"queue": QUEUE, "bridge": BRIDGE}}
    secrets = {"token": tracker.tokens[BRIDGE], "webhook": SECRET}
    row = setups.row_of(floor.keyring, TENANT, "tracker", "request-tracker", document, secrets)

    async def work(tx: Tx) -> None:
        store.put_desk(tx, row)

    await floor.db.transact(work)
    await floor.queue(QueueRules(chain=("tracker", "builtin")))
    client = HttpClient([f"127.0.0.1:{tracker.port}"])
    yield Office(floor, tracker, client)
    await client.close()
    tracker.stop()


async def heard(floor: Floor, row: HandoffRow) -> list[str | None]:
    return [text for actor, text in await floor.words(row) if actor == "remote"]


async def test_a_case_lives_in_a_real_ticket_from_the_request_to_the_end(
    floor: Floor, office: Office, hooks: HookTaker
) -> None:
    row = await office.ask()
    assert (row.desk, row.delivery, row.state) == ("tracker", "delivered", "queued")

    await floor.say(row, "customer", "is that a person?")
    await office.work()  # RT opens the ticket by itself now: nobody has accepted
    await office.read_again()
    row = await floor.row(row.id)
    assert (row.state, row.alias) == ("queued", None)

    await office.act("ana", "PUT", row, "/take")
    await until(lambda: _is(floor, row, "active", "ana"))
    await office.act("ana", "POST", row, "/comment", {"Content": NOTE, "ContentType": "text/plain"})
    await office.act("ana", "POST", row, "/correspond", {"Content": "Grüß Gott, ja.", "ContentType": "text/plain"})
    await until(lambda: _heard(floor, row, 1))
    await office.act("ana", "PUT", row, "", {"Owner": "ben"})
    await until(lambda: _is(floor, row, "active", "ben"))
    await office.act("ben", "PUT", row, "", {"Status": "resolved"})
    await until(lambda: _is(floor, row, "resolved", "ben"))
    await office.act("ben", "PUT", row, "", {"Status": "open"})
    await until(lambda: _is(floor, row, "active", "ben"))
    await office.read_again()  # brings nothing twice

    assert await heard(floor, row) == ["Grüß Gott, ja."]
    assert NOTE not in repr(await floor.events(row))
    assert NOTE.encode() not in b"".join(hooks.taken)
    assert hooks.refused == 0


async def _is(floor: Floor, row: HandoffRow, state: str, alias: str) -> bool:
    now = await floor.row(row.id)
    return (now.state, now.alias) == (state, alias)


async def _heard(floor: Floor, row: HandoffRow, count: int) -> bool:
    return len(await heard(floor, row)) >= count


async def test_without_the_scrip_everything_is_read_a_minute_later(
    floor: Floor, office: Office, hooks: HookTaker
) -> None:
    hooks.lose = True
    row = await office.ask()
    await office.act("ana", "PUT", row, "", {"Owner": "ben"})  # given to ben by ana: ben has it
    await office.act("ben", "POST", row, "/correspond", {"Content": "here I am", "ContentType": "text/plain"})
    await office.act("ben", "POST", row, "/comment", {"Content": NOTE, "ContentType": "text/plain"})
    await office.read_again()
    assert await _is(floor, row, "active", "ben")
    await office.act("ben", "PUT", row, "/untake")
    await office.read_again()
    assert (await floor.row(row.id)).state == "queued"
    await office.act("ana", "PUT", row, "/take")
    await office.act("ana", "POST", row, "/correspond", {"Content": "done", "ContentType": "text/plain"})
    await office.act("ana", "PUT", row, "", {"Status": "resolved"})
    await office.read_again()

    assert await _is(floor, row, "resolved", "ana")
    assert await heard(floor, row) == ["here I am", "done"]
    assert NOTE not in repr(await floor.events(row))


async def test_what_was_said_just_before_the_end_is_read_after_it(
    floor: Floor, office: Office, hooks: HookTaker
) -> None:
    row = await office.ask()
    hooks.lose = True
    await office.act("ana", "POST", row, "/correspond", {"Content": "goodbye", "ContentType": "text/plain"})
    hooks.lose = False
    await office.act("ana", "PUT", row, "", {"Status": "resolved"})
    await until(lambda: _is(floor, row, "resolved", "ana"))
    await office.read_again()

    assert await heard(floor, row) == ["goodbye"]


async def test_opening_twice_makes_one_ticket_and_leaving_rejects_it(floor: Floor, office: Office) -> None:
    row = await office.ask()
    desk = await floor.db.read(store.remote, row.id, "tracker")
    assert desk is not None

    async def forget(tx: Tx) -> None:
        """As after a crash between the ticket and our record of it."""
        store.put_remote(tx, desk._replace(remote=None, opened_at=None))
        await tx.execute(Sql("UPDATE handoff SET delivery = 'pending', remote = NULL WHERE id = :id"), id=row.id)

    await floor.db.transact(forget)
    await office.outgoing.open({"tenant": TENANT, "handoff": row.id, "desk": "tracker"})
    assert (await floor.row(row.id)).remote == row.remote

    await floor.do(service.cancel, TENANT, row.id, "")
    await office.work()
    assert (await office.act(BRIDGE, "GET", row))["Status"] == "rejected"


async def test_erasing_the_customer_deletes_the_ticket(floor: Floor, office: Office) -> None:
    row = await office.ask()
    await floor.db.transact(erasing.forget, floor.keyring, TENANT, row.subject, floor.clock.now())
    await office.work()

    status, ticket = await asyncio.to_thread(office.tracker.ask, BRIDGE, "GET", f"/ticket/{row.remote}")
    assert (status, ticket["Status"]) == (200, "deleted")
    assert (await floor.facts())[-1] == "handoff.erased-there"


async def test_the_tracker_killed_in_mid_handoff_leaves_nobody_alone(floor: Floor, office: Office) -> None:
    first = await office.ask()
    office.tracker.stop()
    row = await office.ask("customer-2")
    assert row.reference
    ana = await floor.here("ana")
    await floor.later(6)
    row = await floor.row(row.id)
    assert (row.desk, row.state, row.assignee) == ("builtin", "offered", ana.id)
    assert "passed_on" in await floor.kinds(row, internal=False)

    await floor.say(await floor.row(first.id), "customer", "still there?")
    await office.work()  # can't be delivered now, and is not lost
    await asyncio.to_thread(office.tracker.start)
    floor.clock.advance(40 * MICROS)
    await office.work()
    query = f"/transactions?query=ObjectId={first.remote}%20AND%20Type='Correspond'&fields=Creator"
    _, page = await asyncio.to_thread(office.tracker.ask, BRIDGE, "GET", query)
    assert [one["Creator"]["id"] for one in page["items"]] == [BRIDGE]
