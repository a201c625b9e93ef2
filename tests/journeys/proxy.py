"""A TCP proxy before PostgreSQL that can be cut: what is connected hears nothing any more, or is hung up on."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit, urlunsplit


class Proxy:
    """Passes bytes on between clients and one PostgreSQL, in a thread of its own, until it is cut."""

    def __init__(self, url: str) -> None:
        """Stand before the server of a URL (TCP, or ``?host=`` a folder with its socket)."""
        self._parts = urlsplit(url)
        self._through = threading.Event()
        self._through.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._port = 0

    @property
    def url(self) -> str:
        """The URL of the same database through here."""
        user = self._parts.username or "postgres"
        password = f":{self._parts.password}" if self._parts.password else ""
        return urlunsplit(("postgresql", f"{user}{password}@127.0.0.1:{self._port}", self._parts.path, "", ""))

    def cut(self, *, hang_up: bool) -> None:
        """Pass nothing on; with ``hang_up`` connections end, else they fall silent."""
        self._through.clear()
        if hang_up:
            self._loop.call_soon_threadsafe(self._hang_up)

    def mend(self) -> None:
        """Take connections again; those that fell silent end."""
        self._loop.call_soon_threadsafe(self._hang_up)
        self._through.set()

    def _hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = parse_qs(self._parts.query).get("host", [""])[0]
        port = self._parts.port or 5432
        if folder:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._parts.hostname, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._through.is_set():
            writer.transport.abort()
            return
        far_reader, far_writer = await self._upstream()
        both = {writer, far_writer}
        self._writers |= both
        await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))
        self._writers -= both

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while found := await reader.read(65536):
                if self._through.is_set():
                    writer.write(found)
        writer.close()

    @contextlib.contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Take connections until the block ends."""

        async def listen() -> asyncio.Server:
            return await asyncio.start_server(self._serve, "127.0.0.1", 0)

        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(listen(), self._loop).result(10)
        self._port = server.sockets[0].getsockname()[1]

        async def end() -> None:
            server.close()
            self._hang_up()
            mine = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not mine]
            await asyncio.wait(others, timeout=5) if others else None

        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()
