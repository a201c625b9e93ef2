"""Records for whole server processes: an empty database of an engine, and a town in it."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import on_server, url_of
from tests.speed import town

_numbers = itertools.count()
MakeTown = Callable[[str], town.Town]


@pytest.fixture
def make_town(tmp_path: Path, request: pytest.FixtureRequest) -> MakeTown:
    """Make records of an engine with published purposes, an AI system and a key, but nobody in them yet."""

    def as_installed(built: town.Town) -> town.Town:
        """Have its servers keep byte code, as installed software has it; the first start writes it."""
        built.env.update(PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=str(tmp_path / "bytecode"))
        return built

    def make(engine: str) -> town.Town:
        if engine == "sqlite":
            return as_installed(town.build(tmp_path, f"sqlite:///{tmp_path / 'candor.db'}", 0))
        server: str = request.getfixturevalue("postgres_server")
        name = f"candor_journey_{os.getpid()}_{next(_numbers)}"
        on_server(server, f"CREATE DATABASE {name}")
        request.addfinalizer(lambda: on_server(server, f"DROP DATABASE {name} WITH (FORCE)"))
        return as_installed(town.build(tmp_path, url_of(server, name), 0))

    return make
