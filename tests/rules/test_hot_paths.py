"""A hot path says so in its first line, with its budget, and builds no ORM rows."""

import ast
import re

from tests.rules.sources import Source, gather, planted, product

PLACES = {"consent/gate.py", "api/fastlane.py"}
FIRST_LINE = re.compile(r"HOT PATH\b.*\d")


def offences(source: Source) -> list[str]:
    said = (ast.get_docstring(source.tree) or "").split("\n\n")[0].replace("\n", " ")
    hot = "HOT PATH" in said
    found = []
    if source.path in PLACES and not FIRST_LINE.search(said):
        found.append(f"{source.path}: the docstring does not open with HOT PATH and a figure")
    if hot or source.path in PLACES:
        found += [
            f"{source.path}:{line} imports {module}"
            for module, line in source.imports()
            if module.split(".")[0] in {"sqlmodel", "sqlalchemy"} or "tables" in module.split(".")
        ]
    return found


def test_hot_paths_say_so_and_build_no_rows() -> None:
    found = gather(*(offences(s) for s in product()))

    assert not found, found


def test_a_silent_or_slow_hot_path_is_found() -> None:
    assert offences(planted('"""The gate."""\n', "consent/gate.py"))
    assert offences(planted('"""HOT PATH. 3 us."""\nfrom consent import tables\n', "consent/gate.py"))
    assert not offences(planted('"""HOT PATH. 3 us warm."""\n', "consent/gate.py"))
