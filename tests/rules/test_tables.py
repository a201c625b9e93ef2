"""Tables keep real annotations, and migrations know tables only (docs/decisions/0007)."""

from tests.rules.sources import FLOORS, Source, gather, planted, product


def postponed(source: Source) -> list[str]:
    """SQLModel reads annotations while the class is made; postponed ones break relationships."""
    if source.name != "tables.py":
        return []
    return [
        f"{source.path}:{line} postpones annotations"
        for module, line in source.imports()
        if module == "__future__.annotations"
    ]


def upstairs(source: Source) -> list[str]:
    """Return what a migration imports beside tables and the database's own naming."""
    if source.floor != "migrations":
        return []
    found = []
    for module, line in source.imports():
        parts = module.split(".")
        if parts[0] in FLOORS and parts[0] not in {"core", "migrations"} and "tables" not in parts:
            found.append(f"{source.path}:{line} imports {module}")
    return found


def test_no_tables_file_postpones_annotations() -> None:
    found = gather(*(postponed(s) for s in product()))

    assert not found, found


def test_migrations_know_tables_only() -> None:
    found = gather(*(upstairs(s) for s in product()))

    assert not found, found


def test_both_are_found() -> None:
    assert postponed(planted("from __future__ import annotations\n", "consent/tables.py"))
    assert not postponed(planted("from __future__ import annotations\n", "consent/store.py"))
    assert upstairs(planted("from consent import service\n", "migrations/env.py"))
    assert not upstairs(planted("from consent import tables\n", "migrations/env.py"))
