"""A real model server on a loopback port that can lie, fail and dawdle in every way a test asks for."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from explanations.blackbox import Cells
from tests.explanations.credit import APPLICANTS, FEATURES, cells, exact, p_bad

REFERENCE = [cells(row) for row in APPLICANTS[:100]]
SECRET = "Bearer very-secret"


class ModelServer:
    """Serves the credit model; ``mode`` says how it behaves."""

    def __init__(self, mode: str = "honest") -> None:
        self.mode = mode
        self.requests: list[str] = []
        self.marked = 0
        self.batches: list[int] = []
        self.asked: set[Cells] | None = None  # every row ever asked, where a test wants to know
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
                body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
                self.marked += headers.get("x-candor-probe") == "1"
                path = lines[0].split(" ")[1]
                self.requests.append(path)
                await self._answer(writer, path, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, path: str, body: dict[str, Any]) -> None:
        rows = [tuple(row) for row in body["instances"]]
        explaining = path.endswith("explain")
        self.batches.append(len(rows))
        if self.asked is not None:
            self.asked.update(rows)
        if self.mode == "reset once" and len(self.requests) == 1:
            writer.transport.abort()
            return None
        if self.mode == "busy once" and len(self.requests) == 1:
            return _send(writer, 503, b'{"error": "busy"}')
        if self.mode == "broken":
            return _send(writer, 500, b'{"error": "IndexError : %s"}' % SECRET.encode())
        if self.mode == "no explainer" and explaining:
            return _send(writer, 501, b'{"error": "Could not find explainer_host"}')
        answer = json.dumps(self._explained(rows[0]) if explaining else self._predicted(rows)).encode()
        if self.mode == "drip" or (self.mode == "slow explainer" and explaining):
            return await _drip(writer, answer)
        if self.mode == "cut off":
            answer = answer[: len(answer) // 2]
        if self.mode == "flood":
            answer = b'{"predictions": "' + b"x" * 9_000_000 + b'"}'
        if self.mode == "truncated" and explaining:
            answer = answer[: len(answer) // 2]
        return _send(writer, 200, answer)

    def _predicted(self, rows: Sequence[Cells]) -> dict[str, Any]:
        shift = 0.03 if self.mode == "changed" else 0.0
        version = "4" if self.mode == "new version" else "3"
        return {"predictions": [p_bad(row) + shift for row in rows], "version": version}

    def _explained(self, row: Cells) -> dict[str, Any]:
        values = exact(row, REFERENCE, range(len(FEATURES)))
        named: Any = {FEATURES[place]: value for place, value in values.items()}
        base, output = sum(map(p_bad, REFERENCE)) / len(REFERENCE), p_bad(row)
        if self.mode == "flipped":
            named = {name: -value for name, value in named.items()}
        if self.mode == "swapped":
            named, base, output = {name: -value for name, value in named.items()}, 1 - base, 1 - output
        if self.mode == "other class":
            return {"explanations": [{"shap_values": named, "base_value": base, "output": output, "class": 0}]}
        if self.mode in {"bare", "bare flipped"}:
            sign = -1 if "flipped" in self.mode else 1
            return {"explanations": [[sign * value for value in named.values()]]}
        if self.mode == "unnamed":
            named = [*named.values(), 0.0]
        return {"explanations": [{"shap_values": named, "base_value": base, "output": output, "class": 1}]}


def _send(writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nauthorization: {SECRET}\r\n"
    writer.write(head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body)


async def _drip(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body))
    for place in range(len(body)):
        writer.write(body[place : place + 1])
        await writer.drain()
        await asyncio.sleep(0.7)


@asynccontextmanager
async def running(mode: str) -> AsyncIterator[ModelServer]:
    """Run a server in a mode."""
    made = ModelServer(mode)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, limit=2**20)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
