"""The floors on disk are the floors that are linted, type-checked and shipped (docs/decisions/0002)."""

import configparser
import tomllib
from typing import Any

from tests.rules.sources import FLOORS, ROOT


def settings() -> dict[str, Any]:
    tool: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return tool


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser


def difference(name: str, listed: list[str], floors: tuple[str, ...] = FLOORS) -> list[str]:
    """Return one line when a list and the floors differ."""
    missing, extra = set(floors) - set(listed), set(listed) - set(floors)
    return [f"{name}: missing {sorted(missing)}, extra {sorted(extra)}"] if missing or extra else []


def test_every_folder_with_code_is_a_floor() -> None:
    on_disk = [p.parent.name for p in ROOT.glob("*/__init__.py")]

    assert not difference("folders", on_disk)


def test_every_floor_is_linted_typed_and_shipped() -> None:
    tool = settings()
    roots = contracts()["importlinter"]["root_packages"].split()

    found = (
        difference("import-linter", roots)
        + difference("wheel", tool["hatch"]["build"]["targets"]["wheel"]["packages"])
        + difference("mypy", [f for f in tool["mypy"]["files"] if f != "tests"])
        + difference("ruff", tool["ruff"]["lint"]["isort"]["known-first-party"])
        + difference("deptry", [f for f in tool["deptry"]["known_first_party"] if f != "tests"])
    )
    assert not found, found


def test_every_floor_but_the_cellar_is_a_layer() -> None:
    layers = contracts()["importlinter:contract:floors"]["layers"].replace("|", " ").split()

    assert not difference("layers", [*layers, "migrations"])


def test_a_forgotten_floor_is_found() -> None:
    assert difference("wheel", [f for f in FLOORS if f != "ledger"])
    assert difference("wheel", [*FLOORS, "extras"])
