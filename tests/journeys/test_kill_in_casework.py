"""A server killed at every step of a case: what was answered stays, nothing happens twice, the ledger agrees."""

import asyncio
import http.client
import json
import random
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from api.auth.tables import ApiKey
from api.compose import database
from api.verification import verify
from core.clock import SystemClock, rfc3339
from core.database import Tx
from core.principal import Role
from explanations.requests.guards import CHECKLIST
from tests.contract import whole
from tests.journeys.conftest import MakeTown
from tests.journeys.running import Server
from tests.speed import town as towns
from tests.speed.town import Town

BASE = "/v1/explanation-requests"
REASONS = "The payslips of the last year were not taken into account."
_PATIENCE = 90.0
ROUNDS = 2  # each step is killed in both: once at once, once while it is under way


class Act(NamedTuple):
    """Something done in a case: by whom, where, what; ``event`` is what it leaves in the record, exactly once."""

    who: str
    path: str
    body: dict[str, Any]
    event: str


ACTS = (
    Act("ann", "/steps", {"step": "claim"}, "claimed"),
    Act("ann", "/steps", {"step": "draft"}, "drafted"),
    Act("ann", "/steps", {"step": "submit"}, "submitted"),
    Act(
        "ben", "/steps",
        {"step": "approve", "checklist": sorted(CHECKLIST), "signed_warnings": ["reasons_not_checked"]}, "approved",
    ),
    Act("ann", "/steps", {"step": "release"}, "released"),
    Act("site", "/contest", {"view": "My payslips were not seen."}, "contested"),
    Act(
        "site", "/documents", {"media_type": "application/pdf", "content": b64encode(b"%PDF-1.7").decode()},
        "document-added",
    ),
    Act(
        "ben", "/steps", {"step": "assign_review", "reviewer": "cleo", "authority": "all", "competence": "training"},
        "review-assigned",
    ),
    Act("cleo", "/evidence", {}, "evidence-opened"),
    Act(
        "cleo", "/steps",
        {"step": "overturn", "reasons": REASONS, "cause": "input_data", "new_outcome": "granted"}, "overturned",
    ),
    Act("site", "/steps", {"step": "confirm_effect", "confirmation": "core-7"}, "effect-confirmed"),
)  # fmt: skip


class Office:
    """A server that may be killed, and everybody's calls to it, repeated until there is an answer."""

    def __init__(self, town: Town, keys: dict[str, str], staff: dict[str, str]) -> None:
        self.town, self.server = town, Server(town)
        self.keys, self.staff = keys, staff
        self.kills = 0

    def call(self, who: str, method: str, path: str, body: Any = None, name: str = "") -> tuple[int, Any]:
        """Ask until there is an answer."""
        headers = {"Authorization": f"Bearer {self.keys[who]}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": name} if name else {}
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
            try:
                line.request(method, path, None if body is None else json.dumps(body), headers)
                answer = line.getresponse()
                found = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                found = None
            finally:
                line.close()
            if found is not None and answer.status != 503:
                return answer.status, found
            time.sleep(0.05)
        raise AssertionError(f"no answer to {name or path}")

    def killed_within(self, seconds: float) -> threading.Thread:
        """Kill the server in a moment and start it again, meanwhile."""

        def work() -> None:
            time.sleep(seconds)
            self.server.kill()
            self.server.start()

        self.kills += 1
        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def history(self, request: str) -> list[str]:
        """Return what happened in a case."""
        status, found = self.call("ann", "GET", f"{BASE}/{request}/history")
        assert status == 200, found
        return [one["kind"].removeprefix("explanation-request.") for one in found["items"]]

    def take(self, act: Act, request: str, name: str) -> None:
        """Do something; if the first try was done but not answered, the second is refused, and that is an answer."""
        body = {key: self.staff.get(value, value) if key == "reviewer" else value for key, value in act.body.items()}
        status, found = self.call(act.who, "POST", f"{BASE}/{request}{act.path}", body, name)
        assert status in {200, 201, 409}, found
        assert act.event in self.history(request), (act, found)


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
        "explanation": {"shap_values": {"duration": 0.2}, "base_value": 0.4, "output": 0.6},
        "occurred_at": rfc3339(SystemClock().now() - 1_000_000),
    }


async def _add(tx: Tx, row: ApiKey) -> None:
    tx.add(row)


async def hired(town: Town) -> tuple[dict[str, str], dict[str, str]]:
    """Give Ann, Ben and Cleo keys; return everybody's keys, and the staff's ids."""
    db = database(town.settings)
    await db.open()
    keys, staff = {"site": town.key}, {}
    for name in ("ann", "ben", "cleo"):
        row, keys[name] = whole._key(Role.AGENT, SystemClock().now())
        staff[name] = row.id
        await db.transact(_add, row)
    await db.close()
    return keys, staff


@pytest.fixture(params=["sqlite", "postgresql"])
def office(make_town: MakeTown, request: pytest.FixtureRequest) -> Iterator[Office]:
    """An office on an engine."""
    town = make_town(request.param)
    opened = Office(town, *asyncio.run(hired(town)))
    opened.server.start()
    yield opened
    opened.server.stop()


@pytest.mark.full
def test_nothing_is_lost_or_done_twice_when_killed_at_any_step(office: Office) -> None:
    dice = random.Random(4711)
    for number in range(ROUNDS):
        _, made = office.call("site", "POST", "/v1/decisions", decision(number), f"decision-{number}")
        body = {"subject": f"customer-{number}", "decisions": [made["id"]], "vouched": True, "residence": "DE"}
        ending = office.killed_within(dice.uniform(0, 0.02))
        _, asked = office.call("site", "POST", BASE, body, f"request-{number}")
        ending.join()
        for act in ACTS:
            ending = office.killed_within(dice.uniform(0, 0.02) if number else 0.0)
            office.take(act, asked["id"], f"{number}-{act.event}")
            ending.join()
            office.take(act, asked["id"], f"{number}-{act.event}")  # once more, as after a lost answer
        found = office.history(asked["id"])
        once = [act.event for act in ACTS if act.path == "/steps" or act.event == "contested"]
        assert [one for one in found if one in once] == once, found
        _, again = office.call("site", "POST", BASE, body, f"request-{number}")
        assert again["id"] == asked["id"]
        _, kept = office.call("site", "GET", f"/v1/decisions/{made['id']}")
        assert kept["override"]["outcome"] == "granted"
    office.server.stop()
    report = verify(office.town.settings)
    assert report.good, report.lines
    print(f"\nKILLS {office.kills}")
