"""HOT PATH, budget 5 us. The widget's configuration answered in front of FastAPI (docs/decisions/0009).

Only what lies ready on the shelf is answered here, whole or with 304; everything else, and every refusal, goes on to
the route in ``api/routes/widget.py``, which gives the same answers; a test compares the two.
"""

from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from api import cors, headers
from api.headers import Fields
from api.problems import EdgeError
from api.state import AppState
from api.widget.shelf import Ready, Shelf

PREFIX = "/v1/widget/"
CACHE_CONTROL = b"public, max-age=60, stale-while-revalidate=86400"
_START = len(PREFIX)
_NONE: dict[str, Any] = {"type": "http.response.body", "body": b""}


def wants(ready: Ready, if_none_match: bytes) -> bool:
    """Tell whether the caller lacks the present version (weak comparison, RFC 9110, 13.1.2)."""
    if if_none_match == ready.etag:
        return False
    if if_none_match == b"*":
        return False
    present = ready.etag.removeprefix(b"W/")
    return present not in [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]


def fields(ready: Ready, *, packed: bool, length: int | None) -> Fields:
    """Return the answer's own header fields; without ``length`` those of 304."""
    made: Fields = [(b"etag", ready.etag), (b"cache-control", CACHE_CONTROL), (b"vary", b"Accept-Encoding")]
    if length is not None:
        made += [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
        made += [(b"content-encoding", b"gzip")] if packed else []
    return made


class WidgetLane:
    """The ASGI application in front of everything else, for one question."""

    def __init__(self, app: ASGIApp, state: AppState, shelf: Shelf) -> None:
        """Stand before ``app``."""
        self._app = app
        self._shelf = shelf
        self._hosts = headers.Hosts(state.settings.serve)
        self._standing = headers.defaults(state.settings.serve)
        self._starts: dict[tuple[bytes, int], dict[str, Any]] = {}
        self.served = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here what lies ready, else pass it on."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX) and scope["method"] == "GET":
            answer = self._answer(scope)
            if answer is not None:
                self.served += 1
                await send(answer[0])
                await send(answer[1])
                return
        await self._app(scope, receive, send)

    def _answer(self, scope: Scope) -> tuple[dict[str, Any], dict[str, Any]] | None:
        site_key, _, language = scope["path"][_START:].partition("/")
        ready = self._shelf.held(site_key, language)
        if ready is None or scope["query_string"]:
            return None
        host = if_none_match = accepts = b""
        hosts = 0
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                if_none_match = value
            elif name == b"host":
                host, hosts = value, hosts + 1
            elif name == b"accept-encoding":
                accepts = value
        if hosts != 1 or not self._answers_for(host):
            return None
        if if_none_match and not wants(ready, if_none_match):
            return self._start(ready, 304, packed=False), _NONE
        packed = b"gzip" in accepts and b"gzip;q=0" not in accepts
        body = ready.packed if packed else ready.plain
        return self._start(ready, 200, packed=packed), {"type": "http.response.body", "body": body}

    def _answers_for(self, host: bytes) -> bool:
        try:
            self._hosts.check(host)
        except EdgeError:
            return False
        return True

    def _start(self, ready: Ready, status: int, *, packed: bool) -> dict[str, Any]:
        place = (ready.etag, status + packed)
        known = self._starts.get(place)
        if known is None:
            length = None if status == 304 else len(ready.packed if packed else ready.plain)
            own = fields(ready, packed=packed, length=length)
            known = {
                "type": "http.response.start",
                "status": status,
                "headers": headers.dressed(own, self._standing, cors.ANY_ORIGIN),
            }
            if len(self._starts) >= 10_000:
                self._starts.clear()
            self._starts[place] = known
        return known
