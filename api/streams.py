"""Events as they happen: Server-Sent Events (WHATWG HTML, 9.2) that resume where they broke off, or one long poll.

``id`` is the event's sequence number, so a client that sends ``Last-Event-ID`` (or ``?after=``) gets every event once
and in order. ``status`` tells how the handoff stands and has no id; ``typing`` is not stored. A stream ends after ten
minutes, so that a credential taken back does not listen for longer; clients come back by themselves.
"""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api import showing
from api.bell import Bell, Ear, board_key
from api.problems import BadRequestError
from api.state import AppState
from core.database import Reader
from handoff import store
from handoff.errors import HandoffNotFoundError
from handoff.rows import HandoffRow

MEDIA_TYPE = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_LONGEST_SECONDS = 600.0
_PING_SECONDS = 15.0
_STATUS_SECONDS = 10.0
_PORTION = 200
_QUIET = frozenset({"message", "note"})  # these change nothing about how the handoff stands
_BOARD_SECONDS = 3.0  # what other processes did is seen this late at most


def wanted(request: Request) -> bool:
    """Tell whether the client asked for a stream."""
    return MEDIA_TYPE in request.headers.get("accept", "")


def resume_at(request: Request, after: int) -> int:
    """Return after which event to go on. Raises ``BadRequestError`` for a ``Last-Event-ID`` not ours."""
    last = request.headers.get("last-event-id", "")
    if not last:
        return after
    if not (last.isascii() and last.isdigit() and len(last) <= 15):
        raise BadRequestError("Last-Event-ID must be the id of the last event you have.")
    return max(after, int(last))


def stream(state: AppState, row: HandoffRow, after: int, *, staff: bool) -> Response:
    """Answer with the events of a handoff from ``after`` on."""
    return StreamingResponse(_events(state, row, after, staff=staff), media_type=MEDIA_TYPE, headers=_HEADERS)


def _block(name: str, value: object, seq: int | None = None) -> bytes:
    head = b"" if seq is None else b"id: %d\n" % seq
    return head + b"event: " + name.encode() + b"\ndata: " + showing.dumped(value) + b"\n\n"


class _Look:
    """How far one stream has told a handoff. While it waits it keeps no event and no status: 200 streams may wait."""

    __slots__ = ("after", "is_done", "quiet_since", "row", "staff", "state", "told", "told_at")

    def __init__(self, state: AppState, row: HandoffRow, after: int, *, staff: bool) -> None:
        self.state, self.row, self.after, self.staff = state, row, after, staff
        self.is_done = True
        self.told: int | None = None  # the hash of the status as it was told last
        self.told_at, self.quiet_since = -1e9, monotonic()

    async def news(self) -> bytes:
        """Return what is to be told now, often nothing; ``is_done`` tells whether that was all."""
        found, self.after = await showing.events(self.state, self.row, self.after, _PORTION, staff=self.staff)
        self.is_done = len(found) < _PORTION
        parts = [_block(one["kind"], one, one["seq"]) for one in found]
        if any(one["kind"] not in _QUIET for one in found) or monotonic() - self.told_at > _STATUS_SECONDS:
            parts += await self._status()
        if not parts and monotonic() - self.quiet_since > _PING_SECONDS:
            parts = [b": still here\n\n"]
        if parts:
            self.quiet_since = monotonic()
        return b"".join(parts)

    async def _status(self) -> list[bytes]:
        block = _block("status", await status(self.state, self.row, staff=self.staff))
        before, self.told, self.told_at = self.told, hash(block), monotonic()
        return [] if self.told == before else [block]


async def _events(state: AppState, row: HandoffRow, after: int, *, staff: bool) -> AsyncIterator[bytes]:
    bell, ends = state.bell, monotonic() + _LONGEST_SECONDS
    look = _Look(state, row, after, staff=staff)
    with bell.listen(row.id) as ear:
        yield b"retry: 1000\n\n"
        while not bell.closed and monotonic() < ends:
            news = await look.news()
            if news:
                yield news
                del news  # it is not kept while waiting
            if look.is_done:
                typing = await _pause(ear, bell)
                if typing:
                    yield typing


async def _pause(ear: Ear, bell: Bell) -> bytes:
    return b"".join(_block("typing", one) for one in await ear.wait(bell.look_seconds))


async def status(state: AppState, row: HandoffRow, *, staff: bool) -> dict[str, Any]:
    """Return how the handoff stands now."""

    async def work(tx: Reader) -> dict[str, Any]:
        found = await store.handoff(tx, row.tenant, row.id)
        if found is None:
            raise HandoffNotFoundError
        return await showing.view(tx, state, found, staff=staff)

    return await state.db.read(work)


async def poll(state: AppState, row: HandoffRow, after: int, wait: float, *, staff: bool) -> dict[str, Any]:
    """Return events after a number, waiting up to ``wait`` seconds for the first."""
    ends = monotonic() + wait
    with state.bell.listen(row.id) as ear:
        while True:
            found, last = await showing.events(state, row, after, _PORTION, staff=staff)
            left = ends - monotonic()
            if found or left <= 0 or state.bell.closed:
                return {"events": found, "last_seq": last, "status": await status(state, row, staff=staff)}
            await ear.wait(min(left, state.bell.look_seconds))


async def board(state: AppState, tenant: str) -> AsyncIterator[bytes]:
    """Yield a line whenever something about a tenant's cases changes; agents then read their lists again."""
    ends, last = monotonic() + _LONGEST_SECONDS, monotonic()
    with state.bell.listen(board_key(tenant)) as ear:
        yield b"retry: 1000\n\n"
        while not state.bell.closed and monotonic() < ends:
            if ear.rung or monotonic() - last > _BOARD_SECONDS:
                last = monotonic()
                yield _block("changed", {})
            await ear.wait(_BOARD_SECONDS)
