"""A server killed in mid-chat, again and again: a client that resumes misses, doubles and reorders nothing."""

import json
import threading
import time
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import MakeTown
from tests.journeys.running import Server

MESSAGES = 300
KILLS = 3
_PATIENCE = 120.0
_DOWN = (httpx.TransportError, httpx.StreamError)


class Listener:
    """A client that listens and, when the stream breaks off, goes on after the last event it has."""

    def __init__(self, port: int, path: str, headers: dict[str, str], until: int) -> None:
        """Collect messages until there are ``until`` of them."""
        self._url = f"http://127.0.0.1:{port}{path}"
        self._headers = {**headers, "Accept": "text/event-stream"}
        self._until = until
        self.numbers: list[int] = []
        self.said: list[str] = []
        self.broken = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until all are there."""
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive(), f"{len(self.said)} of {self._until} arrived"

    def _listen(self) -> None:
        ends = time.monotonic() + _PATIENCE
        while len(self.said) < self._until and time.monotonic() < ends:
            last = {"Last-Event-ID": str(self.numbers[-1])} if self.numbers else {}
            try:
                with httpx.stream("GET", self._url, headers={**self._headers, **last}, timeout=30) as answer:
                    self._read(answer)
            except _DOWN:
                self.broken += 1
                time.sleep(0.05)

    def _read(self, answer: httpx.Response) -> None:
        numbered = False
        for line in answer.iter_lines():
            if line.startswith("id: "):
                numbered = True
                self.numbers.append(int(line[4:]))
            elif line.startswith("data: ") and numbered:
                numbered = False
                event: dict[str, Any] = json.loads(line[6:])
                if event["kind"] == "message":
                    self.said.append(event["text"])
                if len(self.said) >= self._until:
                    return


def say(client: httpx.Client, path: str, number: int) -> None:
    """Say one thing, again under the same key until it was acknowledged."""
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            answer = client.post(path, json={"text": f"m{number}"}, headers={"Idempotency-Key": f"k{number}"})
        except _DOWN:
            answer = None
        if answer is not None and answer.status_code in {200, 201}:
            return
        assert time.monotonic() < ends, f"message {number} was never acknowledged"
        time.sleep(0.05)


@pytest.mark.full
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_of_a_chat_is_lost_doubled_or_reordered(make_town: MakeTown, engine: str) -> None:
    town = make_town(engine)
    server = Server(town)
    server.start()
    headers = {"Authorization": f"Bearer {town.key}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=10) as client:
            asked = client.post("/v1/handoffs", json={"subject": "customer-1"})
            path = f"/v1/handoffs/{asked.json()['id']}"
            listener = Listener(server.port, f"{path}/events", headers, MESSAGES)
            for number in range(MESSAGES):
                if number and number % (MESSAGES // (KILLS + 1)) == 0:
                    server.kill()
                    server.start()
                say(client, f"{path}/messages", number)
            listener.finish()
    finally:
        server.stop()

    assert listener.broken >= KILLS
    assert listener.said == [f"m{number}" for number in range(MESSAGES)]
    assert listener.numbers == sorted(set(listener.numbers))
