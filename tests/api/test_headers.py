"""The head of a request within limits, for a host of ours; the standing fields on every answer."""

import httpx
import pytest

from api.headers import Hosts
from api.problems import MisdirectedError
from core.clock import FixedClock
from core.keys import KeyRing
from core.settings import ServeSettings, Settings
from tests.api import serving
from tests.api.test_problems import assert_problem

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8787", "127.0.0.1.evil.test", "localhost@evil.test", "", "[::1", "a b"]
)
async def test_another_host_is_refused(client: httpx.AsyncClient, host: str) -> None:
    assert_problem(await client.get("/v1/orders", headers={"Host": host}), 421, "misdirected")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8787", "localhost:1", "LocalHost"])
async def test_our_hosts_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/v1/orders", headers={"Host": host})).status_code == 200


def test_the_public_address_and_bracketed_addresses_are_hosts() -> None:
    hosts = Hosts(ServeSettings(public_url="https://consent.example.com/", allowed_hosts=("::1",)))

    hosts.check(b"consent.example.com")
    hosts.check(b"[::1]:443")
    with pytest.raises(MisdirectedError):
        hosts.check(b"localhost")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ([("Host", "localhost"), ("Host", "localhost")], 400, "bad-request"),
        ([("Host", "localhost"), ("Content-Length", "2"), ("Transfer-Encoding", "chunked")], 400, "bad-request"),
        ([("Host", "localhost"), ("Authorization", "Bearer a"), ("Authorization", "Bearer b")], 400, "bad-request"),
        ([("Host", "localhost"), ("X-Long", "x" * 16_400)], 431, "head-too-large"),
        ([("Host", "localhost"), *((f"X-{n}", "1") for n in range(101))], 431, "head-too-large"),
    ],
)
async def test_a_bad_head_is_refused(
    client: httpx.AsyncClient, fields: list[tuple[str, str]], status: int, code: str
) -> None:
    request = httpx.Request("GET", f"{serving.HOST}/v1/orders", headers=fields)

    assert_problem(await client.send(request), status, code)


async def test_a_long_path_is_refused(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/v1/orders/" + "x" * 2048), 414, "path-too-long")
    assert_problem(await client.get("/v1/orders?q=" + "x" * 17_000), 431, "head-too-large")


async def test_nul_in_path_or_query_is_refused(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/v1/orders/%00"), 404, "not-found")
    assert_problem(await client.get("/v1/orders?limit=1%00"), 400, "bad-request")


async def test_every_answer_carries_the_standing_fields(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/v1/orders"), await client.get("/none"), await client.post("/v1/fails/x")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-request-id"].startswith("req_")
        assert "server" not in answer.headers


async def test_a_route_may_set_its_own_caching(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/public")

    assert answer.headers.get_list("cache-control") == ["public, max-age=60"]


async def test_https_is_made_to_stay(clock: FixedClock, keyring: KeyRing) -> None:
    settings = Settings(serve=ServeSettings(public_url="https://127.0.0.1"))
    app = serving.sample_app(serving.make_state(clock, keyring, settings=settings))

    async with serving.calling(app) as client:
        answer = await client.get("/v1/orders")

    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
