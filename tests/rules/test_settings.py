"""docs/settings.md is what core.settings generates, and no module keeps settings of its own."""

import ast

from tests.rules.generated import SETTINGS, settings_page
from tests.rules.sources import Source, gather, planted, product


def offences(source: Source) -> list[str]:
    """Return module-level statements that build settings: they would be read at import."""
    found = []
    for statement in source.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rsplit(".", 1)[-1]
                if name == "Settings" or name.endswith("_settings"):
                    found.append(f"{source.path}:{node.lineno} builds settings at import")
    return found


def test_the_settings_page_is_the_generated_one() -> None:
    page = SETTINGS.read_text(encoding="utf-8")

    assert page == settings_page(), "docs/settings.md is stale: run `just generated`"


def test_no_module_keeps_settings() -> None:
    found = gather(*(offences(s) for s in product()))

    assert not found, found


def test_settings_at_import_are_found() -> None:
    assert offences(planted("from core.settings import Settings\nsettings = Settings()\n"))
    assert not offences(planted("def make():\n    return Settings()\n"))
