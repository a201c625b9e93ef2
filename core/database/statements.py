"""Statements and how they become text for each driver.

- ``Sql``: text with ``:name`` parameters, for hot statements; may differ between the two dialects.
- SQLAlchemy Core statements: compiled for the dialect, for ordinary paths.
- ``Insert``: the buffered multi-row insert of a table; on PostgreSQL one ``unnest`` statement for any number of rows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql import ClauseElement
from sqlmodel import SQLModel

Dialect = Literal["sqlite", "postgresql"]
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


@cache
def _sqlalchemy(dialect: Dialect) -> DefaultDialect:
    """Return SQLAlchemy's dialect; it is imported when the engine is used (docs/performance.md, Memory)."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 -- see above

        return sqlite.dialect()
    from sqlalchemy.dialects.postgresql import asyncpg  # noqa: PLC0415 -- see above

    return asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this one bare


@dataclass(frozen=True, slots=True)
class Prepared:
    """Text in the driver's own parameter style, and the parameters' names in order."""

    text: str
    names: tuple[str, ...]


def _prepare(text: str, dialect: Dialect) -> Prepared:
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        name = match.group(1)
        if dialect == "sqlite":
            names.append(name)
            return "?"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return Prepared(_PARAMETER.sub(place, text), tuple(names))


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement as text with ``:name`` parameters; ``postgresql`` replaces it there when given."""

    text: str
    postgresql: str | None = None
    _prepared: dict[Dialect, Prepared] = field(default_factory=dict, compare=False, repr=False)

    def prepared(self, dialect: Dialect) -> Prepared:
        """Return the driver's form, made once."""
        ready = self._prepared.get(dialect)
        if ready is None:
            text = self.postgresql if dialect == "postgresql" and self.postgresql is not None else self.text
            ready = self._prepared[dialect] = _prepare(text, dialect)
        return ready


Query = Sql | ClauseElement


def render(query: Query, params: Mapping[str, Any], dialect: Dialect) -> tuple[str, Sequence[Any]]:
    """Return the driver's text and arguments of a query. Raises ``KeyError`` for a missing parameter."""
    if isinstance(query, Sql):
        ready = query.prepared(dialect)
        return ready.text, [params[name] for name in ready.names]
    compiled = query.compile(dialect=_sqlalchemy(dialect), compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params(dict(params) if params else None) or {}
    return compiled.string, [values[name] for name in getattr(compiled, "positiontup", None) or ()]


def _array_type(column_type: object) -> str:
    for kind, name in (
        (LargeBinary, "bytea"),
        (BigInteger, "bigint"),
        (Boolean, "boolean"),
        (Integer, "integer"),
    ):
        if isinstance(column_type, kind):
            return name
    return "text"


class Insert:
    """The multi-row insert (or upsert) of one table; rows are tuples in the order of ``columns``."""

    def __init__(self, table: type[SQLModel], *, key: tuple[str, ...] = (), replace: bool = False) -> None:
        """Prepare both dialects; ``replace`` makes it an upsert on ``key`` that writes every other column."""
        declared: Table = getattr(table, "__table__")  # noqa: B009 -- SQLModel's stubs do not declare it
        self.name = declared.name
        self.columns = tuple(column.name for column in declared.columns)
        self.key = tuple(self.columns.index(name) for name in key) if replace else ()
        names = ", ".join(f'"{name}"' for name in self.columns)
        arrays = ", ".join(
            f"${place}::{_array_type(column.type)}[]" for place, column in enumerate(declared.columns, 1)
        )
        marks = ", ".join("?" for _ in self.columns)
        tail = _on_conflict(key, self.columns) if replace else ""
        # table and column names come from our own declarations, values only ever as parameters
        self.text: dict[Dialect, str] = {
            "sqlite": f'INSERT INTO "{self.name}" ({names}) VALUES ({marks}){tail}',  # noqa: S608 -- see above
            "postgresql": f'INSERT INTO "{self.name}" ({names}) SELECT * FROM unnest({arrays}){tail}',  # noqa: S608 -- see above
        }

    def settled(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Keep the last row of each key: one statement can't upsert a row twice."""
        if not self.key or len(rows) == 1:
            return rows
        return list({tuple(row[place] for place in self.key): row for row in rows}.values())


def _on_conflict(key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
    keys = ", ".join(f'"{name}"' for name in key)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {updates}"


_inserts: dict[type[SQLModel], Insert] = {}


def insert_of(table: type[SQLModel]) -> Insert:
    """Return the plain insert of a table, prepared once."""
    ready = _inserts.get(table)
    if ready is None:
        ready = _inserts[table] = Insert(table)
    return ready
