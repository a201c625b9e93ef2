"""PostgreSQL databases for tests, lent to one after another and emptied in between.

Making a database of a template and connecting to it the first time takes half a second, which is ten times as long as
most tests; emptying one takes 20 ms. One whose schema a test has changed is not lent again.
"""

import asyncio
import itertools
import os

import asyncpg

_numbers = itertools.count()
_PATIENCE = "SET lock_timeout = '5s'"
_HANG_UP = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'"
_SCHEMA = """
    SELECT md5(string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), ','
        ORDER BY c.relname, a.attnum))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace"""


def on_server(server: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""

    async def run() -> None:
        connection = await asyncpg.connect(server)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def url_of(server: str, name: str) -> str:
    """Return the URL of a database of a server."""
    head, _, query = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


class Databases:
    """Copies of one migrated, empty database."""

    def __init__(self, server: str, template: str) -> None:
        """Copy ``template`` of ``server``, and know what its schema is."""
        self._server, self._template = server, template
        self._schema = asyncio.run(self._schema_of(template))
        self._free: list[str] = []

    async def _schema_of(self, name: str) -> str:
        connection = await asyncpg.connect(url_of(self._server, name))
        try:
            return str(await connection.fetchval(_SCHEMA))
        finally:
            await connection.close()

    def lend(self) -> str:
        """Return the name of an empty database that nobody else has."""
        if self._free:
            return self._free.pop()
        name = f"candor_{os.getpid()}_{next(_numbers)}"
        on_server(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY WAL_LOG")
        return name

    def take_back(self, name: str) -> None:
        """Empty a database for the next, or drop it where that can't be."""
        try:
            is_clean = asyncio.run(self._emptied(name))
        except (asyncpg.PostgresError, OSError):
            is_clean = False
        if is_clean:
            self._free.append(name)
        else:
            on_server(self._server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def _emptied(self, name: str) -> bool:
        connection = await asyncpg.connect(url_of(self._server, name))
        try:
            await connection.execute(_PATIENCE)
            await connection.execute(_HANG_UP)
            if await connection.fetchval(_SCHEMA) != self._schema:
                return False
            tables = [row[0] for row in await connection.fetch(_TABLES)]
            looks = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
            if full := [row[0] for row in await connection.fetch(" UNION ALL ".join(looks))]:
                await connection.execute(f"TRUNCATE {', '.join(full)}")
            for row in await connection.fetch(_SEQUENCES):
                await connection.execute(f"ALTER SEQUENCE {row[0]} RESTART")
            return True
        finally:
            await connection.close()

    def drop(self) -> None:
        """Drop those that nobody has."""
        for name in self._free:
            on_server(self._server, f"DROP DATABASE {name} WITH (FORCE)")
