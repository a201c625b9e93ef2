"""Only core/database, and a migration, begins, commits and rolls back (docs/decisions/0001)."""

import ast
import re

from tests.rules.sources import Source, gather, planted, product

# Alembic begins and commits a migration before the service answers anyone
HOMES = ("core/database/", "migrations/")
CALLS = {"commit", "rollback", "begin", "begin_nested", "savepoint"}
FEWEST_COMMITTED = 3
TEXT = re.compile(
    r"\s*(begin(\s+(immediate|exclusive|deferred|transaction|isolation\b.*))?|start\s+transaction.*|commit"
    r"|end\s+transaction|rollback(\s+to.*)?|savepoint\s+\S+|release(\s+savepoint)?\s+\S+)\s*;?\s*",
    re.IGNORECASE,
)


def speaks_sql(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(TEXT.fullmatch(node.value))


def ends_transaction(node: ast.AST) -> str:
    """Return line and name of a transaction call; ``crypto.commit(key, id, text)`` commits to a text, not a change."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) < FEWEST_COMMITTED:
        return f"{node.lineno} calls .{node.func.attr}()" if node.func.attr in CALLS else ""
    return ""


def offences(source: Source) -> list[str]:
    if source.path.startswith(HOMES):
        return []
    spoken = source.docstrings()
    found = []
    for node in ast.walk(source.tree):
        if called := ends_transaction(node):
            found.append(f"{source.path}:{called}")
        elif speaks_sql(node) and id(node) not in spoken:
            found.append(f"{source.path}: says {ast.unparse(node)}")
    return found


def test_nothing_else_commits() -> None:
    found = gather(*(offences(s) for s in product()))

    assert not found, found


def test_a_second_way_is_found() -> None:
    assert offences(planted("async def give(tx):\n    await tx.commit()\n"))
    assert offences(planted("async def give(session):\n    async with session.begin():\n        pass\n"))
    assert offences(planted("async def give(tx):\n    await tx.execute('BEGIN IMMEDIATE')\n"))
    assert offences(planted("x = 'savepoint one'\n"))
    assert not offences(planted("seal = crypto.commit(key, entry_id, text)\n", "ledger/entries.py"))
    assert not offences(planted("x = 'begin with the end in mind'\n"))
    assert not offences(planted("connection.commit()\n", "core/database/lane.py"))
