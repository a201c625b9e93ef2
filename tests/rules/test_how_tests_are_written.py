"""Tests are plain functions in folders without __init__.py, and replace nothing of ours behind its back."""

import ast

from tests.rules.sources import ROOT, Source, gather, planted, suite


def offences(source: Source) -> list[str]:
    found = [
        f"{source.path}:{node.lineno} class {node.name}"
        for node in source.tree.body
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
    ]
    found += [
        f"{source.path}:{line} imports {module}"
        for module, line in source.imports()
        if module.startswith(("unittest", "mock.", "pytest_mock"))
    ]
    return found


def test_tests_are_functions_without_patches() -> None:
    found = gather(*(offences(s) for s in suite()))

    assert not found, found


def test_no_test_folder_is_a_package() -> None:
    """A package `tests/consent` would shadow the room `consent`."""
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_classes_and_patches_are_found() -> None:
    assert offences(planted("class TestGive:\n    pass\n", "tests/consent/test_give.py"))
    assert offences(planted("from unittest.mock import patch\n", "tests/consent/test_give.py"))
    assert not offences(planted("from hypothesis import given\n", "tests/consent/test_give.py"))
