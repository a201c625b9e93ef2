"""Real model servers from the package index, each in an environment of its own, serving the example's credit model."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from explanations.port import Endpoint

HERE = Path(__file__).resolve().parents[2] / "examples" / "credit" / "servers"
_INSTALL_SECONDS = 300
_START_SECONDS = 120


class Server(NamedTuple):
    """How a server is installed and started (``{port}`` and ``{folder}`` are filled in), and how it is asked."""

    packages: tuple[str, ...]
    module: str
    command: tuple[str, ...]
    ready: str
    kind: str
    settings: dict[str, Any]
    first: tuple[str, ...] = ()


SERVERS = {
    "Azure ML inference server": Server(
        ("azureml-inference-server-http==1.5.1",),
        "azureml_inference_server_http",
        ("azmlinfsrv", "--entry_script", "azure_score.py", "--port", "{port}"),
        "/",
        "azureml",
        {"version_at": "/version"},
    ),
    "BentoML": Server(
        ("bentoml==1.4.39",),
        "bentoml",
        ("bentoml", "serve", "bento:Credit", "--port", "{port}"),
        "/readyz",
        "bentoml",
        {},
    ),
    "MLflow": Server(
        ("mlflow-skinny==3.17.2", "pandas", "fastapi", "uvicorn"),
        "mlflow",
        ("mlflow", "models", "serve", "-m", "{folder}/model", "--env-manager", "local", "-p", "{port}"),
        "/ping",
        "mlflow",
        {},
        ("python", "mlflow_model.py", "{folder}/model"),
    ),
    "MLServer": Server(
        ("mlserver==1.7.1",),
        "mlserver",
        ("mlserver", "start", "{folder}"),
        "/v2/health/ready",
        "oip-v2",
        {"output": "p_bad"},
        ("python", "mlserver_runtime.py", "{folder}", "{port}"),
    ),
}


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which servers write nothing outside ``folder``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UV_FROZEN", "VIRTUAL_ENV"))}
    return {
        **kept,
        "PYTHONPATH": str(HERE),
        "BENTOML_DO_NOT_TRACK": "1",
        "BENTOML_HOME": str(folder / "bentoml"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def _in(server: Server, command: Sequence[str]) -> list[str]:
    wanted = [part for package in server.packages for part in ("--with", package)]
    return ["uv", "run", "--no-project", "--isolated", "--python", "3.11", "--quiet", *wanted, "--", *command]


def install(name: str, folder: Path) -> None:
    """Install the server's packages into uv's cache. Skips, saying why, where that can't be done."""
    server = SERVERS[name]
    if shutil.which("uv") is None:
        pytest.skip(f"{server.packages[0]} is not installed here: there is no uv to install it with")
    try:
        made = subprocess.run(
            _in(server, ["python", "-c", f"import {server.module}"]),
            cwd=HERE,
            env=_environment(folder),
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{server.packages[0]} could not be installed in {_INSTALL_SECONDS} s")
    if made.returncode != 0:
        last = (made.stderr.strip().splitlines() or ["no message"])[-1]
        pytest.skip(f"{server.packages[0]} can't be installed here: {last[:200]}")


def _free_ports(count: int) -> int:
    """Return the first of ``count`` free ports in a row."""
    for start in range(20_000 + os.getpid() % 20_000, 60_000, count):
        try:
            for port in range(start, start + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return start
    raise AssertionError("no free ports")


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def serving(name: str, folder: Path) -> Iterator[str]:
    """Run a real server and yield its URL; skips with the reason where it can't be installed."""
    server = SERVERS[name]
    install(name, folder)
    port = _free_ports(3)
    filled = {"port": str(port), "folder": str(folder)}
    if server.first:
        command = _in(server, [part.format(**filled) for part in server.first])
        subprocess.run(
            command, cwd=HERE, env=_environment(folder), check=True, capture_output=True, timeout=_START_SECONDS
        )
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            _in(server, [part.format(**filled) for part in server.command]),
            cwd=HERE,
            env=_environment(folder),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _until(lambda: _answers(f"http://127.0.0.1:{port}{server.ready}"), process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def endpoint(name: str, url: str, features: Sequence[str]) -> Endpoint:
    """Return the endpoint of the credit model on a running server."""
    server = SERVERS[name]
    return Endpoint(
        server.kind,
        url,
        tuple(features),
        model="credit",
        class_name="bad",
        class_index=0,
        space="probability",
        direction="higher_is_adverse",
        **server.settings,
    )
