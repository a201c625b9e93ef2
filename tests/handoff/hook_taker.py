"""Our side of a desk's deliveries over a real socket: takes what a real server sends and applies it."""

import asyncio
import contextlib
import time

from core.errors import DomainError
from handoff.delivery import incoming, setups, store
from handoff.port import Hook
from tests.handoff.floor import TENANT, Floor


class HookTaker:
    """A listener for one desk; what has not ``within`` in its path is not found."""

    def __init__(self, floor: Floor, desk: str, within: str = "/") -> None:
        self.floor = floor
        self.taken: list[bytes] = []
        self.refused = 0
        self.lose = False  # answer nothing for a while, as if we were down
        self.url = ""
        self._desk = desk
        self._within = within
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = first.split(" ")
        status = "503 Later" if self.lose else await self._take(method, path, headers, body)
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n".encode())
        writer.write(b"Connection: close\r\n\r\n{}")
        with contextlib.suppress(ConnectionError):  # a server that was killed does not wait for its answer
            await writer.drain()
        writer.close()

    async def _take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> str:
        if self._within not in path:
            return "404 Not Found"
        row = await self.floor.db.read(store.desk, TENANT, self._desk)
        assert row is not None
        desk, _ = setups.made(self.floor.keyring, row, 0)
        try:
            told = desk.receive(Hook(method, path, headers, body, time.time()))
        except DomainError:
            self.refused += 1
            return "403 Forbidden"
        now = self.floor.clock.now()
        await self.floor.db.transact(incoming.apply, self.floor.keyring, TENANT, self._desk, told, now)
        self.taken.append(body)
        return "200 OK"
