"""A database that keeps the log, and what the tests of this room write into it."""

from collections.abc import Callable, Sequence

import pytest

from core.clock import FixedClock
from core.database import Database, Journal, Tx
from core.keys import KeyRing
from ledger import service
from ledger.entries import Entry
from ledger.journal import LedgerJournal

ORIGIN = "log.example/test"
DEKS = {bytes([n]) * 16: bytes([n + 100]) * 32 for n in range(1, 6)}


@pytest.fixture
def journal() -> Journal:
    """The real journal."""
    return LedgerJournal()


def an_entry(number: int) -> Entry:
    """An entry like those of choices; every fourth is about nobody in particular."""
    if number % 4 == 3:
        return Entry("purpose.published", "ten_a", 1_000_000 + number, {"purpose": "advice", "version": number})
    subject = bytes([number % 5 + 1]) * 16
    return Entry(
        "choice.withdrawn" if number % 3 == 0 else "choice.given",
        "ten_b" if number % 7 == 0 else "ten_a",
        1_000_000 + number,
        {"purpose": "advice", "system": "*", "note": f"choice {number} ünïcode"},
        subject=subject,
        personal={"reason": f"because {number}"},
        restrictive=number % 3 == 0,
    )


async def write(tx: Tx, entries: Sequence[Entry]) -> list[int]:
    """Append entries in one work."""
    return [service.append(tx, e, None if e.subject is None else DEKS[e.subject]) for e in entries]


@pytest.fixture
def grow(db: Database, keyring: KeyRing, clock: FixedClock) -> Callable[..., object]:
    """Append entries in works of 100, and seal at the end unless told not to."""

    async def grow(count: int, *, start: int = 0, seal: bool = True) -> None:
        for first in range(start, start + count, 100):
            last = min(first + 100, start + count)
            await db.transact(write, [an_entry(number) for number in range(first, last)])
        if seal:
            clock.advance(1_000_000)
            await db.transact(service.seal, keyring, ORIGIN, clock.now())

    return grow
