"""What an open page hears of while it is open: new rows of its list, colleagues on the same thing, changes of a board.

One stream a page (Server-Sent Events, WHATWG HTML 9.2). It carries counts and names, never rows: the page announces
them and stays as it is under the pointer until its reader asks. A stream ends with its session, is none of its uses,
and is given only for pages that this very session was shown: their address is sealed.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response, StreamingResponse

from api.auth import sessions
from api.bell import Ear, board_key
from api.console import together
from api.console.desk import HOME, Desk
from api.console.doors import keep_name
from api.problems import NotFoundOnWireError
from core.clock import MICROS
from ledger import service as ledger

Newer = Callable[[Desk, dict[str, str], int], Awaitable[int]]
# how many rows of a list, by its address, are newer than a key; filled by the lists themselves
NEWER: dict[str, Newer] = {}
MOST: Final = 50
_LOOK_SECONDS = 2.0
_PEOPLE_EVERY = 5 * MICROS
_LONGEST_SECONDS = 600.0
_PING_SECONDS = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def of_list(desk: Desk, query: str, newest: int) -> str:
    """Return the address of the stream that tells how many rows of this list are newer than ``newest``."""
    return _address(desk, {"query": query, "newest": str(newest)})


def of_thing(desk: Desk) -> str:
    """Return the address of the stream that tells who else has this page open, and when its board changes."""
    return _address(desk, {"together": "yes"})


def of_board(desk: Desk) -> str:
    """Return the address of the stream that tells when the agents' board changes."""
    return _address(desk, {})


def _address(desk: Desk, told: dict[str, str]) -> str:
    seal = desk.token(f"live {desk.path}")
    return f"{HOME}/live?{urlencode({'page': desk.path, **told, 'seal': seal})}"


async def stream(desk: Desk) -> Response:
    """Answer with what happens to a page that this session was shown. Any other is not found."""
    if desk.query("seal") != desk.token(f"live {desk.query('page')}"):
        raise NotFoundOnWireError
    return StreamingResponse(_events(desk), media_type="text/event-stream", headers=_HEADERS)


def _block(name: str, value: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


async def _events(desk: Desk) -> AsyncIterator[bytes]:
    bell, ends, last = desk.state.bell, monotonic() + _LONGEST_SECONDS, monotonic()
    look = _Look(desk)
    with bell.listen(board_key(desk.tenant)) as ear, bell.listen(desk.query("page").rpartition("/")[2]) as near:
        ear.rung = False
        yield b"retry: 3000\n\n"
        while not bell.closed and monotonic() < ends:
            desk.request.scope["candor.at"] = desk.state.clock.now()  # each look is a request of its own
            if not await _lives(desk):
                yield _block("over", {})
                return
            parts = await look.around() + ([_block("changed", {})] if ear.rung else []) + _typing(near)
            if parts or monotonic() - last > _PING_SECONDS:
                last = monotonic()
                yield b"".join(parts) or b": still here\n\n"
            await ear.wait(_LOOK_SECONDS)


def _typing(near: Ear) -> list[bytes]:
    """Return that the customer of a conversation types, if so: passed on at the next look, never stored."""
    heard, near.heard = near.heard, []
    return [_block("typing", {})] if any(one["actor"] == "customer" for one in heard) else []


async def _lives(desk: Desk) -> bool:
    number = desk.request.cookies.get(keep_name(desk.state), "")
    return await desk.state.db.read(sessions.find, number, desk.now, desk.state.settings.console) is not None


class _Look:
    """What one stream has told already."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.page = desk, desk.query("page")
        self.query = dict(parse_qsl(desk.query("query", 1500)))
        text = desk.query("newest", 15)
        self.newest = int(text) if text.isascii() and text.isdigit() else None
        self.together = desk.query("together") == "yes"
        self.size, self.new, self.seen_at = -1, 0, 0
        self.names: list[str] = []

    async def around(self) -> list[bytes]:
        """Return what is to be told now."""
        return [*await self._list(), *await self._people()]

    async def _list(self) -> list[bytes]:
        if self.newest is None or self.page not in NEWER:
            return []
        size = await self.desk.state.db.read(ledger.size)
        if size == self.size:
            return []
        self.size, before = size, self.new
        self.new = await NEWER[self.page](self.desk, self.query, self.newest)
        return [] if self.new == before else [_block("new", {"count": self.new, "most": MOST})]

    async def _people(self) -> list[bytes]:
        if not self.together or self.desk.now - self.seen_at < _PEOPLE_EVERY:
            return []
        self.seen_at, before = self.desk.now, self.names
        self.names = sorted({one.name for one in await together.here(self.desk, self.page)})
        return [] if self.names == before else [_block("here", {"names": self.names})]
