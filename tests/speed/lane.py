"""The writer lane by itself, as a program: how many works a second it makes durable.

Run as a process of its own, so that the shim of slow flushes can be preloaded into it:
``python -m tests.speed.lane URL SHAPE WRITERS SECONDS`` prints one line of JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

from consent import store
from core.database import Database, Insert, NoJournal, Tx
from core.tables import Identifier
from ledger import service as ledger
from ledger.entries import Entry
from ledger.journal import LedgerJournal

_IDENTIFIER = Insert(Identifier)
_DEK = bytes(range(32))
_AT = 1_770_000_000_000_000
_numbers = count(int(time.time() * 1_000_000))


def _rows(tx: Tx, number: int, seq: int) -> None:
    subject, choice = number.to_bytes(16, "big"), f"chc_{number:032x}"
    event: dict[str, Any] = dict.fromkeys(store.INSERT_EVENT.columns)
    event |= {"seq": seq, "id": choice, "tenant": "t", "subject": subject, "purpose": "training", "purpose_version": 1}
    event |= {"system": "*", "state": "given", "explicit": False, "actor": "subject", "method": "api"}
    event |= {"channel": "api", "gpc": False, "occurred_at": _AT, "recorded_at": _AT}
    tx.insert(store.INSERT_EVENT, tuple(event[name] for name in store.INSERT_EVENT.columns))
    state = {name: event.get(name) for name in store.UPSERT_STATE.columns} | {"choice": choice}
    tx.insert(store.UPSERT_STATE, tuple(state[name] for name in store.UPSERT_STATE.columns))


async def one_row(tx: Tx, number: int) -> None:
    """Insert one small row."""
    tx.insert(_IDENTIFIER, ("t", number.to_bytes(16, "big"), b"sealed"))


async def three_rows(tx: Tx, number: int) -> None:
    """Insert an event, the current row and a third."""
    _rows(tx, number, number)
    await one_row(tx, number)


async def with_ledger(tx: Tx, number: int) -> None:
    """Insert an event, the current row and the ledger's entry with its place in the tree."""
    subject = number.to_bytes(16, "big")
    public = {"choice": f"chc_{number:032x}", "purpose": "training", "purpose_version": 1, "state": "given"}
    _rows(tx, number, ledger.append(tx, Entry("choice.given", "t", _AT, public, subject), _DEK))


SHAPES = {"one_row": one_row, "three_rows": three_rows, "with_ledger": with_ledger}


async def run(url: str, shape: str, writers: int, seconds: float) -> dict[str, float]:
    """Return works a second, CPU microseconds a work and works a commit."""
    db = Database(url, LedgerJournal() if shape == "with_ledger" else NoJournal())
    await db.open()
    work, stop = SHAPES[shape], time.perf_counter() + seconds

    async def writer() -> None:
        while time.perf_counter() < stop:
            await db.transact(work, next(_numbers))

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(writer() for _ in range(writers)))
    took, spent = time.perf_counter() - began, time.process_time() - spent
    works, batches = db.lane.works, db.lane.batches
    await db.close()
    return {"rate": works / took, "cpu_us": spent / works * 1e6, "batch": works / batches}


def fsync_rate(folder: Path, seconds: float = 0.5) -> float:
    """Return how often in a second this process can write 4 KB and flush it."""
    path = folder / "flushed"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        os.pwrite(descriptor, b"x" * 4096, 0)
        os.fdatasync(descriptor)
        done += 1
    took = time.perf_counter() - began
    os.close(descriptor)
    path.unlink()
    return done / took


def flushes_in_a_process(folder: Path, env: dict[str, str]) -> float:
    """Return ``fsync_rate`` of a fresh process with ``env``, which may preload the shim."""
    program = f"from pathlib import Path; from tests.speed import lane; print(lane.fsync_rate(Path({str(folder)!r})))"
    command = [sys.executable, "-c", program]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **env}).stdout)


if __name__ == "__main__":
    where, how, many, long = sys.argv[1:5]
    found = asyncio.run(run(where, how, int(many), float(long)))
    if where.startswith("sqlite"):
        found["fsync"] = fsync_rate(Path(where.removeprefix("sqlite:///")).parent)
    print(json.dumps(found))
