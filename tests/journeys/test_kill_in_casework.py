"""A server killed in the middle of casework: what was answered stays, and every case agrees with the ledger."""

import http.client
import json
import time
from typing import Any

import pytest

from api.verification import verify
from core.clock import SystemClock, rfc3339
from tests.journeys.conftest import MakeTown
from tests.journeys.running import Server
from tests.speed import town as towns

BASE = "/v1/explanation-requests"
_PATIENCE = 60.0


class Desk:
    """A back-end that records decisions and opens requests, and repeats what got no answer under the same key."""

    def __init__(self, server: Server, key: str) -> None:
        self._server, self._key = server, key

    def post(self, path: str, body: dict[str, Any], name: str) -> dict[str, Any]:
        """Post until there is an answer."""
        until = time.monotonic() + _PATIENCE
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Idempotency-Key": name,
        }
        while time.monotonic() < until:
            line = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=10)
            try:
                line.request("POST", path, json.dumps(body), headers)
                answer = line.getresponse()
                found: dict[str, Any] = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            finally:
                line.close()
            if answer.status in {200, 201}:
                return found
            if answer.status not in {409, 503}:
                raise AssertionError(found)
            time.sleep(0.05)
        raise AssertionError(f"no answer to {name}")


def decision(number: int) -> dict[str, Any]:
    """Return a declined loan."""
    return {
        "id": f"loan-{number}",
        "subject": f"customer-{number}",
        "system": towns.SYSTEM,
        "model": {"name": "credit", "version": "3"},
        "purpose": "training",
        "inputs": {"duration": 48},
        "outcome": {"label": "declined", "adverse": True},
        "effect": "legal",
        "ai_role": "decided",
        "human": {"role": "none"},
        "rationale": "score",
        "occurred_at": rfc3339(SystemClock().now() - 1_000_000),
    }


@pytest.mark.full
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_request_that_was_answered_is_lost_over_kills(make_town: MakeTown, engine: str) -> None:
    town = make_town(engine)
    server = Server(town)
    server.start()
    desk = Desk(server, town.key)
    opened: dict[str, str] = {}
    try:
        for number in range(12):
            made = desk.post("/v1/decisions", decision(number), f"decision-{number}")
            if number % 4 == 1:
                server.kill()
                server.start()
            body = {"subject": f"customer-{number}", "decisions": [made["id"]], "vouched": True, "residence": "DE"}
            asked = desk.post(BASE, body, f"request-{number}")
            opened[asked["id"]] = asked["number"]
            if number % 4 == 3:
                server.kill()
                server.start()
            again = desk.post(BASE, body, f"request-{number}")
            assert again["id"] == asked["id"]
    finally:
        server.stop()
    report = verify(town.settings)
    assert report.good, report.lines
    assert len(opened) == len(set(opened.values())) == 12
