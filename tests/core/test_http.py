"""The guarded HTTP client against hostile URLs, moving names and servers that misbehave."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from core.database.guard import in_transaction
from core.http import CallFailedError, HttpClient, Limits, UrlRefusedError, is_public

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}
HOSTILE = [
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://172.16.0.9/",
    "https://192.168.1.1/",
    "https://169.254.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://224.0.0.1/",
    "https://0.0.0.0/",
    "https://255.255.255.255/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://[::127.0.0.1]/",
    "https://[2001:0:7f00:1::]/",
    "https://user:pass@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com/#@127.0.0.1/",
    "https://①②⑦.⓪.⓪.①/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/_",
    "https://93.184.215.14:22/",
    "http://93.184.215.14/",
    "https://exa\\mple.com/",
    "https:///nohost",
    "//127.0.0.1/",
    "",
]


def refuses_to_dial() -> httpx.AsyncBaseTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"dialled {request.url}")

    return httpx.MockTransport(handle)


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_url_is_refused_at_set_up_and_again_when_sent(url: str) -> None:
    client = HttpClient(transport=refuses_to_dial)

    with pytest.raises(UrlRefusedError):
        await client.check(url)
    with pytest.raises(UrlRefusedError):
        await client.fetch("GET", url)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_a_public_address_may_be_called(address: str) -> None:
    assert is_public(address)


async def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    with pytest.raises(UrlRefusedError):
        await HttpClient(resolver=mixed, transport=refuses_to_dial).fetch("GET", "https://mixed.test/")


async def test_the_checked_address_is_dialled_with_host_and_sni_kept_however_often_the_name_moves() -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    dialled: list[tuple[str, str, object]] = []

    async def moving(host: str, port: int) -> list[str]:
        return next(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        dialled.append((request.url.host, request.headers["host"], request.extensions["sni_hostname"]))
        return httpx.Response(200, headers=JSON, stream=httpx.ByteStream(b"{}"))

    client = HttpClient(resolver=moving, transport=lambda: httpx.MockTransport(handle))
    await client.fetch("GET", "https://moving.test/a")
    with pytest.raises(UrlRefusedError):
        await client.fetch("GET", "https://moving.test/a")

    assert dialled == [("93.184.215.14", "moving.test", "moving.test")]


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    calls: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url))
        return httpx.Response(302, headers={"location": "http://127.0.0.1/"}, stream=httpx.ByteStream(b""))

    async def public(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    client = HttpClient(resolver=public, transport=lambda: httpx.MockTransport(handle))
    answer = await client.fetch("GET", "https://far.test/")

    assert answer.status == 302
    assert len(calls) == 1


async def test_a_call_inside_a_transaction_is_a_programming_error() -> None:
    token = in_transaction.set(True)
    try:
        with pytest.raises(RuntimeError, match="inside a transaction"):
            await HttpClient(transport=refuses_to_dial).fetch("GET", "https://far.test/")
    finally:
        in_transaction.reset(token)


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[tuple[HttpClient, str]]:
    """Run a raw local server; yield a client that may call it and its URL."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = HttpClient([f"127.0.0.1:{port}"])
    try:
        yield client, f"http://127.0.0.1:{port}/x"
    finally:
        await client.close()
        server.close()


async def test_a_server_that_drips_is_cut_at_the_deadline() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n")
        for _ in range(100):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with served(drip) as (client, url):
        began = time.monotonic()
        with pytest.raises(CallFailedError, match="in time"):
            await client.fetch("GET", url, limits=Limits(seconds=0.3))

        assert time.monotonic() - began < 0.6


@pytest.mark.parametrize(
    "head",
    [
        b"content-type: application/json\r\ncontent-length: 2000\r\n\r\n",
        b"content-type: application/json\r\n\r\n",
        b"content-type: text/html\r\ncontent-length: 2\r\n\r\n",
        b"content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n",
        b"\x00broken\r\n\r\n",
    ],
    ids=["too large as declared", "too large undeclared", "other media type", "compressed", "not HTTP"],
)
async def test_an_answer_of_the_wrong_size_or_kind_is_refused(head: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"1" * 2000)
        await writer.drain()

    async with served(answer) as (client, url):
        with pytest.raises(CallFailedError):
            await client.fetch("GET", url, limits=Limits(body_bytes=1000))


async def test_a_listed_private_service_answers() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()

    async with served(answer) as (client, url):
        answered = await client.fetch("GET", url)
        with pytest.raises(UrlRefusedError):
            await HttpClient().fetch("GET", url)

    assert (answered.status, answered.body) == (200, b"{}")
    assert answered.headers["content-type"] == "application/json"


async def test_connections_of_origins_not_called_lately_are_closed() -> None:
    async def public(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    closed: list[str] = []

    class Counted(httpx.MockTransport):
        async def aclose(self) -> None:
            closed.append("one")

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=JSON, stream=httpx.ByteStream(b"{}"))

    client = HttpClient(resolver=public, transport=lambda: Counted(handle))
    for number in range(70):
        await client.fetch("GET", f"https://h{number}.test/")
    before = len(closed)
    await client.close()

    assert (before, len(closed)) == (6, 70)
