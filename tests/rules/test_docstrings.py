"""Every module says in its docstring what it knows."""

import ast

from tests.rules.sources import Source, gather, planted, product, suite

FEWEST_WORDS = 4


def offences(source: Source) -> list[str]:
    if source.name == "__init__.py" and not source.tree.body:
        return []
    said = ast.get_docstring(source.tree) or ""
    return [] if len(said.split()) >= FEWEST_WORDS else [f"{source.path}: no docstring"]


def test_every_module_says_what_it_knows() -> None:
    found = gather(*(offences(s) for s in product() + suite()))

    assert not found, found


def test_a_silent_module_is_found() -> None:
    assert offences(planted("x = 1\n"))
    assert offences(planted('"""Module."""\n'))
    assert not offences(planted('"""Knows when a receipt ends."""\n'))
    assert not offences(planted("", "consent/__init__.py"))
