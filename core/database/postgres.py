"""PostgreSQL through asyncpg: one connection for the writer lane, a small pool for reads.

Multi-row inserts go as one ``unnest`` statement. Nothing here uses advisory locks or needs LISTEN, so that
distributed engines speaking the same protocol stay possible.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from core.database.errors import (
    DuplicateError,
    OutcomeUnknownError,
    SerializationError,
    StoreUnavailableError,
)
from core.database.statements import Dialect, Insert
from core.database.transaction import Row

_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError, TimeoutError)
_ENDED = (
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


def _translate(error: BaseException) -> BaseException:
    if isinstance(error, asyncpg.UniqueViolationError):
        return DuplicateError()
    if isinstance(error, _AGAIN):
        return SerializationError()
    if isinstance(error, (*_LOST, *_ENDED)):
        return StoreUnavailableError()
    return error


def _changed(status: str) -> int:
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0


class PostgresConnection:
    """One connection; used by one task at a time. The lane's reconnects when it was lost."""

    dialect: Dialect = "postgresql"

    def __init__(self, store: "PostgresStore", raw: asyncpg.Connection | None) -> None:
        """Wrap ``raw``; with none, connect at the first ``begin``."""
        self._store = store
        self.raw = raw

    @property
    def _live(self) -> asyncpg.Connection:
        if self.raw is None or self.raw.is_closed():
            raise StoreUnavailableError
        return self.raw

    async def fetch(self, text: str, args: Sequence[Any]) -> Sequence[Row]:
        """Run a statement and return its rows."""
        try:
            rows: Sequence[Row] = await self._live.fetch(text, *args)
        except (asyncpg.PostgresError, *_LOST) as error:
            raise _translate(error) from error
        return rows

    async def run(self, text: str, args: Sequence[Any]) -> int:
        """Run a statement and return the number of rows it changed."""
        try:
            return _changed(await self._live.execute(text, *args))
        except (asyncpg.PostgresError, *_LOST) as error:
            raise _translate(error) from error

    async def insert(self, insert: Insert, rows: list[tuple[Any, ...]]) -> None:
        """Insert all rows with one statement: an array for each column."""
        try:
            await self._live.execute(insert.text["postgresql"], *map(list, zip(*rows, strict=True)))
        except (asyncpg.PostgresError, *_LOST) as error:
            raise _translate(error) from error

    async def begin(self) -> None:
        """Begin a transaction, reconnecting first if the connection was lost."""
        if self.raw is None or self.raw.is_closed():
            self.raw = await self._store.connect()
        await self.run("BEGIN", ())

    async def commit(self) -> None:
        """Commit. A link that breaks here leaves the outcome unknown, and says so."""
        try:
            await self._live.execute("COMMIT")
        except _LOST as error:
            raise OutcomeUnknownError from error
        except asyncpg.PostgresError as error:
            raise _translate(error) from error

    async def rollback(self) -> None:
        """Undo the open transaction; a connection that can't is thrown away."""
        if self.raw is None or self.raw.is_closed():
            return
        try:
            if self.raw.is_in_transaction():
                await self.raw.execute("ROLLBACK")
        except (asyncpg.PostgresError, *_LOST):
            self.raw.terminate()


class PostgresStore:
    """The server: where to connect, and the pool for reads."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, read_connections: int, statement_timeout_ms: int) -> None:
        """Name the server; ``open`` connects."""
        self.url = url
        self._timeout = statement_timeout_ms / 1000
        self._read_connections = read_connections
        self._settings = {"application_name": "candor", "statement_timeout": str(statement_timeout_ms)}
        # a process that is stopped or cut off in mid-transaction holds the ledger's head: the others' writes, which
        # wait a statement's time for it, must outlast it
        self._writing = {"idle_in_transaction_session_timeout": str(max(1, statement_timeout_ms // 2))}
        self._pool: asyncpg.Pool | None = None
        self._writer: PostgresConnection | None = None

    async def connect(self) -> asyncpg.Connection:
        """Open one connection to write on. Raises ``StoreUnavailableError`` if the server can't be reached in time."""
        try:
            return await asyncpg.connect(
                self.url,
                timeout=self._timeout,
                command_timeout=self._timeout,
                server_settings=self._settings | self._writing,
            )
        except (asyncpg.PostgresError, *_LOST) as error:
            raise StoreUnavailableError from error

    async def open(self) -> PostgresConnection:
        """Open the pool and return the connection that writes."""
        try:
            self._pool = await asyncpg.create_pool(
                self.url,
                min_size=1,
                max_size=self._read_connections,
                timeout=self._timeout,
                command_timeout=self._timeout,
                server_settings=self._settings,
            )
        except (asyncpg.PostgresError, *_LOST) as error:
            raise StoreUnavailableError from error
        self._writer = PostgresConnection(self, await self.connect())
        return self._writer

    async def begin_read(self) -> PostgresConnection:
        """Lend a connection with a snapshot of the records; give it back with ``end_read``."""
        if self._pool is None:
            raise StoreUnavailableError
        try:
            raw = await self._pool.acquire(timeout=self._timeout)
        except (asyncpg.PostgresError, *_LOST) as error:
            raise StoreUnavailableError from error
        connection = PostgresConnection(self, raw)
        try:
            await connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ())
        except BaseException:
            await self._pool.release(raw)
            raise
        return connection

    async def end_read(self, connection: PostgresConnection) -> None:
        """Take a lent connection back."""
        await connection.rollback()
        if self._pool is not None and connection.raw is not None:
            await self._pool.release(connection.raw)

    async def fetch(self, text: str, args: Sequence[Any]) -> Sequence[Row]:
        """Run one reading statement by itself."""
        if self._pool is None:
            raise StoreUnavailableError
        try:
            rows: Sequence[Row] = await self._pool.fetch(text, *args, timeout=self._timeout)
        except (asyncpg.PostgresError, *_LOST) as error:
            raise _translate(error) from error
        return rows

    async def close(self) -> None:
        """Close every connection."""
        if self._writer is not None and self._writer.raw is not None:
            await self._writer.raw.close(timeout=self._timeout)
        if self._pool is not None:
            try:
                async with asyncio.timeout(self._timeout):
                    await self._pool.close()
            except TimeoutError:
                self._pool.terminate()
