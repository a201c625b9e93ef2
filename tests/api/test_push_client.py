"""The push client of the examples against the real server: nothing lost, nothing twice, what is refused is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.database import Sql
from examples.push.candor_push import Pusher
from tests.api.lending import decision
from tests.api.serving import listening
from tests.api.shop import Shop

pytestmark = pytest.mark.anyio
_COUNT = Sql("SELECT count(*) FROM decision")


@asynccontextmanager
async def pushing(shop: Shop, **settings: Any) -> AsyncIterator[tuple[Pusher, int]]:
    """Serve the shop on a loopback port and yield a pusher to it."""
    key = shop.headers("site")["Authorization"].removeprefix("Bearer ")
    async with listening(shop.whole.app, shop.whole.settings) as port:
        pusher = Pusher(f"http://127.0.0.1:{port}", key, longest_pause=0.2, **settings)
        yield pusher, port
        assert await asyncio.to_thread(pusher.close, 30)


async def recorded(shop: Shop) -> int:
    [(count,)] = await shop.whole.app.state.db.read(lambda tx: tx.rows(_COUNT))
    return int(count)


async def test_decisions_arrive_in_batches_and_once(shop: Shop) -> None:
    async with pushing(shop, most=40) as (pusher, _):
        for number in [*range(100), *range(10)]:
            pusher.push(decision(number, effect="limited"))

    assert await recorded(shop) == 100


async def test_a_wrong_decision_is_told_and_spoils_no_other(shop: Shop) -> None:
    refused: list[tuple[str, str]] = []

    async with pushing(shop, refused=lambda one, said: refused.append((one["id"], said)), most=5) as (pusher, _):
        for number in range(5):
            pusher.push(
                decision(number, model={"name": "credit", "version": " "} if number == 3 else decision()["model"])
            )

    assert await recorded(shop) == 4
    [(name, said)] = refused
    assert name == "app-3"
    assert "/model/version" in said


async def test_what_can_not_be_sent_is_sent_later(shop: Shop) -> None:
    key = shop.headers("site")["Authorization"].removeprefix("Bearer ")
    async with listening(shop.whole.app, shop.whole.settings) as port:
        pass  # the port is known, and nobody listens any more
    pusher = Pusher(f"http://127.0.0.1:{port}", key, longest_pause=0.1)
    pusher.push(decision())
    await asyncio.sleep(0)
    assert await recorded(shop) == 0

    again = shop.whole.settings.model_copy(
        update={"serve": shop.whole.settings.serve.model_copy(update={"port": port})}
    )
    async with listening(shop.whole.app, again):
        assert await asyncio.to_thread(pusher.close, 30)
    assert await recorded(shop) == 1
