"""How figures are taken: CPU per request of the server process, ratios within one run, goal beside figure.

Requests per second say little on a shared machine; the CPU time a server spends on a request is stable to about
5 %. The load generator (wrk) is pinned to one core, the server to the other; rounds of the measured thing and of its
floor alternate, and the least of each counts.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_LATENCY = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)", re.MULTILINE)
_REQUESTS = re.compile(r"(\d+) requests in")
_ERRORS = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.+)")
_UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}
SERVER_CORE, LOAD_CORE = 0, 1


@dataclass(frozen=True)
class Figure:
    """One measured line: what, the goal as text, the figure as text, and whether the goal was met."""

    what: str
    goal: str
    figure: str
    met: bool | None


FIGURES: list[Figure] = []


def record(what: str, goal: str, figure: str, *, met: bool | None) -> None:
    """Print a figure beside its goal and keep it for the table at the end."""
    FIGURES.append(Figure(what, goal, figure, met))
    print(
        f"\n  {'met   ' if met else 'MISSED' if met is False else '      '} {what}: {figure} (goal {goal})", flush=True
    )


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and all its threads, in seconds (nanosecond resolution)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def rss_megabytes(pid: int) -> float:
    """Return the resident memory of a process in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_up(url: str, process: subprocess.Popen[bytes], seconds: float = 30) -> float:
    """Wait for the first answer and return how long it took. Raises ``RuntimeError`` if it does not come."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                answer.read()
                return time.perf_counter() - start
        except OSError:
            time.sleep(0.01)
    raise RuntimeError("the server did not come up")


@contextlib.contextmanager
def server(
    command: Sequence[str], url: str, *, env: dict[str, str] | None = None, core: int | None = SERVER_CORE
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server process, pinned to a core, until the block ends."""
    pin = ["taskset", "-c", str(core)] if core is not None else []
    process = subprocess.Popen([*pin, *command], env={**os.environ, **(env or {})})
    try:
        wait_until_up(url, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def floor(app: str, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run an app of this folder (``file:name``, or a name in ``floors.py``) and yield its process and base URL."""
    port = free_port()
    where = app if ":" in app else f"floors:{app}"
    command = [
        sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), where, "--port", str(port),
        "--log-level", "warning", "--no-access-log", "--loop", "uvloop", "--http", "httptools",
    ]  # fmt: skip
    with server(command, f"http://127.0.0.1:{port}/", env=env) as process:
        yield process, f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Load:
    """What one round of load showed."""

    requests: int
    seconds: float
    cpu_us: float
    p50_us: float
    p99_us: float
    errors: str

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def load(
    url: str,
    pid: int,
    *,
    seconds: float = 2,
    connections: int = 32,
    script: Path | None = None,
    headers: Sequence[str] = (),
    core: int | None = LOAD_CORE,
) -> Load:
    """Put load on ``url`` with wrk and return what the server process ``pid`` spent on it."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is not installed (Debian package wrk)")
    pin = ["taskset", "-c", str(core)] if core is not None else []
    command = [*pin, wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script is not None:
        command += ["-s", str(script)]
    before, start = cpu_seconds(pid), time.perf_counter()
    output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    spent, took = cpu_seconds(pid) - before, time.perf_counter() - start
    requests = int(_found(_REQUESTS, output))
    latency = {share: float(number) * _UNITS[unit] for share, number, unit in _LATENCY.findall(output)}
    errors = "; ".join("".join(found) for found in _ERRORS.findall(output))
    return Load(requests, took, spent / max(requests, 1) * 1e6, latency.get("50", 0), latency.get("99", 0), errors)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    if match is None:
        raise RuntimeError(f"wrk said something else: {text[-400:]}")
    return match.group(1)


def best(rounds: Sequence[Load]) -> Load:
    """Return the round with the least CPU per request."""
    return min(rounds, key=lambda one: one.cpu_us)


def slow_fsync(folder: Path) -> Path:
    """Compile the shim that delays fsync and return its path."""
    library = folder / "slow_fsync.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(HERE / "slow_fsync.c"), "-ldl"], check=True
    )
    return library
