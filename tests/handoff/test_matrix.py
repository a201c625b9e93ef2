"""Matrix against a real Synapse: asked, joined, spoken both ways, left; and the server killed in mid-handoff."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from core.clock import MICROS
from core.database import Sql, Tx
from core.http import HttpClient
from handoff import service
from handoff.delivery import setups, store
from handoff.delivery.outgoing import Outgoing
from handoff.delivery.posting import Posting
from handoff.queues import QueueRules
from handoff.rows import HandoffRow
from tests.handoff import desk_jobs
from tests.handoff.floor import TENANT, Floor
from tests.handoff.hook_taker import HookTaker
from tests.handoff.synapse import AGENTS, AS_TOKEN, HS_TOKEN, SERVER, Synapse

pytestmark = [pytest.mark.anyio, pytest.mark.full]
_PATIENCE = 60.0


class Room:
    """A floor whose first desk is a Matrix homeserver."""

    def __init__(self, floor: Floor, synapse: Synapse, client: HttpClient) -> None:
        self.floor = floor
        self.synapse = synapse
        self.outgoing = Outgoing(floor.db, floor.clock, floor.keyring, Posting(client, ""), lambda *_: None)

    async def work(self) -> None:
        """Run the jobs that are due."""
        await desk_jobs.work(self.floor, self.outgoing)

    async def ask(self, reference: str = "customer-1") -> HandoffRow:
        row = await self.floor.ask(reference)
        await self.work()
        return await self.floor.row(row.id)

    async def act(self, name: str, method: str, path: str, body: object = None) -> Any:
        return await asyncio.to_thread(self.synapse.act, name, method, path, body)


async def until(fact: Callable[[], Any]) -> None:
    """Wait until an awaited fact holds."""
    async with asyncio.timeout(_PATIENCE):
        while not await fact():
            await asyncio.sleep(0.05)


@pytest.fixture
async def bridge(floor: Floor) -> AsyncIterator[HookTaker]:
    made = HookTaker(floor, "matrix", "/transactions/")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def room(floor: Floor, bridge: HookTaker, tmp_path: Path) -> AsyncIterator[Room]:
    synapse = await asyncio.to_thread(Synapse, tmp_path, bridge.url)
    await asyncio.to_thread(synapse.start)
    await asyncio.to_thread(synapse.agents)
    agents = ",".join(f"@{name}:{SERVER}" for name in AGENTS)
    options = {"server": SERVER, "agents": agents, "sender": "candor"}
    document = {"url": synapse.url, "modes": ["live"], "options": options}
    row = setups.row_of(
        floor.keyring, TENANT, "matrix", "matrix", document, {"as_token": AS_TOKEN, "hs_token": HS_TOKEN}
    )

    async def work(tx: Tx) -> None:
        store.put_desk(tx, row)

    await floor.db.transact(work)
    await floor.queue(QueueRules(chain=("matrix", "builtin")))
    client = HttpClient([f"127.0.0.1:{synapse.port}"])
    yield Room(floor, synapse, client)
    await client.close()
    synapse.kill()


async def test_a_case_lives_in_a_real_room_from_the_request_to_the_end(
    floor: Floor, room: Room, bridge: HookTaker
) -> None:
    row = await room.ask()
    assert (row.desk, row.delivery) == ("matrix", "delivered")
    assert row.remote is not None
    at = f"/rooms/{quote(row.remote)}"

    await room.act("ana", "POST", f"{at}/join", {})
    await until(lambda: _is(floor, row, "active"))
    row = await floor.row(row.id)
    assert row.alias == "ana"

    await floor.say(row, "customer", "hello, is that a person?")
    await room.work()
    seen = await room.act("ana", "GET", f"{at}/messages?dir=b&limit=20")
    texts = [one["content"].get("body") for one in seen["chunk"] if one["type"] == "m.room.message"]
    assert texts[0] == "hello, is that a person?"
    assert texts[-1].startswith("A customer asked for a person.")

    bridge.lose = True  # we are down: the homeserver keeps what we miss, in order
    for number in range(3):
        words = {"msgtype": "m.text", "body": f"answer {number}"}
        await room.act("ana", "PUT", f"{at}/send/m.room.message/t{number}", words)
    bridge.lose = False
    await until(lambda: _heard(floor, row, 3))
    assert [text for actor, text in await floor.words(row) if actor == "remote"] == [f"answer {n}" for n in range(3)]

    await room.act("ana", "POST", f"{at}/leave", {})
    await until(lambda: _is(floor, row, "resolved"))


async def _is(floor: Floor, row: HandoffRow, state: str) -> bool:
    return (await floor.row(row.id)).state == state


async def _heard(floor: Floor, row: HandoffRow, count: int) -> bool:
    return sum(actor == "remote" for actor, _ in await floor.words(row)) >= count


async def test_opening_twice_makes_one_room(floor: Floor, room: Room) -> None:
    row = await room.ask()
    desk = await floor.db.read(store.remote, row.id, "matrix")
    assert desk is not None

    async def forget(tx: Tx) -> None:
        """As after a crash between the room and our record of it."""
        store.put_remote(tx, desk._replace(remote=None, opened_at=None))
        await tx.execute(Sql("UPDATE handoff SET delivery = 'pending', remote = NULL WHERE id = :id"), id=row.id)

    await floor.db.transact(forget)
    await room.outgoing.open({"tenant": TENANT, "handoff": row.id, "desk": "matrix"})

    assert (await floor.row(row.id)).remote == row.remote


async def test_the_server_killed_in_mid_handoff_leaves_nobody_alone(floor: Floor, room: Room) -> None:
    first = await room.ask()
    room.synapse.kill()
    row = await room.ask("customer-2")
    assert row.reference
    ana = await floor.here("ana")
    await floor.later(6)
    row = await floor.row(row.id)
    assert (row.desk, row.state, row.assignee) == ("builtin", "offered", ana.id)
    assert "passed_on" in await floor.kinds(row, internal=False)
    row = await floor.accept(ana, row)
    await floor.say(row, "agent", "here I am")

    await floor.say(await floor.row(first.id), "customer", "still there?")
    await room.work()  # can't be delivered now, and is not lost
    await asyncio.to_thread(room.synapse.start)
    floor.clock.advance(40 * MICROS)
    await room.work()
    await room.act("ben", "POST", f"/rooms/{quote(str(first.remote))}/join", {})
    seen = await room.act("ben", "GET", f"/rooms/{quote(str(first.remote))}/messages?dir=b&limit=20")
    texts = [one["content"].get("body") for one in seen["chunk"] if one["type"] == "m.room.message"]
    assert texts.count("still there?") == 1
    await floor.do(service.cancel, TENANT, first.id, "")
    await room.work()
    assert (await floor.row(first.id)).state == "cancelled"
