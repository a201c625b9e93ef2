"""The gate against bare uvicorn with the same bytes, and against the question as an ordinary endpoint."""

import json
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.speed import harness
from tests.speed.town import SYSTEM, Town

pytestmark = pytest.mark.speed
ROUNDS = 3
_ASK = f"/v1/permissions?subject=customer-%s&purpose=training&system={SYSTEM}"
CANDOR = [sys.executable, "-c", "from api.cli import main; main()", "serve"]


def _script(town: Town, expression: str) -> str:
    path = _ASK % "' .. who .. '"
    return (
        "math.randomseed(os.time())\n"
        f"local headers = {{['Authorization'] = 'Bearer {town.key}'}}\n"
        "local n = 0\n"
        f"request = function()\n n = n + 1\n local who = {expression}\n"
        f" return wrk.format('GET', '{path}', headers)\nend\n"
    )


def _answer(base: str, town: Town, who: str) -> bytes:
    request = urllib.request.Request(base + _ASK % who, headers={"Authorization": f"Bearer {town.key}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return bytes(answer.read())


def test_gate_against_bare_uvicorn(a_town: Town, wrk_script: Callable[[str], Path]) -> None:
    engine = "SQLite" if "sqlite" in a_town.env["CANDOR__STORE__URL"] else "PostgreSQL"
    port = harness.free_port()
    base = f"http://127.0.0.1:{port}"
    warm = wrk_script(_script(a_town, "math.random(0, 9999)"))
    unknown = wrk_script(_script(a_town, "'x' .. os.time() .. '-' .. math.random(0, 1000000000)"))
    with harness.server([*CANDOR, "--port", str(port)], f"{base}/health/ready", env=a_town.env) as candor:
        body = _answer(base, a_town, "5")
        assert json.loads(body)["decision"] == "allow"
        with harness.floor("bare", CANDOR_FLOOR_BODY=body.decode()) as (bare, floor):
            harness.load(base, candor.pid, script=warm, seconds=3)  # fill the memory
            gate, floors, missed = [], [], []
            for _ in range(ROUNDS):
                floors.append(harness.load(floor, bare.pid, script=warm))
                gate.append(harness.load(base, candor.pid, script=warm))
                missed.append(harness.load(base, candor.pid, script=unknown))
    fast, under, cold = harness.best(gate), harness.best(floors), harness.best(missed)
    assert not fast.errors
    assert not cold.errors
    ratio, goal = under.cpu_us / fast.cpu_us, 0.80 if engine == "SQLite" else 0.85
    harness.record(
        f"gate, one check, warm, {engine}",
        f">= {goal:.2f} of bare",
        f"{ratio:.2f} ({fast.cpu_us:.1f} us against {under.cpu_us:.1f}; {fast.rate:,.0f}/s)",
        met=ratio >= goal,
    )
    p99 = min(one.p99_us for one in gate) / min(one.p99_us for one in floors)
    harness.record(f"gate, warm, p99, {engine}", "<= 2x bare", f"{p99:.2f}x", met=p99 <= 2)
    ratio = under.cpu_us / cold.cpu_us
    harness.record(
        f"gate, unknown subjects, {engine}",
        ">= 0.60 of bare",
        f"{ratio:.2f} ({cold.cpu_us:.1f} us; {cold.rate:,.0f}/s)",
        met=ratio >= 0.60,
    )
