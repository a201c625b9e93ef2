"""Answers written in one go are, byte for byte, those that uvicorn itself would have written."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.server import TimedProtocol
from tests.api.serving import converse

pytestmark = pytest.mark.anyio
_DATE = re.compile(rb"date: [^\r]+\r\n")
_LENGTH = (b"content-length", b"5")


def start(status: int = 200, *fields: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(fields)}


def body(content: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


SHAPES: dict[str, list[dict[str, Any]]] = {
    "plain": [start(200, (b"Content-Type", b"text/plain"), _LENGTH), body(b"hello")],
    "empty": [start(200, (b"content-length", b"0")), body()],
    "problem": [start(404, _LENGTH), body(b"hello")],
    "parts": [start(200, _LENGTH), body(b"he", more=True), body(b"llo")],
    "last-part-empty": [start(200, _LENGTH), body(b"hello", more=True), body()],
    "no-length": [start(200), body(b"he", more=True), body(b"llo")],
    "no-content": [start(204), body()],
    "not-modified": [start(304, (b"etag", b'"a"')), body()],
    "closing": [start(200, _LENGTH, (b"connection", b"close")), body(b"hello")],
    "too-short": [start(200, _LENGTH), body(b"hell")],
    "too-long": [start(200, _LENGTH), body(b"hello!")],
    "no-body": [start(200, _LENGTH)],
    "broken-value": [start(200, (b"x-a", b"b\r\nset-cookie: c"), _LENGTH), body(b"hello")],
    "broken-name": [start(200, (b"x a", b"b"), _LENGTH), body(b"hello")],
}


async def application(scope: Any, receive: Any, send: Any) -> None:
    for message in SHAPES[scope["path"][1:]]:
        await send(dict(message))


@asynccontextmanager
async def served(protocol: Any) -> AsyncIterator[int]:
    config = uvicorn.Config(
        application, port=0, loop="asyncio", http=protocol, lifespan="off", log_config=None, server_header=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def both(*requests: bytes) -> tuple[bytes, bytes]:
    answers = []
    for protocol in (TimedProtocol, HttpToolsProtocol):
        async with served(protocol) as port:
            answers.append(_DATE.sub(b"date: now\r\n", await converse(port, b"".join(requests))))
    return answers[0], answers[1]


def asking(path: str, method: bytes = b"GET", *fields: bytes) -> bytes:
    lines = [method + b" /" + path.encode() + b" HTTP/1.1", b"Host: localhost", *fields, b"", b""]
    return b"\r\n".join(lines)


@pytest.mark.parametrize("shape", [name for name in SHAPES if not name.startswith(("too-", "no-body", "broken"))])
async def test_an_answer_of_any_shape_is_the_servers_own(shape: str) -> None:
    ours, theirs = await both(asking(shape), asking("plain", b"GET", b"Connection: close"))

    assert ours == theirs
    assert ours.startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("shape", ["too-short", "too-long", "no-body", "broken-value", "broken-name"])
async def test_an_answer_that_breaks_the_rules_is_never_taken_for_a_whole_one(shape: str) -> None:
    ours, theirs = await both(asking(shape))

    assert b"set-cookie" not in ours
    for answer in (ours, theirs):
        head, _, content = answer.partition(b"\r\n\r\n")
        assert not (b" 200 " in head and content == b"hello")


async def test_a_head_alone_and_old_clients_get_what_the_server_gives(anyio_backend: str) -> None:
    old = b"GET /plain HTTP/1.0\r\nHost: localhost\r\n\r\n"
    assert len(set(await both(asking("plain", b"HEAD", b"Connection: close")))) == 1
    assert len(set(await both(old))) == 1


async def test_requests_sent_at_once_are_answered_in_their_order(anyio_backend: str) -> None:
    ours, theirs = await both(
        asking("plain"), asking("problem"), asking("no-length"), asking("empty", b"GET", b"Connection: close")
    )

    assert ours == theirs
    assert re.findall(rb"HTTP/1.1 (\d+)", ours) == [b"200", b"404", b"200", b"200"]
