"""No FastAPI dependency is a generator: its last lines would run after the answer (docs/decisions/0001)."""

import ast
from collections.abc import Iterable

from tests.rules.sources import Source, gather, planted, product


def own_nodes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterable[ast.AST]:
    """Yield the nodes of a function without those of functions nested in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def generators(source: Source) -> set[str]:
    return {
        f.name for f in source.functions() if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(f))
    }


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def offences(sources: Iterable[Source]) -> list[str]:
    files = [s for s in sources if s.floor == "api"]
    yielding = set().union(*(generators(s) for s in files))
    found = []
    for source in files:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or last_name(node.func) not in {"Depends", "Security"}:
                continue
            given = [*node.args, *(k.value for k in node.keywords if k.arg == "dependency")]
            found += [
                f"{source.path}:{node.lineno} depends on the generator {last_name(g)}"
                for g in given
                if last_name(g) in yielding
            ]
    return found


def test_no_dependency_is_a_generator() -> None:
    found = gather(offences(product()))

    assert not found, found


def test_a_yielding_dependency_is_found() -> None:
    home = planted("async def session():\n    yield 1\n    await save()\n", "api/session.py")
    route = planted("Session = Annotated[int, Depends(session.session)]\n", "api/routes/choices.py")
    plain = planted("async def session():\n    return 1\n", "api/session.py")

    assert offences([home, route])
    assert not offences([plain, route])
