"""The steps give exactly the declared tables on both databases, and can be undone."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, create_engine, inspect, pool
from sqlmodel.sql.sqltypes import AutoString

from migrations import run
from migrations.tables import metadata
from tests.databases import on_server, url_of


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"candor_empty_{uuid4().hex}"
    on_server(server, f"CREATE DATABASE {name}")
    yield url_of(server, name)
    on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _on(url: str, act: Callable[[Connection], Any]) -> Any:
    if not url.startswith("sqlite"):
        return asyncio.run(run._on_postgres(url, act))
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        found = act(connection)
    engine.dispose()
    return found


def _type_differs(_: object, __: object, ___: object, found: object, declared: object) -> bool | None:
    """Text is text, whatever SQLModel calls it; all else as Alembic compares it."""
    return not isinstance(found, String) if isinstance(declared, AutoString) else None


def test_the_steps_give_the_declared_tables(empty_url: str) -> None:
    run.upgrade(empty_url)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": _type_differs})
        return list(compare_metadata(context, metadata))

    assert _on(empty_url, differences) == []
    assert run.current(empty_url) == run.head()


def test_the_newest_step_is_the_one_alembic_names() -> None:
    assert run.head() == ScriptDirectory.from_config(run._configured()).get_current_head()


def test_applying_the_steps_again_changes_nothing(empty_url: str) -> None:
    run.upgrade(empty_url)
    run.upgrade(empty_url)

    assert run.current(empty_url) == run.head()


def test_every_step_can_be_undone(empty_url: str) -> None:
    run.upgrade(empty_url)

    _on(empty_url, lambda connection: command.downgrade(run._configured(connection), "base"))

    assert set(_on(empty_url, lambda connection: inspect(connection).get_table_names())) <= {"alembic_version"}


def test_current_rows_lie_in_their_key_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    run.upgrade(url)

    [text] = _on(
        url,
        lambda connection: (
            connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'choice_state'").scalars().all()
        ),
    )
    assert "WITHOUT ROWID" in text
