"""The server: uvicorn on uvloop and httptools, with the time limits it lacks (RFC 9112, section 9.5).

A request's head must be complete within some seconds of its first byte (or of the connection), and what is still
sent after an answer is given as long. Slow bodies are the edge's matter (``strict_json.read``). What can't be read
as HTTP is told so as a problem document.
"""

import asyncio
import gc
import json
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from api.cycle import OneWriteCycle
from api.headers import MOST_BYTES
from api.problems import BadRequestError, EdgeError, HeadTooLargeError, TooSlowError, document, instance_of
from core import telemetry
from core.settings import Settings

_HEAD_MOST = MOST_BYTES + 8192  # the request line, and what may follow in the same packet
_LONGEST_GRACE = 10


class TimedProtocol(HttpToolsProtocol):
    """HOT PATH. One connection: at most 1 us for each request beyond uvicorn's own."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        head_seconds: float = 5.0,
    ) -> None:
        """Serve a connection whose heads take at most ``head_seconds``."""
        super().__init__(config, server_state, app_state, _loop)
        self._head_seconds = head_seconds
        self._head_timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it so
        """Start the clock of the first head."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._disarm()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that a head has begun."""
        super().on_message_begin()
        self._in_head = True
        self._head_size = 0

    def on_headers_complete(self) -> None:
        """Note that the head is complete."""
        self._in_head = False
        super().on_headers_complete()
        if self.cycle is not None:  # uvicorn made it and has no way to be told of another kind
            self.cycle.__class__ = OneWriteCycle

    def data_received(self, data: bytes) -> None:
        """Read on; keep the clock running while no request is being worked on."""
        super().data_received(data)
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > _HEAD_MOST:
                self._refuse(HeadTooLargeError())
            elif self._head_timer is None:
                self._arm()
        elif self.cycle is not None and not self.cycle.response_complete:
            if self._head_timer is not None:
                self._disarm()
        elif self._head_timer is None:
            self._arm()

    def send_400_response(self, msg: str) -> None:
        """Tell what can't be read as HTTP so."""
        self._refuse(BadRequestError("This is not a well-formed HTTP request."))

    def _arm(self) -> None:
        self._head_timer = self.loop.call_later(self._head_seconds, self._late)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _late(self) -> None:
        self._head_timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            return  # a pipelined request is being worked on; the next one is waited for afterwards
        if self._in_head:
            self._refuse(TooSlowError())
        else:
            self.transport.close()

    def _refuse(self, error: EdgeError) -> None:
        if self.transport.is_closing():
            return
        cycle = self.cycle
        begun = cycle is not None and cycle.response_started and not cycle.response_complete
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True  # whoever still reads this request's body is told that nothing more comes
            cycle.message_event.set()
        if not begun and not self.pipeline:  # else the answer under way would be torn
            body = json.dumps(document(error, instance_of({"candor.at": 0}))).encode()
            phrase = HTTPStatus(error.status).phrase
            head = (
                f"HTTP/1.1 {error.status} {phrase}\r\ncontent-type: application/problem+json\r\n"
                f"cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


class Server(uvicorn.Server):
    """uvicorn's server, with the garbage collector settled once everything is loaded."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None] | None = None) -> None:
        """Call ``ready`` with the port once connections are accepted."""
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        """Start, then exempt what is loaded from collection (measured: a fifth of the CPU, p99 18 to 3.4 ms)."""
        await super().startup(sockets)
        if not self.started:
            return
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        gc.enable()
        if self._ready is not None:
            self._ready(self.servers[0].sockets[0].getsockname()[1])


def configuration(app: Callable[..., Any], settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration for serving ``app``: no access log, no Server field, no proxy believed."""
    serve = settings.serve
    return uvicorn.Config(
        app,
        host=serve.host,
        port=serve.port,
        loop="uvloop",
        http=partial(TimedProtocol, head_seconds=serve.head_seconds),  # type: ignore[arg-type]  # a factory will do
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_LONGEST_GRACE,
    )


def run(app: Callable[..., Any], settings: Settings, ready: Callable[[int], None] | None = None) -> None:
    """Serve ``app`` until a signal says stop; answers under way are finished first."""
    telemetry.configure(settings.telemetry.log_level)
    Server(configuration(app, settings), ready).run()
