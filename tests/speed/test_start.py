"""From the start of ``candor serve`` to its first answer, and what it keeps in memory idle and under load."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.speed import choosing, harness, running
from tests.speed.town import SYSTEM, Town

pytestmark = pytest.mark.speed
ROUNDS = 3
PORTION = 1000
_ANSWERED = b"HTTP/1.1 200"


def _first_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    """Ask until the first 200 comes. Raises ``RuntimeError`` if the process ends before."""
    while process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if line.recv(64).startswith(_ANSWERED):
                    return
        except OSError:
            time.sleep(0.002)
    raise RuntimeError("the server ended before it answered")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where byte code is kept: as installed software has it, whatever this machine says."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("bytecode"))}


@contextmanager
def _started(env: dict[str, str]) -> Iterator[tuple[float, subprocess.Popen[bytes], str]]:
    port = harness.free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [*running.CANDOR, "serve", "--port", str(port)], env={**os.environ, **env}, stderr=subprocess.DEVNULL
    )
    try:
        _first_answer(port, process)
        yield time.perf_counter() - began, process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_first_answer_and_idle_memory(a_town: Town, compiled: dict[str, str]) -> None:
    engine, took, cpu, resident = running.engine_of(a_town.env), [], [], []
    for _ in range(ROUNDS + 1):  # the first writes the byte code
        with _started(a_town.env | compiled) as (seconds, process, _):
            took.append(seconds)
            cpu.append(harness.cpu_seconds(process.pid))
            time.sleep(1)
            resident.append(harness.rss_megabytes(process.pid))
    told = f"{min(took):.2f} s ({min(cpu[1:]):.2f} s CPU)"
    harness.record(f"candor serve, first 200, {engine}", "<= 0.8 s", told, met=min(took) <= 0.8)
    least = min(resident[1:])
    harness.record(f"memory idle, {engine}", "<= 85 MB", f"{least:.0f} MB resident", met=least <= 85)


def _remembered(base: str, key: str, people: list[str]) -> None:
    for start in range(0, len(people), PORTION):
        asked = {"purpose": "training", "system": SYSTEM, "subjects": people[start : start + PORTION]}
        answers = json.loads(running.ask(f"{base}/v1/permissions/batch", key, json.dumps(asked).encode()))["answers"]
        assert len(answers) == PORTION


def _grown(env: dict[str, str], town: Town, scripts: list[Path]) -> tuple[float, float, float]:
    """Return the resident megabytes after choices were recorded, and after known and unknown people were asked for."""
    known = [f"customer-{number}" for number in range(town.people)]
    unknown = [f"nobody-{number}" for number in range(town.people)]
    with _started(env) as (_, process, base):
        for script in scripts:
            harness.load(base, process.pid, script=script, seconds=3)
        sizes = [harness.rss_megabytes(process.pid)]
        for people in (known, unknown):
            _remembered(base, town.key, people)
            sizes.append(harness.rss_megabytes(process.pid))
    return sizes[0], sizes[1], sizes[2]


def test_memory_under_load(a_town: Town, compiled: dict[str, str], wrk_script: Callable[[str], Path]) -> None:
    engine = running.engine_of(a_town.env)
    scripts = [wrk_script(choosing.script(a_town.key, known=known)) for known in (True, False)]
    env = a_town.env | compiled
    with_memory = _grown(env, a_town, scripts)
    without = _grown(env | {"CANDOR__GATE__CACHED_SUBJECTS": "0"}, a_town, scripts)
    # the same questions without the gate's memory: what remains is the database's own cache and the allocator's
    grown = [(now - before) * 1e6 for before, now in pairwise(with_memory)]
    aside = [(now - before) * 1e6 for before, now in pairwise(without)]
    each, nobody = ((more - less) / a_town.people for more, less in zip(grown, aside, strict=True))
    told = f"{without[2]:.0f} MB resident; {with_memory[2]:.0f} MB with {2 * a_town.people:,} people cached"
    harness.record(f"memory loaded, nobody cached, {engine}", "<= 150 MB", told, met=without[2] <= 150)
    told = f"{each:.0f} B ({nobody:.0f} B without any choice)"
    harness.record(f"memory of a cached subject with three choices, {engine}", "<= 250 B", told, met=each <= 250)
