"""Many agents at once against a real server: one wins a case, and a queue is drained without taking a case twice."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from api import access
from api.auth import api_keys
from api.auth.tables import ApiKey
from api.compose import database
from core import ids
from core.clock import SystemClock
from core.database import Tx
from core.principal import Role
from tests.journeys.conftest import MakeTown
from tests.journeys.running import Server, serving
from tests.speed.town import TENANT, Town

pytestmark = pytest.mark.full
RACERS = 50
AGENTS = 20
CASES = 300


async def agent_keys(town: Town, count: int) -> list[str]:
    """Return keys of so many agents."""
    now = SystemClock().now()
    made = {key_id: api_keys.make(key_id) for key_id in (ids.new("key", now) for _ in range(count))}
    scopes = json.dumps(sorted(access.scopes_of(Role.AGENT)))

    async def work(tx: Tx) -> None:
        for key_id, key in made.items():
            row = ApiKey(
                id=key_id,
                tenant=TENANT,
                name=key_id,
                role=Role.AGENT.value,
                scopes=scopes,
                digest=key.digest,
                created_at=now,
                created_by="operator",
            )
            tx.add(row)

    db = database(town.settings)
    await db.open()
    await db.transact(work)
    await db.close()
    return [key.token for key in made.values()]


@asynccontextmanager
async def clients(server: Server, keys: Sequence[str]) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Have a connection of its own for each key."""
    async with AsyncExitStack() as stack:
        made = []
        for key in keys:
            headers = {"Authorization": f"Bearer {key}"}
            client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=60)
            made.append(await stack.enter_async_context(client))
        yield made


async def come(agent: httpx.AsyncClient, **more: Any) -> None:
    answer = await agent.put("/v1/agents/me", json={"presence": "online", "alias": "Ana", **more})
    assert answer.status_code == 200, answer.text


async def ask(shop: httpx.AsyncClient, reference: str) -> str:
    answer = await shop.post("/v1/handoffs", json={"subject": reference})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def race(server: Server, keys: Sequence[str]) -> list[int]:
    """Have all agents take one case at once; return the statuses they got."""
    async with clients(server, [server.key, *keys]) as (shop, *agents):
        case = await ask(shop, "customer-1")
        await asyncio.gather(*(come(agent, queues=["another"]) for agent in agents))  # nobody is offered it first
        answers = await asyncio.gather(*(agent.post(f"/v1/agents/me/cases/{case}/accept") for agent in agents))
        return [answer.status_code for answer in answers]


async def drain(server: Server, keys: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Have all agents take what is next until nothing is; return the cases asked, and those each agent took."""
    async with clients(server, [server.key, *keys]) as (shop, *agents):
        asked = [await ask(shop, f"customer-{number}") for number in range(CASES)]
        await asyncio.gather(*(come(agent, capacity=20) for agent in agents))
        return asked, await asyncio.gather(*(take_all(agent) for agent in agents))


async def take_all(agent: httpx.AsyncClient) -> list[str]:
    taken: list[str] = []
    while (answer := await agent.post("/v1/agents/me/next")).status_code == 200:
        taken.append(answer.json()["id"])
    assert answer.status_code == 404, answer.text
    return taken


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_of_fifty_agents_who_take_one_case_at_once_one_has_it(make_town: MakeTown, engine: str) -> None:
    town = make_town(engine)
    keys = asyncio.run(agent_keys(town, RACERS))
    server = Server(town)
    with serving(server):
        statuses = asyncio.run(race(server, keys))

    assert sorted(statuses) == [200, *[409] * (RACERS - 1)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_three_hundred_cases_drained_by_twenty_agents_are_three_hundred(make_town: MakeTown, engine: str) -> None:
    town = make_town(engine)
    keys = asyncio.run(agent_keys(town, AGENTS))
    server = Server(town)
    with serving(server):
        asked, taken = asyncio.run(drain(server, keys))

    drained = [case for cases in taken for case in cases]
    assert len(drained) == len(set(drained)) == CASES
    assert set(drained) == set(asked)
    assert sum(bool(cases) for cases in taken) > 1  # several agents really raced
