"""Fixtures of the benchmarks, and the table of goals and figures at the end of the run."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.speed import harness, town

PEOPLE = 100_000


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print goal and figure side by side."""
    if not harness.FIGURES:
        return
    terminalreporter.section("goals and figures")
    for one in harness.FIGURES:
        verdict = {True: "met", False: "MISSED", None: ""}[one.met]
        terminalreporter.write_line(f"{one.what:<74} goal {one.goal:<34} {one.figure:<44} {verdict}")


@pytest.fixture(scope="session")
def wrk_script(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write a wrk script and return its path."""
    folder = tmp_path_factory.mktemp("wrk")

    def write(text: str) -> Path:
        path = folder / f"{abs(hash(text))}.lua"
        path.write_text(text)
        return path

    return write


@pytest.fixture(scope="session")
def new_postgres(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Make an empty database on the tests' server and return its URL."""
    from tests.databases import on_server, url_of

    made: list[str] = []
    on_server(postgres_server, "ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()")  # what is measured is durable

    def make(name: str) -> str:
        on_server(postgres_server, f"CREATE DATABASE {name}")
        made.append(name)
        return url_of(postgres_server, name)

    yield make
    for name in made:
        on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def a_town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_postgres: Callable[[str], str]
) -> town.Town:
    """A database with 100,000 people who gave three consents each."""
    folder = tmp_path_factory.mktemp(f"town_{request.param}")
    url = f"sqlite:///{folder / 'candor.db'}" if request.param == "sqlite" else new_postgres("speed_town")
    return town.build(folder, url, PEOPLE)
