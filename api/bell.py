"""Waking up whoever waits for news of a handoff: in this process at once, in other processes by a whisper.

A ring carries nothing but "look": listeners read events by sequence number, so a lost ring costs at most one look.
Typing is the exception: it is passed on as it happens and never stored, in no process.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from core.database import Database
from core.database.coherence import Whispers

_LOOK_SECONDS = {"sqlite": 5.0, "postgresql": 2.0}  # how late news comes whose ring was lost
_MOST_TYPING = 8
_KEYS_IN_A_WHISPER = 10
_Typed = dict[str, Any]


def board_key(tenant: str) -> str:
    """Return what a tenant's agents listen to."""
    return f"board:{tenant}"


class Ear:
    """One listener."""

    __slots__ = ("awake", "heard", "rung")

    def __init__(self) -> None:
        """Start asleep."""
        self.awake = asyncio.Event()
        self.heard: list[dict[str, Any]] = []
        self.rung = True

    async def wait(self, seconds: float) -> list[dict[str, Any]]:
        """Return after a ring or some seconds, with what was typed meanwhile; ``rung`` tells which it was."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.awake.wait(), seconds)
        self.rung = self.awake.is_set()
        self.awake.clear()
        heard, self.heard = self.heard, []
        return heard


class Bell:
    """All listeners of one process, by what they listen to; a part of the running service."""

    def __init__(self, db: Database, others: Whispers | None = None) -> None:
        """Look at ``db`` as often as its engine needs; ``others`` are the processes that serve it too."""
        self.look_seconds = _LOOK_SECONDS[db.dialect]
        self.closed = False
        self._others = others
        self._untold: dict[str, list[_Typed]] = {}  # keys that other processes are to look at, with what was typed
        self._news = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        if others is not None:
            others.overhear(self._overhear)
        self._ears: dict[str, set[Ear]] = {}

    @contextmanager
    def listen(self, key: str) -> Iterator[Ear]:
        """Listen to ``key`` for as long as the block runs."""
        ear = Ear()
        self._ears.setdefault(key, set()).add(ear)
        try:
            yield ear
        finally:
            ears = self._ears[key]
            ears.discard(ear)
            if not ears:
                del self._ears[key]

    def ring(self, key: str) -> None:
        """Wake the listeners of ``key``, here and in other processes."""
        self._sound(key)
        self._pass_on(key)

    def changed(self, tenant: str, handoff: str) -> None:
        """Wake whoever listens to a handoff, and the tenant's agents."""
        self.ring(handoff)
        self.ring(board_key(tenant))

    def type(self, key: str, told: _Typed) -> None:
        """Pass on that somebody is typing, here and to other processes."""
        self._sound(key, [told])
        self._pass_on(key, told)

    def _sound(self, key: str, typed: Sequence[_Typed] = ()) -> None:
        for ear in self._ears.get(key, ()):
            ear.heard += typed[: _MOST_TYPING - len(ear.heard)]
            ear.awake.set()

    def _pass_on(self, key: str, *told: _Typed) -> None:
        if self._telling is not None:
            typed = self._untold.setdefault(key, [])
            typed += told[: _MOST_TYPING - len(typed)]
            self._news.set()

    async def _keep_telling(self, others: Whispers) -> None:
        """Whisper what is untold, all that came together meanwhile at once."""
        while True:
            await self._news.wait()
            self._news.clear()
            untold, self._untold = iter(self._untold.items()), {}
            while some := dict(islice(untold, _KEYS_IN_A_WHISPER)):
                await others.whisper(json.dumps(some, separators=(",", ":")))

    def _overhear(self, text: str) -> None:
        told: Mapping[str, list[_Typed]] = json.loads(text)
        for key, typed in told.items():
            self._sound(key, typed)

    def close_all(self) -> None:
        """End every stream, so that the server can stop."""
        self.closed = True
        for ears in self._ears.values():
            for ear in ears:
                ear.awake.set()

    async def open(self) -> None:
        """Take listeners again."""
        self.closed = False
        if self._others is not None:
            self._telling = asyncio.create_task(self._keep_telling(self._others), name="candor-bell")

    async def close(self) -> None:
        """Wake everybody a last time."""
        self.close_all()
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
