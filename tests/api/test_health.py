"""What operators ask: alive, ready, and how much of what."""

from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from api.routes import health
from api.state import AppState
from core.clock import FixedClock
from core.database import Database
from core.keys import KeyRing
from core.settings import Settings, TelemetrySettings
from tests.api import serving
from tests.api.test_problems import assert_problem

pytestmark = pytest.mark.anyio


class Switch:
    """A probe that holds as long as it is told to."""

    name = "lease"

    def __init__(self) -> None:
        self.holds: bool | None = True

    async def check(self) -> bool:
        if self.holds is None:
            raise RuntimeError("anna@example.org")
        return self.holds


def asked(state: AppState, peer: str = "127.0.0.1") -> serving.Calling:
    return serving.calling(create_app(state, [health.router]), peer)


async def test_alive_without_a_store(clock: FixedClock, keyring: KeyRing) -> None:
    async with asked(serving.make_state(clock, keyring)) as client:
        assert (await client.get("/health/live")).json() == {"status": "live"}
        assert "store" in assert_problem(await client.get("/health/ready"), 503, "not-ready")["detail"]


async def test_ready_while_the_store_answers_and_all_probes_hold(
    clock: FixedClock, keyring: KeyRing, db: Database
) -> None:
    lease = Switch()
    state = replace(serving.make_state(clock, keyring, db), probes=(lease,))
    async with asked(state) as client:
        assert (await client.get("/health/ready")).json() == {"status": "ready"}
        for lost in (False, None):
            lease.holds = lost
            answer = await client.get("/health/ready")
            assert assert_problem(answer, 503, "not-ready")["detail"] == "Not ready: lease."
            assert answer.headers["retry-after"] == "2"


async def test_metrics_count_by_route_and_never_by_path(clock: FixedClock, keyring: KeyRing) -> None:
    state = serving.make_state(clock, keyring)
    state.metrics.gauge("lane_waiting", "Works waiting.", lambda: 7)
    async with asked(state) as client:
        await client.get("/health/live")
        await client.get("/customer-4711")
        text = (await client.get("/metrics")).text

    assert 'candor_requests_total{method="GET",route="/health/live",status="200"} 1.0' in text
    assert 'candor_requests_total{method="GET",route="unknown",status="404"} 1.0' in text
    assert 'candor_request_seconds_count{route="/health/live"} 1.0' in text
    assert "candor_lane_waiting 7.0" in text
    assert "4711" not in text


async def test_metrics_are_for_this_machine_or_the_token(clock: FixedClock, keyring: KeyRing) -> None:
    async with asked(serving.make_state(clock, keyring), "192.0.2.1") as client:
        assert_problem(await client.get("/metrics"), 401, "unauthenticated")
    async with asked(serving.make_state(clock, keyring)) as client:
        proxied = await client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
        assert_problem(proxied, 401, "unauthenticated")
    guarded = Settings(telemetry=TelemetrySettings(metrics_token=SecretStr("s3cret")))
    async with asked(serving.make_state(clock, keyring, settings=guarded), "192.0.2.1") as client:
        assert_problem(await client.get("/metrics"), 401, "unauthenticated")
        assert_problem(await bearing(client, "wrong"), 401, "unauthenticated")
        assert (await bearing(client, "s3cret")).status_code == 200


async def bearing(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
