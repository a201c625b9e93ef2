"""Candor as a process under measurement."""

import contextlib
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping

from tests.speed import harness

# as the image has it: httpx imports rich, a development tool, wherever it finds it (3 MB)
CANDOR = (sys.executable, "-c", "import sys; sys.modules['rich'] = None; from api.cli import main; main()")
ENGINES = ("sqlite", "postgresql")


def engine_of(env: Mapping[str, str]) -> str:
    """Return the engine's name as people write it."""
    return "SQLite" if "sqlite" in env["CANDOR__STORE__URL"] else "PostgreSQL"


@contextlib.contextmanager
def candor(
    env: dict[str, str], *, core: int | None = harness.SERVER_CORE
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run ``candor serve`` and yield its process and base URL once it is ready."""
    port = harness.free_port()
    base = f"http://127.0.0.1:{port}"
    command = [*CANDOR, "serve", "--port", str(port)]
    with harness.server(command, f"{base}/health/ready", env=env, core=core) as process:
        yield process, base


def ask(url: str, key: str, body: bytes | None = None, **headers: str) -> bytes:
    """Return the answer to one request. Raises ``HTTPError`` for any but a good one."""
    fields = {"Authorization": f"Bearer {key}", **headers}
    if body is not None:
        fields["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data=body, headers=fields)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())


def script(key: str, path: str, who: str, method: str = "GET", body: str = "''") -> str:
    """Return a wrk script; ``who`` is a Lua expression and may be used as ``who`` in ``path`` and ``body``."""
    return (
        "math.randomseed(os.time())\n"
        f"local headers = {{['Authorization'] = 'Bearer {key}', ['Content-Type'] = 'application/json'}}\n"
        "local n = 0\n"
        f"request = function()\n n = n + 1\n local who = {who}\n local body = {body}\n"
        f" return wrk.format('{method}', '{path}', headers, '{method}' ~= 'GET' and body or nil)\nend\n"
    )
