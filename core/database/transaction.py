"""What a work sees: ``Reader`` to read, ``Tx`` to read and write inside one savepoint of a group commit.

Rows a work adds are buffered and written as multi-row statements for the whole batch. Before any direct statement
the buffer is flushed, so a work reads its own writes. ``load`` reads through the batch: keys announced with
``prefetch`` are fetched for all works in one statement, and later works see what earlier ones ``remember``-ed.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

from sqlalchemy import Boolean
from sqlalchemy.sql import ClauseElement
from sqlmodel import SQLModel

from core.database.errors import BatchError
from core.database.statements import Dialect, Insert, Query, insert_of, render

Row = Sequence[Any]
T = TypeVar("T", bound=SQLModel)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Connection(Protocol):
    """One driver connection: text in the driver's parameter style, rows as tuples."""

    dialect: Dialect

    async def fetch(self, text: str, args: Sequence[Any]) -> Sequence[Row]:
        """Run a statement and return its rows."""
        ...

    async def run(self, text: str, args: Sequence[Any]) -> int:
        """Run a statement and return the number of rows it changed."""
        ...

    async def insert(self, insert: Insert, rows: list[tuple[Any, ...]]) -> None:
        """Insert all rows in as few statements as the driver allows."""
        ...


class Change(NamedTuple):
    """One committed ledger entry, as announced to caches: ``restrictive`` means an answer may have turned to no."""

    seq: int
    tenant: str
    subject: bytes | None
    kind: str
    restrictive: bool


class Journal(Protocol):
    """The ledger as the lane sees it: locked once when a batch starts, written once before it commits."""

    async def lock(self, tx: "Tx") -> None:
        """Lock and read the head; from here to the commit no other batch writes."""
        ...

    def mark(self) -> int:
        """Return a point to which ``rewind`` can go back when a work fails."""
        ...

    def rewind(self, mark: int) -> None:
        """Forget what was appended since ``mark``."""
        ...

    async def flush(self, tx: "Tx") -> None:
        """Write pending entries and the new head."""
        ...

    def changes(self) -> Sequence[Change]:
        """Return what the present batch appended, in order."""
        ...


class NoJournal:
    """A journal that records nothing: for tests of the engine alone."""

    async def lock(self, tx: "Tx") -> None:
        """Do nothing."""

    def mark(self) -> int:
        """Return the only point there is."""
        return 0

    def rewind(self, mark: int) -> None:
        """Do nothing."""

    async def flush(self, tx: "Tx") -> None:
        """Do nothing."""

    def changes(self) -> Sequence[Change]:
        """Return nothing."""
        return ()


class Reader:
    """A consistent view of the records; it can't write."""

    def __init__(self, connection: Connection) -> None:
        """Read through ``connection``."""
        self._connection = connection
        self.dialect: Dialect = connection.dialect

    async def rows(self, query: Query, /, **params: Any) -> Sequence[Row]:
        """Return all rows of ``query``; columns by index."""
        text, args = render(query, params, self.dialect)
        return await self._connection.fetch(text, args)

    async def row(self, query: Query, /, **params: Any) -> Row | None:
        """Return the first row of ``query``, or nothing."""
        found = await self.rows(query, **params)
        return found[0] if found else None

    async def all(self, query: ClauseElement) -> list[Any]:
        """Return the rows of ``select(Table)`` as instances of ``Table``."""
        table: type[SQLModel] = query.column_descriptions[0]["entity"]  # type: ignore[attr-defined]  # Select has it
        return [instance(table, row) for row in await self.rows(query)]

    async def one(self, query: ClauseElement) -> Any:
        """Return the first row of ``select(Table)`` as an instance, or ``None``."""
        found = await self.all(query)
        return found[0] if found else None


def instance(table: type[T], row: Row) -> T:
    """Make a ``table`` instance from a driver row whose columns stand in the table's order."""
    columns = getattr(table, "__table__").columns  # noqa: B009 -- SQLModel's stubs do not declare it
    values = {
        column.name: bool(value) if value is not None and isinstance(column.type, Boolean) else value
        for column, value in zip(columns, row, strict=True)
    }
    return cast("T", table.model_construct(None, **values))


class Loader(Generic[K, V]):
    """How to read many keys at once: ``fetch`` returns what it found, ``absent`` stands for the rest."""

    def __init__(self, fetch: Callable[[Reader, list[K]], Awaitable[dict[K, V]]], absent: V) -> None:
        """Take the reading function, and the value of a key that is not there."""
        self.fetch = fetch
        self.absent = absent


class Batch:
    """What the works of one commit share: the connection, buffered rows and loaded values."""

    def __init__(self, connection: Connection, journal: Journal) -> None:
        """Start empty."""
        self.connection = connection
        self.journal = journal
        self.rows: dict[Insert, list[tuple[Any, ...]]] = {}
        self.loaded: dict[Any, dict[Any, Any]] = {}

    async def flush(self) -> None:
        """Write the buffered rows."""
        if self.rows:
            pending, self.rows = self.rows, {}
            for insert, rows in pending.items():
                if rows:
                    await self.connection.insert(insert, insert.settled(rows))


class Tx(Reader):
    """One work's transaction: what it writes counts only together with all the rest of the work."""

    def __init__(self, batch: Batch, *, savepoint: bool = True) -> None:
        """Write into ``batch``; without ``savepoint`` (the lane's own statements) a failure fails the batch."""
        super().__init__(batch.connection)
        self._batch = batch
        self._own: dict[Insert, int] = {}
        self._before: list[tuple[Any, Any, bool, Any]] = []
        self._mark = batch.journal.mark()
        self._savepoint = not savepoint

    @property
    def journal(self) -> Journal:
        """Return the batch's journal; ``ledger.service.append`` writes to it."""
        return self._batch.journal

    def add(self, row: SQLModel) -> None:
        """Insert one row of its table, with the rest of the batch."""
        insert = insert_of(type(row))
        self.insert(insert, tuple(getattr(row, name) for name in insert.columns))

    def insert(self, insert: Insert, row: tuple[Any, ...]) -> None:
        """HOT PATH. Buffer one row, its values in the order of ``insert.columns``."""
        rows = self._batch.rows.get(insert)
        if rows is None:
            rows = self._batch.rows[insert] = []
        if insert not in self._own:
            self._own[insert] = len(rows)
        rows.append(row)

    async def rows(self, query: Query, /, **params: Any) -> Sequence[Row]:
        """Return all rows of ``query``, seeing this work's own writes."""
        await self._direct()
        return await super().rows(query, **params)

    async def execute(self, query: Query, /, **params: Any) -> int:
        """Run an update or delete and return the number of rows it changed."""
        await self._direct()
        self._batch.loaded.clear()
        text, args = render(query, params, self.dialect)
        return await self._connection.run(text, args)

    async def load(self, loader: Loader[K, V], key: K) -> V:
        """Return the value of ``key``, from the batch's prefetch or by reading it now."""
        values = self._batch.loaded.get(loader)
        if values is not None and key in values:
            found: V = values[key]
            return found
        fetched = await loader.fetch(self, [key])
        value = fetched.get(key, loader.absent)
        self._batch.loaded.setdefault(loader, {})[key] = value
        return value

    def remember(self, loader: Loader[K, V], key: K, value: V) -> None:
        """Let later works of the batch load ``value``: call it with every write that changes what ``load`` gives."""
        values = self._batch.loaded.setdefault(loader, {})
        self._before.append((loader, key, key in values, values.get(key)))
        values[key] = value

    async def _direct(self) -> None:
        """Prepare for a direct statement: others' rows first, then this work's savepoint, then its own rows."""
        if not self._savepoint:
            own = self._take_own()
            try:
                await self._batch.flush()
            except Exception as error:
                raise BatchError from error
            await self._connection.run("SAVEPOINT work", ())
            self._savepoint = True
            self._batch.rows = own
        self._own = {}
        await self._batch.flush()

    def _take_own(self) -> dict[Insert, list[tuple[Any, ...]]]:
        own: dict[Insert, list[tuple[Any, ...]]] = {}
        for insert, start in self._own.items():
            rows = self._batch.rows[insert]
            own[insert] = rows[start:]
            del rows[start:]
        return own

    async def keep(self) -> None:
        """End the work well: what it wrote stays in the batch."""
        if self._savepoint:
            await self._connection.run("RELEASE SAVEPOINT work", ())

    async def drop(self) -> None:
        """End the work badly: nothing of it remains in the batch."""
        self._take_own()
        self._batch.journal.rewind(self._mark)
        for loader, key, was_there, value in reversed(self._before):
            values = self._batch.loaded.get(loader)
            if values is not None and was_there:
                values[key] = value
            elif values is not None:
                values.pop(key, None)
        if self._savepoint:
            self._batch.rows.clear()  # only this work's rows can be here: _direct flushed all others'
            self._batch.loaded.clear()
            await self._connection.run("ROLLBACK TO SAVEPOINT work", ())
            await self._connection.run("RELEASE SAVEPOINT work", ())
