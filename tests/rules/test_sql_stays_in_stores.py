"""Only stores, tables, core/database and migrations import SQLAlchemy, SQLModel or a database driver."""

from tests.rules.sources import Source, gather, planted, product

LIBRARIES = {"sqlalchemy", "sqlmodel", "sqlite3", "asyncpg", "aiosqlite", "psycopg", "alembic"}
HOMES = ("core/database/", "migrations/")
ROOMS = {"store.py", "tables.py"}


def allowed(source: Source, library: str) -> bool:
    if source.path.startswith(HOMES):
        return True
    return library in {"sqlalchemy", "sqlmodel"} and source.name in ROOMS


def offences(source: Source) -> list[str]:
    return [
        f"{source.path}:{line} imports {module}"
        for module, line in source.imports()
        if (library := module.split(".")[0]) in LIBRARIES and not allowed(source, library)
    ]


def test_sql_is_written_in_stores_only() -> None:
    found = gather(*(offences(s) for s in product()))

    assert not found, found


def test_sql_elsewhere_is_found() -> None:
    assert offences(planted("from sqlmodel import select\n", "consent/service.py"))
    assert offences(planted("def f():\n    import sqlalchemy.orm\n", "consent/gate.py"))
    assert offences(planted("import sqlite3\n", "consent/store.py"))
    assert not offences(planted("from sqlmodel import select\n", "consent/store.py"))
