"""The real server on a loopback port: slow, broken and oversized clients are cut off, good ones do not notice."""

import asyncio
import gc
import json
import time

import pytest

from api.app import Application
from core.clock import FixedClock
from core.keys import KeyRing
from core.settings import ServeSettings, Settings
from tests.api import serving

pytestmark = pytest.mark.anyio
GET = b"GET /v1/orders HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def settings(head: float = 5.0, body: float = 10.0) -> Settings:
    return Settings(serve=ServeSettings(port=0, head_seconds=head, body_seconds=body))


@pytest.fixture
def hurried() -> Settings:
    """Little patience, so that tests are short."""
    return settings(0.3, 0.5)


def problem_in(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.rpartition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    said = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {said['status']} ".encode())
    return said["status"], said["type"].rpartition("/")[2]


async def slow_clients(port: int, count: int, *parts: bytes) -> list[bytes]:
    """Return what ``count`` clients get that send ``parts`` with long pauses."""
    return await asyncio.gather(*(serving.converse(port, *parts, pause=0.1) for _ in range(count)))


async def good_clients(port: int, until: asyncio.Future[list[bytes]]) -> list[float]:
    """Return how long each good request took while the slow ones were there."""
    times = []
    while not until.done():
        began = time.perf_counter()
        answer = await serving.converse(port, GET[:-2] + b"Connection: close\r\n\r\n")
        times.append(time.perf_counter() - began)
        assert answer.startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(0.01)
    return times


async def hold_out(sample: Application, limits: Settings, heads: int, bodies: int) -> list[float]:
    async with serving.listening(sample, limits) as port:
        drip = asyncio.ensure_future(slow_clients(port, heads, GET[:-2], *[b"X-A: b\r\n"] * 600))
        body = asyncio.ensure_future(slow_clients(port, bodies, POST + b"Content-Length: 900\r\n\r\n", *[b" "] * 600))
        everyone = asyncio.ensure_future(asyncio.gather(drip, body))
        times = await good_clients(port, everyone)  # type: ignore[arg-type]  # only asked whether it is done
        for answer in await drip:
            assert problem_in(answer) == (408, "request-timeout")
        for answer in await body:
            assert problem_in(answer) == (408, "request-timeout")
    return times


async def test_forty_slow_heads_and_thirty_slow_bodies_are_cut_off(
    clock: FixedClock, keyring: KeyRing, hurried: Settings
) -> None:
    app = serving.sample_app(serving.make_state(clock, keyring, settings=hurried))

    times = await asyncio.wait_for(hold_out(app, hurried, 40, 30), 15)

    assert sorted(times)[len(times) // 2] < 0.5


@pytest.mark.full
async def test_four_hundred_slow_heads_and_three_hundred_slow_bodies_are_cut_off(
    clock: FixedClock, keyring: KeyRing
) -> None:
    usual = settings()
    app = serving.sample_app(serving.make_state(clock, keyring, settings=usual))

    times = await asyncio.wait_for(hold_out(app, usual, 400, 300), 30)

    assert sorted(times)[int(len(times) * 0.9)] < 1.0


async def test_an_idle_connection_that_never_asks_is_closed(
    clock: FixedClock, keyring: KeyRing, hurried: Settings
) -> None:
    app = serving.sample_app(serving.make_state(clock, keyring, settings=hurried))
    async with serving.listening(app, hurried) as port:
        assert await serving.converse(port, wait=3) == b""
        assert await serving.converse(port, *[b"\r\n"] * 30, pause=0.1, wait=3) == b""


async def test_a_kept_connection_may_wait_longer_than_a_head_may_take(
    clock: FixedClock, keyring: KeyRing, hurried: Settings
) -> None:
    app = serving.sample_app(serving.make_state(clock, keyring, settings=hurried))
    async with serving.listening(app, hurried) as port:
        answer = await serving.converse(port, GET, GET[:-2] + b"Connection: close\r\n\r\n", pause=0.6, wait=3)

    assert answer.count(b"HTTP/1.1 200 ") == 2


async def test_pipelined_requests_are_all_answered(clock: FixedClock, keyring: KeyRing, hurried: Settings) -> None:
    app = serving.sample_app(serving.make_state(clock, keyring, settings=hurried))
    async with serving.listening(app, hurried) as port:
        answer = await serving.converse(port, GET * 3 + GET[:-2] + b"Connection: close\r\n\r\n", wait=3)

    assert answer.count(b"HTTP/1.1 200 ") == 4


async def test_what_is_still_sent_after_a_refusal_is_given_little_time(
    clock: FixedClock, keyring: KeyRing, hurried: Settings
) -> None:
    app = serving.sample_app(serving.make_state(clock, keyring, settings=hurried))
    async with serving.listening(app, hurried) as port:
        lost = POST.replace(b"/v1/orders", b"/nowhere") + b"Content-Length: 900\r\n\r\n"
        began = time.perf_counter()
        answer = await serving.converse(port, lost, *[b" "] * 600, pause=0.1)

    assert problem_in(answer) == (404, "not-found")
    assert time.perf_counter() - began < 5


async def test_garbage_is_collected_once_the_server_is_up(clock: FixedClock, keyring: KeyRing) -> None:
    app = serving.sample_app(serving.make_state(clock, keyring, settings=settings()))
    gc.disable()  # as ``candor serve`` starts
    try:
        async with serving.listening(app, settings()):
            assert gc.isenabled()
    finally:
        gc.enable()


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "not http": (b"hello\r\n\r\n", 400),
    "a field without colon": (b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
    "a folded field": (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", 400),
    "nul in a field": (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\0c\r\n\r\n", 400),
    "no host": (b"GET /v1/orders HTTP/1.1\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "length and chunks": (POST + b"Content-Length: 2\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "chunks twice": (POST + b"Transfer-Encoding: chunked\r\n" + CHUNKED + b"0\r\n\r\n", 400),
    "another coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n{}", 400),
    "a negative length": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "a length of words": (POST + b"Content-Length: two\r\n\r\n", 400),
    "a chunk size of words": (POST + CHUNKED + b"zz\r\n", 400),
    "http 0.9": (b"GET /v1/orders\r\n\r\n", 400),
    "http 2 by knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a huge head": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 10_000, 431),
    "one huge field": (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"b" * 300_000, 431),
    "a huge body announced": (POST + b"Content-Length: 200000000\r\n\r\n" + b"[" * 100_000, 413),
    "a length past any machine": (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    "chunks without end": (POST + CHUNKED + (b"8000\r\n" + b"[" * 0x8000 + b"\r\n") * 20, 413),
    "a body packed by gzip": (POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415),
    "a raw byte in the path": (b"GET /v1/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_what_is_broken_is_refused_by_a_problem(
    clock: FixedClock, keyring: KeyRing, hurried: Settings, case: str
) -> None:
    sent, status = BROKEN[case]
    app = serving.sample_app(serving.make_state(clock, keyring, settings=hurried))
    async with serving.listening(app, hurried) as port:
        answer = await serving.converse(port, sent, wait=1)
        well = await serving.converse(port, GET[:-2] + b"Connection: close\r\n\r\n")

    assert answer.count(b"HTTP/1.1 ") == 1, answer
    assert problem_in(answer)[0] == status, answer
    assert well.startswith(b"HTTP/1.1 200 ")
