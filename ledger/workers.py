"""Re-hashing on all cores: child processes read and hash ranges of a sound log, each over its own connection.

Only the plainly right case is done here. If any range has anything wrong, the caller goes over the whole log in order
and names it; so there is one place that judges, and this one only saves time.
"""

import asyncio
import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from core.database import Database, NoJournal, Reader
from ledger import store
from ledger.audit import Part, rehash
from ledger.tiles import TILE_WIDTH

CHUNK = 16 * TILE_WIDTH
_RANGES_EACH = 4


def ranges(size: int, workers: int) -> list[tuple[int, int]]:
    """Divide entries 0 to ``size`` into runs of whole chunks, a few for each worker."""
    chunks = -(-size // CHUNK)
    each = max(1, -(-chunks // (workers * _RANGES_EACH))) * CHUNK
    return [(start, min(start + each, size)) for start in range(0, size, each)]


async def _rehash_all(tx: Reader, start: int, end: int, sizes: Sequence[int]) -> list[Part]:
    parts = []
    for first in range(start, end, CHUNK):
        last = min(first + CHUNK, end)
        parts.append(rehash(await store.entry_rows(tx, first, last), first, last, sizes))
    return parts


async def _open_and_rehash(url: str, start: int, end: int, sizes: Sequence[int]) -> list[Part]:
    db = Database(url, NoJournal())
    await db.open()
    try:
        return await db.read(_rehash_all, start, end, sizes)
    finally:
        await db.close()


def _in_child(url: str, start: int, end: int, sizes: Sequence[int]) -> list[Part]:
    return asyncio.run(_open_and_rehash(url, start, end, sizes))


async def rehash_on_all_cores(url: str, size: int, sizes: Sequence[int], workers: int) -> list[Part]:
    """Re-hash entries 0 to ``size`` of the database at ``url``; return a part for each ``CHUNK`` of entries."""
    # forking is cheap but safe only without other threads; a fresh interpreter takes half a second to start
    method = "fork" if threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods() else "spawn"
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(method)) as pool:
        parts = await asyncio.gather(
            *(loop.run_in_executor(pool, _in_child, url, *span, sizes) for span in ranges(size, workers))
        )
    return [part for several in parts for part in several]
