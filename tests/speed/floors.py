"""The floors that figures are compared with: servers that do nothing but answer."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_BODY = os.environ.get("CANDOR_FLOOR_BODY", '{"ok":true}').encode()
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())],
}
_END = {"type": "http.response.body", "body": _BODY}


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the same bytes to everything: the floor of any ASGI server."""
    if scope["type"] == "http":
        await send(_START)
        await send(_END)
