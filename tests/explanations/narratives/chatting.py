"""A real server on a loopback port that speaks the chat completions wire format and answers as a test tells it.

Written from the documented format: ``POST {base}/chat/completions`` with ``model`` and ``messages``; the answer has
``id``, ``object``, ``created``, ``model``, ``choices[].message.{role,content}``, ``finish_reason`` and ``usage``.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from core.http import HttpClient
from explanations.narratives.adapters.openai_words import OpenAiWords

KEY = "sk-very-secret"
Script = Callable[[dict[str, Any]], str]


class ChatServer:
    """Answers each request with the script's text; ``mode`` makes it misbehave on the wire."""

    def __init__(self, script: Script, mode: str = "honest") -> None:
        self.script = script
        self.mode = mode
        self.requests: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = next(int(one[15:]) for one in head.lower().split("\r\n") if one.startswith("content-length:"))
                body = json.loads(await reader.readexactly(length))
                self.heads.append(head)
                self.requests.append(body)
                await self._answer(writer, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
        status, payload = 200, json.dumps(self._completion(body)).encode()
        if self.mode == "broken":
            status, payload = 500, b'{"error": {"message": "out of memory"}}'
        if self.mode == "shapeless":
            payload = b'{"object": "chat.completion", "choices": []}'
        if self.mode == "redirect":
            status = 307
        if self.mode == "flood":
            payload = b'{"choices": "' + b"x" * 300_000 + b'"}'
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nlocation: http://127.0.0.1:1/\r\n"
        head += f"content-length: {len(payload)}\r\n\r\n"
        writer.write(head.encode())
        if self.mode == "drip":
            for place in range(len(payload)):
                writer.write(payload[place : place + 1])
                await writer.drain()
                await asyncio.sleep(0.05)
            return
        writer.write(payload)

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        message = {"role": "assistant", "content": self.script(body), "refusal": None}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }


@asynccontextmanager
async def chatting(
    script: Script | Sequence[str], mode: str = "honest", seconds: float = 20.0
) -> AsyncIterator[tuple[ChatServer, OpenAiWords]]:
    """Run a server and a client of it; a list of texts is answered one after the other, the last one again."""
    if callable(script):
        answer = script
    else:
        texts = list(script)
        answer = lambda _: texts.pop(0) if len(texts) > 1 else texts[0]  # noqa: E731 -- one line says it
    made = ChatServer(answer, mode)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    client = HttpClient([f"127.0.0.1:{made.port}"])
    try:
        yield made, OpenAiWords(client, f"http://127.0.0.1:{made.port}/v1", "small", KEY, seconds)
    finally:
        await client.close()
        server.close()
