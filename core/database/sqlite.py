"""SQLite, embedded: WAL, ``synchronous=FULL``, statements inline on the loop, commits in one thread.

An indexed statement takes 2-3 us, a thread hop 20: so statements run where they are called. Only the commit, which
waits for the disk, and waiting for another process' lock go to the thread.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from core.database.errors import DuplicateError, SerializationError, StoreUnavailableError
from core.database.statements import Dialect, Insert
from core.database.transaction import Row

_CACHED_STATEMENTS = 512
_BUSY_MS = 5000
T = TypeVar("T")


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open a connection with the pragmas that durability and speed ask for."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=_CACHED_STATEMENTS, timeout=0
    )
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    if not read_only:
        # an erased person's wrapped key and sealed identifier must not stay in free pages (GDPR Art. 17)
        connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA cache_size=-16384" if not read_only else "PRAGMA cache_size=-8192")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    return connection


def _translate(error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_CONSTRAINT:
        return DuplicateError()
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return SerializationError()
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return StoreUnavailableError()
    return error


class SqliteConnection:
    """One connection; used by one task at a time."""

    dialect: Dialect = "sqlite"

    def __init__(self, raw: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        """Wrap ``raw``; ``thread`` runs what may wait."""
        self.raw = raw
        self._thread = thread

    async def fetch(self, text: str, args: Sequence[Any]) -> Sequence[Row]:
        """Run a statement and return its rows."""
        try:
            return self.raw.execute(text, args).fetchall()
        except sqlite3.Error as error:
            raise _translate(error) from error

    async def run(self, text: str, args: Sequence[Any]) -> int:
        """Run a statement and return the number of rows it changed."""
        try:
            return self.raw.execute(text, args).rowcount
        except sqlite3.Error as error:
            raise _translate(error) from error

    async def insert(self, insert: Insert, rows: list[tuple[Any, ...]]) -> None:
        """Insert all rows."""
        try:
            self.raw.executemany(insert.text["sqlite"], rows)
        except sqlite3.Error as error:
            raise _translate(error) from error

    async def begin(self) -> None:
        """Take the write lock; another process' lock is waited for off the loop."""
        self.raw.execute("PRAGMA busy_timeout=0")
        try:
            self.raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not isinstance(_translate(error), SerializationError):
                raise _translate(error) from error
        else:
            return
        self.raw.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        await self._threaded(lambda: self.raw.execute("BEGIN IMMEDIATE"))

    async def commit(self) -> None:
        """Commit and wait for the disk, off the loop."""
        await self._threaded(lambda: self.raw.execute("COMMIT"))

    async def rollback(self) -> None:
        """Undo the open transaction, if any."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")

    async def _threaded(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except sqlite3.Error as error:
            raise _translate(error) from error


class SqliteStore:
    """The file: one connection to write, a few to read."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        """Name the file; ``open`` makes it if it is not there."""
        self.path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="candor-commit")
        self._idle: list[SqliteConnection] = []
        self._all: list[SqliteConnection] = []
        self._single: SqliteConnection | None = None

    async def open(self) -> SqliteConnection:
        """Open the file and return the connection that writes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self._connect(read_only=False)

    def _connect(self, *, read_only: bool) -> SqliteConnection:
        connection = SqliteConnection(connect(self.path, read_only=read_only), self._thread)
        self._all.append(connection)
        return connection

    async def begin_read(self) -> SqliteConnection:
        """Lend a connection with a snapshot of the records; give it back with ``end_read``."""
        connection = self._idle.pop() if self._idle else self._connect(read_only=True)
        connection.raw.execute("BEGIN")
        return connection

    async def end_read(self, connection: SqliteConnection) -> None:
        """Take a lent connection back."""
        connection.raw.execute("ROLLBACK")
        self._idle.append(connection)

    async def fetch(self, text: str, args: Sequence[Any]) -> Sequence[Row]:
        """Run one reading statement by itself."""
        return self.peek(text, args)

    def peek(self, text: str, args: Sequence[Any]) -> Sequence[Row]:
        """HOT PATH. Run one reading statement by itself, here and now (3 us)."""
        if self._single is None:
            self._single = self._connect(read_only=True)
        try:
            return self._single.raw.execute(text, args).fetchall()
        except sqlite3.Error as error:
            raise _translate(error) from error

    async def close(self) -> None:
        """Close every connection and the thread."""
        for connection in self._all:
            connection.raw.close()
        self._all.clear()
        self._idle.clear()
        self._single = None
        self._thread.shutdown(wait=True)
