"""The one way to write (``transact``) and to read (``read``); see docs/decisions/0001.

``transact`` is the only place that begins, commits, retries and rolls back. It returns after the commit and after
caches were told, so whoever is answered afterwards can rely on both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from core.database.guard import in_transaction
from core.database.lane import Announce, Item, Lane, Prefetch
from core.database.sqlite import SqliteStore
from core.database.statements import Dialect, Query, render
from core.database.transaction import Journal, Reader, Row, Tx

if TYPE_CHECKING:
    from core.database.postgres import PostgresStore

P = ParamSpec("P")
R = TypeVar("R")
_SQLITE = "sqlite:///"


class Database:
    """An open store of records; made in the composition root and passed down."""

    def __init__(
        self,
        url: str,
        journal: Journal,
        *,
        batch_limit: int = 256,
        read_connections: int = 8,
        statement_timeout_ms: int = 5000,
    ) -> None:
        """Choose the engine by ``url`` (``sqlite:///FILE`` or ``postgresql://...``). Raises ``ValueError``."""
        self.store: SqliteStore | PostgresStore
        if url.startswith(_SQLITE):
            self.store = SqliteStore(Path(url.removeprefix(_SQLITE)))
        elif url.startswith(("postgresql://", "postgres://")):
            from core.database import postgres  # noqa: PLC0415 -- only where it is used

            self.store = postgres.PostgresStore(url, read_connections, statement_timeout_ms)
        else:
            raise ValueError("the database URL must begin with sqlite:/// or postgresql://")
        self._journal = journal
        self._batch_limit = batch_limit
        self._lane: Lane | None = None
        self._announce: Announce | None = None

    @property
    def dialect(self) -> Dialect:
        """Return which engine this is."""
        return self.store.dialect

    @property
    def lane(self) -> Lane:
        """Return the writer lane, for its counters. Raises ``RuntimeError`` before ``open``."""
        if self._lane is None:
            raise RuntimeError("the database is not open")
        return self._lane

    def on_commit(self, announce: Announce) -> None:
        """Have ``announce`` told of every batch's changes before its callers are answered; call before ``open``."""
        self._announce = announce

    async def open(self) -> None:
        """Connect and start the writer lane."""
        connection = await self.store.open()
        self._lane = Lane(connection, self._journal, self._announce, self._batch_limit)
        self._lane.start()

    async def close(self) -> None:
        """Finish what is under way and disconnect."""
        if self._lane is not None:
            await self._lane.stop()
            self._lane = None
        await self.store.close()

    async def transact(
        self, work: Callable[Concatenate[Tx, P], Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run ``work`` in a transaction and return its result after the commit.

        The work may be run more than once. Raises what the work raises, ``DuplicateError``,
        ``StoreUnavailableError`` (nothing changed) or ``OutcomeUnknownError``.
        """
        return await self.transact_prefetched((), work, *args, **kwargs)

    async def transact_prefetched(
        self,
        prefetch: Prefetch,
        work: Callable[Concatenate[Tx, P], Awaitable[R]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """HOT PATH. Like ``transact``, with the keys the work will ``load`` read together with the batch's."""
        if in_transaction.get():
            raise RuntimeError("a work must not start another transaction: pass its tx on instead")
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.lane.submit(Item(work, args, kwargs, prefetch, done))
        return await done

    async def read(
        self, work: Callable[Concatenate[Reader, P], Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run ``work`` on a consistent snapshot that it can't change, and return its result."""
        connection: Any = await self.store.begin_read()
        token = in_transaction.set(True)
        try:
            return await work(Reader(connection), *args, **kwargs)
        finally:
            in_transaction.reset(token)
            await self.store.end_read(connection)

    async def fetch(self, query: Query, /, **params: Any) -> Sequence[Row]:  # column values
        """HOT PATH. Run one reading statement by itself, without the cost of a snapshot."""
        text, args = render(query, params, self.dialect)
        return await self.store.fetch(text, args)
