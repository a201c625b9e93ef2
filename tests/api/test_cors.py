"""Pages of registered origins may read answers; nobody else's, and never with cookies."""

import httpx
import pytest

from tests.api.serving import ORIGIN
from tests.api.test_problems import assert_problem

pytestmark = pytest.mark.anyio
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
FOREIGN = [
    "https://evil.test",
    "null",
    "https://shop.example.evil.test",
    "http://shop.example",
    "https://shop.example:444",
    "",
]


async def test_a_registered_origin_may_read_the_answer(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/orders", headers={"Origin": ORIGIN})

    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["vary"] == "Origin"
    assert "etag" in answer.headers["access-control-expose-headers"]


async def test_a_registered_origin_may_read_problems_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nothing", headers={"Origin": ORIGIN})

    assert_problem(answer, 404, "not-found")
    assert answer.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_origin_may_not(client: httpx.AsyncClient, origin: str) -> None:
    answer = await client.get("/v1/orders", headers={"Origin": origin})

    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["vary"] == "Origin"


async def test_a_preflight_is_answered_for_ten_minutes(client: httpx.AsyncClient) -> None:
    answer = await client.options("/v1/orders", headers={"Origin": ORIGIN, **ASKING})

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    assert "idempotency-key" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-max-age"] == "600"


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_preflight_is_refused(client: httpx.AsyncClient, origin: str) -> None:
    answer = await client.options("/v1/orders", headers={"Origin": origin, **ASKING})

    assert_problem(answer, 403, "origin-not-registered")
    assert "access-control-allow-origin" not in answer.headers


async def test_what_is_not_for_pages_of_others_has_no_permissions(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics", headers={"Origin": ORIGIN})

    assert "access-control-allow-origin" not in answer.headers
