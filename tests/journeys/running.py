"""A real server process that can be killed or stopped, and kept-alive connections that ask and choose."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.speed.harness import cpu_seconds, free_port, wait_until_up
from tests.speed.town import SYSTEM, Town

ROOT = Path(__file__).resolve().parents[2]
SERVE = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
SHOWN = {"notice_version": "n1", "notice_hash": "ab" * 32, "locale": "en"}
GONE = (OSError, http.client.HTTPException)  # the connection ended before the answer was whole


class Told(NamedTuple):
    """What was answered: the status, the body, and whether it is an answer from before."""

    status: int
    body: Any
    replayed: bool

    @property
    def allowed(self) -> bool:
        """Whether this permits."""
        return self.status == 200 and self.body["decision"] == "allow"


class Server:
    """One server process on a port that it keeps over restarts."""

    def __init__(self, town: Town, **more: str) -> None:
        """Serve a town's records, with more settings; not yet started."""
        self.port = free_port()
        self.key = town.key
        self._env = {**os.environ, **town.env, **more}
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: list[Line] = []
        self.cpu_until_ready = 0.0  # seconds of the latest start

    def start(self) -> float:
        """Start and return the seconds until it was ready."""
        begun = time.perf_counter()
        self._process = subprocess.Popen([*SERVE, "--port", str(self.port)], env=self._env, cwd=ROOT)
        wait_until_up(f"http://127.0.0.1:{self.port}/health/ready", self._process, 30)
        took = time.perf_counter() - begun
        self.cpu_until_ready = cpu_seconds(self._process.pid)
        return took

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the process, as a power cut would end it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Hang up, ask the process to end, and see that it does."""
        for line in self._lines:
            line.close()
        if self._process is None or self._process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def line(self) -> "Line":
        """Return a new connection; it ends with the server."""
        line = Line(self.port, self.key)
        self._lines.append(line)
        return line


@contextlib.contextmanager
def serving(*servers: Server) -> Iterator[None]:
    """Have servers running until the block ends."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.stop()


class Line:
    """A kept-alive connection of one thread."""

    def __init__(self, port: int, key: str) -> None:
        """Connect to ``port`` when first used."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        self._headers = {"Authorization": f"Bearer {key}"}

    def put_question(self, subject: str) -> None:
        """Send the question whether ``subject`` may be used for training, without waiting."""
        path = f"/v1/permissions?subject={subject}&purpose=training&system={SYSTEM}"
        self._connection.request("GET", path, headers=self._headers)

    def answer(self) -> Told:
        """Read the answer to what was sent."""
        answer = self._connection.getresponse()
        body = json.loads(answer.read())
        return Told(answer.status, body, answer.headers.get("Idempotency-Replayed") == "true")

    def ask(self, subject: str) -> Told:
        """Ask the gate whether ``subject`` may be used for training."""
        try:
            self.put_question(subject)
            return self.answer()
        except GONE:
            self.close()
            raise

    def choose(self, subject: str, state: str, *purposes: str, key: str | None = None) -> Told:
        """Set a state for purposes (``training`` if none is named). Raises one of ``GONE``: the outcome is unknown."""
        shown = SHOWN if state == "given" else {}
        body = {
            "subject": subject,
            "choices": [{"purpose": one, "state": state, **shown} for one in purposes or ("training",)],
        }
        headers = {**self._headers, "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            self._connection.request("POST", "/v1/choices", json.dumps(body), headers)
            return self.answer()
        except GONE:
            self.close()
            raise

    def close(self) -> None:
        """Hang up; the next use connects again."""
        self._connection.close()
