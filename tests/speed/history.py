"""A database with a long past: millions of events, ten of each person over two purposes, written by the engine itself.

A person's events lie far apart, as they do where years lie between them. The ledger's entries are left out: no read
that is measured here touches them.
"""

import asyncio
import hashlib
import sqlite3
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import dialect as postgres_dialect
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.schema import CreateIndex, DropIndex

from consent.tables import ChoiceEvent
from migrations import run as migrations

TENANT = "default"
EACH = 10  # events of a person
START = 1_700_000_000_000_000  # the first event's instant; one a millisecond
_DIALECTS: dict[str, Any] = {"sqlite": sqlite_dialect(), "postgresql": postgres_dialect()}  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this one bare
_SPELLED = {
    "sqlite": {
        "series": "WITH RECURSIVE series(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM series WHERE i + 1 < {end})",
        "from": "series",
        "subject": "pseudonym(i % {people})",
        "id": "printf('%032x', i)",
        "key": "zeroblob(40)",
    },
    "postgresql": {
        "series": "",
        "from": "generate_series({start}::bigint, {end} - 1) AS i",
        "subject": "decode(md5((i % {people})::text), 'hex')",
        "id": "lpad(to_hex(i), 32, '0')",
        "key": "decode(repeat('00', 40), 'hex')",
    },
}
_EVENTS = """INSERT INTO choice_event (seq, id, tenant, subject, purpose, purpose_version, system, state, explicit,
 actor, actor_ref, method, channel, notice_version, notice_hash, locale, gpc, occurred_at, recorded_at, receipt)
 {series} SELECT i, 'chc_' || {id}, 'default', {subject}, CASE (i / {people}) % 2 WHEN 0 THEN 'training' ELSE 'chat'
 END, 1, '*', CASE (i / {people}) % 4 WHEN 0 THEN 'given' WHEN 1 THEN 'given' ELSE 'renewed' END, false, 'subject',
 'key', 'api', 'api', 'notice-1', '{hash}', 'en', false, {at} + i * 1000, {at} + i * 1000, 'rcp_' || {id} FROM {from}"""
_STATES = """INSERT INTO choice_state (subject, tenant, purpose, system, state, explicit, actor, gpc, choice, seq,
 purpose_version, notice_version, recorded_at, receipt) SELECT subject, tenant, purpose, system, state, explicit, actor,
 gpc, id, seq, purpose_version, notice_version, recorded_at, receipt FROM choice_event WHERE seq >= {people} * 8"""
_KEYS = """INSERT INTO subject_key (tenant, subject, space, kek_id, wrapped, created_at)
 {series} SELECT 'default', {subject}, 'customer', 'kek', {key}, {at} FROM {from}"""


def pseudonym(number: int) -> bytes:
    """Return the pseudonym of person ``number``."""
    return hashlib.md5(str(number).encode(), usedforsecurity=False).digest()


def statements(engine: str, events: int) -> list[str]:
    """Return what fills a database, its indexes made last."""
    people, spelled = events // EACH, _SPELLED[engine]
    made: list[str] = []
    table: Table = ChoiceEvent.__table__  # type: ignore[attr-defined]  # SQLModel's stubs do not declare it
    dialect: Any = _DIALECTS[engine]
    made += [str(DropIndex(index).compile(dialect=dialect)) for index in table.indexes]
    for text, end in ((_EVENTS, events), (_STATES, events), (_KEYS, people)):
        numbers = {"start": 0, "end": end, "people": people, "at": START, "hash": "ab" * 32}
        parts = {name: part.format(**numbers) for name, part in spelled.items()}
        made.append(text.format(**parts, **numbers))
    made += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    return [*made, "ANALYZE" if engine == "sqlite" else "VACUUM ANALYZE"]


def fill(url: str, events: int) -> None:
    """Make the schema at ``url`` and write ``events`` events, the current rows and keys that go with them."""
    migrations.upgrade(url)
    if url.startswith("sqlite"):
        _fill_sqlite(url.removeprefix("sqlite:///"), statements("sqlite", events))
    else:
        asyncio.run(_fill_postgres(url, statements("postgresql", events)))


def _fill_sqlite(path: str, wanted: list[str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_function("pseudonym", 1, pseudonym, deterministic=True)
    for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-1000000", *wanted):
        connection.execute(statement).fetchall()
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.close()


async def _fill_postgres(url: str, wanted: list[str]) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET maintenance_work_mem = '1GB'; SET synchronous_commit = off")
    for statement in wanted:
        await connection.execute(statement)
    await connection.close()
