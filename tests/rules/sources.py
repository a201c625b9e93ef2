"""Knows the files of this repository: each read and parsed once, for the rules in this folder."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = (
    "api",
    "jobs",
    "oversight",
    "consent",
    "disclosures",
    "explanations",
    "handoff",
    "ledger",
    "core",
    "migrations",
)
SKIPPED = {".venv", ".git", "__pycache__", "var", "dist", "build", ".hypothesis", ".schemathesis"}


def kept(path: Path) -> bool:
    """Return whether a path is part of the work: not a cache, an environment or a build."""
    parts = path.relative_to(ROOT).parts
    return not any(part in SKIPPED or part.endswith(("_cache", ".egg-info")) for part in parts)


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root with forward slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Return the parsed module."""
        return ast.parse(self.text, filename=self.path)

    @property
    def floor(self) -> str:
        """Return the top folder."""
        return self.path.split("/", 1)[0]

    @property
    def name(self) -> str:
        """Return the file's own name."""
        return self.path.rsplit("/", 1)[-1]

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Return every function and method, nested ones included."""
        return [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]

    def imports(self) -> list[tuple[str, int]]:
        """Return every imported module, dotted, with its line; ``from a import b`` gives ``a.b``."""
        found: list[tuple[str, int]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
                found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
        return found

    def docstrings(self) -> set[int]:
        """Return the ids of the constant nodes that are docstrings."""
        homes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        found: set[int] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, homes) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    found.add(id(first.value))
        return found


def planted(text: str, path: str = "consent/service.py") -> Source:
    """Return an example that breaks a rule, as if it stood at ``path``: each rule shows that it can fail."""
    return Source(path, text)


@cache
def _python(folder: str) -> tuple[Source, ...]:
    files = sorted(p for p in (ROOT / folder).rglob("*.py") if kept(p))
    return tuple(Source(p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in files)


def product() -> tuple[Source, ...]:
    """Return every Python file that ships."""
    return tuple(source for floor in FLOORS for source in _python(floor))


def suite() -> tuple[Source, ...]:
    """Return every Python file under tests."""
    return _python("tests")


@cache
def text_files() -> tuple[tuple[str, str], ...]:
    """Return (path, text) of every file that git keeps or would keep; without git, of all but caches."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if kept(p)]
    found = []
    for path in sorted(set(listed)):
        file = ROOT / path
        if not path or not file.is_file():
            continue
        try:
            found.append((path, file.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return tuple(found)


def gather(*found: list[str]) -> str:
    """Return offences one a line, so that a failing assert prints a list to work through."""
    return "\n".join(sorted(line for part in found for line in part))
