"""HOT PATH. The writer lane: concurrent works committed together, each all or nothing (docs/decisions/0003).

- A batch locks the ledger's head first, so batches of all replicas follow one another and sequences have no gaps.
- Each work runs alone inside the batch; a domain error drops that work only.
- If the batch as a whole fails (a constraint found at the flush, a serialization failure), each work is run again
  alone, so that one can't fail the others.
- A caller is answered only after the commit, and after the announcement to caches.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.database.errors import BatchError, OutcomeUnknownError, SerializationError, StoreUnavailableError
from core.database.guard import in_transaction
from core.database.transaction import Batch, Change, Connection, Journal, Loader, Tx
from core.errors import DomainError

Announce = Callable[[Sequence[Change]], Awaitable[None]]
Prefetch = Sequence[tuple[Loader[Any, Any], Any]]
_ATTEMPTS = 5
_PATIENCE = 0.002  # seconds a batch waits for as many works as the last ones had


class WriteConnection(Connection, Protocol):
    """A connection that can begin, commit and roll back; the lane owns it."""

    async def begin(self) -> None:
        """Begin a write transaction, reconnecting if need be."""
        ...

    async def commit(self) -> None:
        """Make the transaction durable. Raises ``OutcomeUnknownError`` if the link broke meanwhile."""
        ...

    async def rollback(self) -> None:
        """Undo the transaction if one is open."""
        ...


@dataclass(slots=True, eq=False)
class Item:
    """One work waiting for its commit."""

    work: Callable[..., Awaitable[Any]]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    prefetch: Prefetch
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    attempts: int = 0

    def settle(self) -> None:
        """Answer the caller, unless he has gone away."""
        if self.done.done():
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)

    def fail(self, error: BaseException) -> None:
        """Answer the caller with an error."""
        self.error = error
        self.settle()


def _settle_all(items: list[Item]) -> None:
    for item in items:
        item.settle()


class Lane:
    """Takes works from any number of tasks and commits them in batches on one connection."""

    def __init__(self, connection: WriteConnection, journal: Journal, announce: Announce | None, limit: int) -> None:
        """Commit at most ``limit`` works at once; ``announce`` runs after each commit."""
        self._connection = connection
        self._journal = journal
        self._announce = announce
        self._limit = limit
        self._waiting: deque[Item] = deque()
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._telling: set[asyncio.Task[None]] = set()
        self._usual = 0  # works that came together lately; 0 or 1: nobody is waited for
        self._company = asyncio.Event()
        self.batches = 0
        self.works = 0

    def start(self) -> None:
        """Start taking works."""
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name="candor-lane")

    async def stop(self) -> None:
        """Finish the batch under way, refuse what still waits, and end."""
        if self._task is not None:
            self._stopping = True
            self._awake.set()
            self._company.set()
            await self._task
            await asyncio.gather(*self._telling, return_exceptions=True)
            self._task = None
        while self._waiting:
            self._waiting.popleft().fail(StoreUnavailableError("Candor is shutting down."))

    def submit(self, item: Item) -> None:
        """Queue a work."""
        if self._task is None or self._stopping:
            item.fail(StoreUnavailableError("The store is not open."))
            return
        self._waiting.append(item)
        self._awake.set()
        if len(self._waiting) >= self._usual:
            self._company.set()

    async def _run(self) -> None:
        in_transaction.set(True)
        while True:
            await self._awake.wait()
            if len(self._waiting) < self._usual:
                await self._gather()
            if self._stopping:
                return
            batch = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
            if not self._waiting:
                self._awake.clear()
            batch = [item for item in batch if not item.done.done()]
            if batch:
                await self._settle(batch)

    async def _gather(self) -> None:
        """Wait a moment for company: a commit costs as much for one work as for many.

        Without it the first of many callers that were answered together is committed alone, and all others wait.
        """
        if self._stopping:
            return
        self._company.clear()
        timer = asyncio.get_running_loop().call_later(_PATIENCE, self._company.set)
        await self._company.wait()
        timer.cancel()

    async def _settle(self, batch: list[Item]) -> None:
        again = await self._commit(batch)
        while again:
            item = again.pop(0)
            again.extend(await self._commit([item]))

    async def _commit(self, items: list[Item]) -> list[Item]:
        """Commit a batch; return the works that have to be run again alone."""
        batch = Batch(self._connection, self._journal)
        try:
            await self._connection.begin()
            await self._journal.lock(Tx(batch, savepoint=False))
            await self._prefetch(batch, items)
            for item in items:
                await self._work(batch, item)
            await self._journal.flush(Tx(batch, savepoint=False))
            await batch.flush()
            await self._connection.commit()
        except (OutcomeUnknownError, StoreUnavailableError) as error:
            await self._connection.rollback()
            for item in items:
                item.fail(error)
            return []
        except Exception as error:  # noqa: BLE001 -- the boundary of the lane: each caller gets the error of his own work
            await self._connection.rollback()
            return self._retry(items, error)
        self._usual = (self._usual + len(items)) // 2
        self.batches += 1
        self.works += len(items)
        changes = tuple(self._journal.changes())
        if changes and self._announce is not None:
            task = asyncio.create_task(self._tell(changes, items))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
        else:
            _settle_all(items)
        return []

    async def _tell(self, changes: Sequence[Change], items: list[Item]) -> None:
        """Announce and answer while the lane is already at the next batch."""
        try:
            if self._announce is not None:
                await self._announce(changes)
        except Exception as error:  # noqa: BLE001 -- saved, but caches may not know: nobody is told that all is well
            for item in items:
                item.fail(error if isinstance(error, DomainError) else OutcomeUnknownError())
        else:
            _settle_all(items)

    @staticmethod
    def _retry(items: list[Item], error: Exception) -> list[Item]:
        if len(items) > 1:
            return items
        item = items[0]
        item.attempts += 1
        if isinstance(error, SerializationError):
            if item.attempts < _ATTEMPTS:
                return items
            error = StoreUnavailableError("The records are busy. Nothing was changed; try again shortly.")
        item.fail(error)
        return []

    async def _prefetch(self, batch: Batch, items: list[Item]) -> None:
        wanted: dict[Loader[Any, Any], dict[Any, None]] = {}
        for item in items:
            for loader, key in item.prefetch:
                wanted.setdefault(loader, {})[key] = None
        reader = Tx(batch, savepoint=False)
        for loader, keys in wanted.items():
            found = await loader.fetch(reader, list(keys))
            batch.loaded[loader] = {key: found.get(key, loader.absent) for key in keys}

    @staticmethod
    async def _work(batch: Batch, item: Item) -> None:
        tx = Tx(batch)
        item.error = None
        try:
            item.result = await item.work(tx, *item.args, **item.kwargs)
        except (BatchError, SerializationError, StoreUnavailableError, OutcomeUnknownError):
            raise
        except Exception as error:  # noqa: BLE001 -- a failing work is dropped alone and its caller told
            await tx.drop()
            item.error = error if isinstance(error, DomainError) else _with_note(error, item)
        else:
            await tx.keep()


def _with_note(error: Exception, item: Item) -> Exception:
    error.add_note(f"raised by the work {getattr(item.work, '__qualname__', item.work)!s}")
    return error
