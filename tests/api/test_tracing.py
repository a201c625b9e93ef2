"""Traces are off by default, and tell a route and a status, never a path."""

from dataclasses import replace
from importlib.util import find_spec

import pytest

from api.tracing import TracingNotInstalledError, traces
from core.clock import FixedClock
from core.keys import KeyRing
from tests.api import serving

pytestmark = pytest.mark.anyio


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, str, int, int]] = []

    def record(self, method: str, route: str, status: int, at: int, seconds: float) -> None:
        assert seconds > 0
        self.spans.append((method, route, status, at))


async def test_a_request_is_told_by_its_route(clock: FixedClock, keyring: KeyRing) -> None:
    told = Told()
    state = replace(serving.make_state(clock, keyring), traces=told)
    async with serving.calling(serving.sample_app(state)) as client:
        await client.get("/v1/orders/customer-4711?q=4711")
        await client.get("/customer-4711")

    assert told.spans == [("GET", "/v1/orders/{order_id}", 200, clock.now()), ("GET", "unknown", 404, clock.now())]


def test_nothing_is_sent_unless_a_collector_is_named() -> None:
    assert traces(None) is None
    assert traces("") is None


def test_a_collector_without_the_sdk_stops_the_start_with_what_to_do() -> None:
    if find_spec("opentelemetry.sdk") is None:
        with pytest.raises(TracingNotInstalledError, match="install opentelemetry-sdk"):
            traces("http://127.0.0.1:4318/v1/traces")
    else:
        assert traces("http://127.0.0.1:4318/v1/traces") is not None
