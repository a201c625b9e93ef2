"""Waking up whoever waits for news of a handoff: in this process at once, from other processes by looking again.

A ring carries nothing but "look": listeners read events by sequence number, so a lost ring costs at most one look.
Typing is the exception: it is passed on as it happens and never stored.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from core.database import Database

_LOOK_SECONDS = {"sqlite": 5.0, "postgresql": 0.5}  # one process has no others to look for
_MOST_TYPING = 8


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

    def __init__(self, db: Database) -> None:
        """Look at ``db`` as often as its engine needs."""
        self.look_seconds = _LOOK_SECONDS[db.dialect]
        self.closed = False
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
        """Wake the listeners of ``key``."""
        for ear in self._ears.get(key, ()):
            ear.awake.set()

    def changed(self, tenant: str, handoff: str) -> None:
        """Wake whoever listens to a handoff, and the tenant's agents."""
        self.ring(handoff)
        self.ring(board_key(tenant))

    def type(self, key: str, told: dict[str, Any]) -> None:
        """Pass on that somebody is typing."""
        for ear in self._ears.get(key, ()):
            if len(ear.heard) < _MOST_TYPING:
                ear.heard.append(told)
            ear.awake.set()

    def close_all(self) -> None:
        """End every stream, so that the server can stop."""
        self.closed = True
        for ears in self._ears.values():
            for ear in ears:
                ear.awake.set()

    async def open(self) -> None:
        """Take listeners again."""
        self.closed = False

    async def close(self) -> None:
        """Wake everybody a last time."""
        self.close_all()
