"""A withdrawal whose first answer was lost: the repetition's answer is an acknowledgement like any other."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.compose import compose
from api.startup import keyring_of
from api.state import AppState
from core.clock import SystemClock
from core.database import Change
from tests.api.serving import calling
from tests.journeys.conftest import MakeTown
from tests.journeys.running import SHOWN
from tests.speed.town import SYSTEM, Town, settings_of

pytestmark = pytest.mark.anyio
_LEASE = "5"  # nobody polls within the time of this test
_QUESTION = {"subject": "customer-1", "purpose": "training", "system": SYSTEM}


@pytest.fixture
def town(make_town: MakeTown) -> Town:
    """Records on PostgreSQL, for several processes."""
    return make_town("postgresql")


def _process(town: Town) -> AppState:
    settings = settings_of({**town.env, "CANDOR__GATE__LEASE_SECONDS": _LEASE})
    clock = SystemClock()
    return compose(settings, clock, keyring_of(settings, clock), with_jobs=False)


@asynccontextmanager
async def _running(state: AppState, key: str) -> Any:
    app = create_app(state)
    async with app.contract.router.lifespan_context(app.contract), calling(app) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


async def _choose(client: httpx.AsyncClient, state: str, key: str) -> httpx.Response:
    one = {"purpose": "training", "state": state, **(SHOWN if state == "given" else {})}
    return await client.post(
        "/v1/choices", json={"subject": "customer-1", "choices": [one]}, headers={"Idempotency-Key": key}
    )


async def test_after_a_repetition_was_answered_no_process_permits(town: Town) -> None:
    dying, asked_again, deaf = (_process(town) for _ in range(3))

    async def killed(_: Sequence[Change]) -> None:
        await asyncio.Event().wait()  # committed, but nobody is told and nobody is answered

    async with AsyncExitStack() as stack:
        first, second, third = [
            await stack.enter_async_context(_running(state, town.key)) for state in (dying, asked_again, deaf)
        ]
        assert (await _choose(second, "given", "k1")).status_code == 201
        while (await third.get("/v1/permissions", params=_QUESTION)).json()["decision"] != "allow":
            await asyncio.sleep(0.01)
        dying.db.lane._announce = killed
        unanswered = asyncio.create_task(_choose(first, "withdrawn", "k2"))
        while not dying.db.lane._telling:
            await asyncio.sleep(0.001)

        repeated = await _choose(second, "withdrawn", "k2")
        told = await third.get("/v1/permissions", params=_QUESTION)

        for task in (unanswered, *dying.db.lane._telling):
            task.cancel()
        assert (repeated.status_code, repeated.headers["idempotency-replayed"]) == (201, "true")
        assert told.json()["reasons"] == ["consent-withdrawn"]
