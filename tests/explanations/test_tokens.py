"""Endpoints behind an authorization server: tokens by client credentials, over real HTTP (RFC 6749, section 4.4)."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, unquote

import pytest

from core.http import HttpClient
from explanations import registry, signing, tokens
from explanations.asking import Asker
from explanations.errors import MalformedAnswerError, ModelError, ModelRejectedError, ModelUnavailableError
from explanations.port import Endpoint, Row

pytestmark = pytest.mark.anyio
ROW: Row = {"a": 1, "b": 2}
SECRET = "s3cret+/ü"


class Bank:
    """An authorization server and a model on one port; the model takes the newest token only."""

    def __init__(self) -> None:
        self.made = 0
        self.answer: bytes | None = None
        self.status = 200
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.seen: list[dict[str, str]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status, told = self._token(headers, body) if " /token " in lines[0] else self._predict(headers)
                fields = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(told)}\r\n\r\n"
                writer.write(fields.encode() + told)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _token(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        client, _, secret = b64decode(headers["authorization"].removeprefix("Basic ")).decode().partition(":")
        self.asked.append((f"{unquote(client)}:{unquote(secret)}", parse_qs(body.decode())))
        self.made += 1
        made = json.dumps({"access_token": f"token-{self.made}", "token_type": "bearer", "expires_in": 3600}).encode()
        return self.status, made if self.answer is None else self.answer

    def _predict(self, headers: dict[str, str]) -> tuple[int, bytes]:
        self.seen.append(headers)
        if headers.get("authorization") != f"Bearer token-{self.made}":
            return 401, b"{}"
        return 200, b'{"predictions": [0.5]}'


@asynccontextmanager
async def bank() -> AsyncIterator[tuple[Bank, Endpoint, Asker, list[float]]]:
    """Run a bank; the last is the clock, in seconds."""
    made, now = Bank(), [100.0]
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    credentials = {
        "oauth2-token-url": f"http://127.0.0.1:{made.port}/token",
        "oauth2-client-id": "candor",
        "oauth2-client-secret": SECRET,
        "oauth2-scope": "predict",
        "X-Extra": "1",
    }
    spot = Endpoint("http-json", f"http://127.0.0.1:{made.port}", ("a", "b"), headers=credentials)
    client = HttpClient([f"127.0.0.1:{made.port}"])
    try:
        yield made, spot, Asker(client, lambda: now[0]), now
    finally:
        await client.close()
        server.close()


async def predict(asker: Asker, spot: Endpoint) -> list[float]:
    return await asker.conversation(spot, registry.adapter(spot), 30).predict([ROW])


async def test_a_token_is_asked_once_and_the_secret_never_reaches_the_model() -> None:
    async with bank() as (made, spot, asker, _):
        assert await predict(asker, spot) == [0.5]
        assert await predict(asker, spot) == [0.5]

    assert made.asked == [(f"candor:{SECRET}", {"grant_type": ["client_credentials"], "scope": ["predict"]})]
    assert [one["x-extra"] for one in made.seen] == ["1", "1"]
    assert not any(name.startswith("oauth2-") or SECRET in value for one in made.seen for name, value in one.items())


async def test_a_token_is_renewed_before_it_ends() -> None:
    async with bank() as (made, spot, asker, now):
        await predict(asker, spot)
        now[0] += 3600 - 61
        await predict(asker, spot)
        assert made.made == 1
        now[0] += 2
        await predict(asker, spot)

    assert made.made == 2


async def test_a_token_that_was_revoked_is_replaced_once() -> None:
    async with bank() as (made, spot, asker, _):
        await predict(asker, spot)
        made.made += 1  # the model takes another token now
        assert await predict(asker, spot) == [0.5]

    assert [one["authorization"] for one in made.seen] == ["Bearer token-1", "Bearer token-1", "Bearer token-3"]


@pytest.mark.parametrize(
    ("status", "answer", "wanted"),
    [
        (400, b'{"error": "invalid_client"}', ModelRejectedError),
        (503, b"{}", ModelUnavailableError),
        (200, b'{"access_token": "a\\nb"}', MalformedAnswerError),
        (200, b'{"access_token": "x", "token_type": "mac"}', MalformedAnswerError),
        (200, b"[]", MalformedAnswerError),
        (200, b"{", MalformedAnswerError),
    ],
)
async def test_a_token_service_that_does_not_give_one_ends_in_a_typed_error(
    status: int, answer: bytes, wanted: type[ModelError]
) -> None:
    async with bank() as (made, spot, asker, _):
        made.status, made.answer = status, answer
        with pytest.raises(wanted) as refused:
            await predict(asker, spot)

    assert made.seen == []
    assert SECRET not in str(refused.value)
    assert "invalid_client" not in str(refused.value)


def test_credentials_of_a_client_are_no_header_fields() -> None:
    credentials = {"OAuth2-Client-Id": "a", "Oauth2-Client-Secret": "b", "OAUTH2-TOKEN-URL": "c", "Authorization": "d"}

    assert signing.unsigned(credentials) == {"Authorization": "d"}
    assert tokens.grant_in(credentials) is not None
    assert tokens.grant_in({"oauth2-client-id": "a", "oauth2-client-secret": "b"}) is None
