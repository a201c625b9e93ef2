"""The gate against the same question as an ordinary FastAPI and SQLModel endpoint, and its answers in batches."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.speed import harness, running
from tests.speed.town import SYSTEM, Town

pytestmark = pytest.mark.speed
ROUNDS = 3
BATCH = 1000
_ASK = f"/v1/permissions?subject=customer-%s&purpose=training&system={SYSTEM}"


def test_gate_against_an_ordinary_endpoint(a_town: Town, wrk_script: Callable[[str], Path]) -> None:
    asking = wrk_script(running.script(a_town.key, _ASK % "' .. who .. '", "math.random(0, 9999)"))
    with (
        running.candor(a_town.env) as (candor, base),
        harness.floor("ordinary:app", CANDOR_FLOOR_KEY=a_town.key, **a_town.env) as (plain, floor),
    ):
        answers = [json.loads(running.ask(where + _ASK % "7", a_town.key)) for where in (base, floor)]
        assert answers[0] == answers[1]
        assert answers[0]["decision"] == "allow"
        harness.load(base, candor.pid, script=asking)  # fill the memory
        gate, floors = [], []
        for _ in range(ROUNDS):
            floors.append(harness.load(floor, plain.pid, script=asking))
            gate.append(harness.load(base, candor.pid, script=asking))
    fast, under = harness.best(gate), harness.best(floors)
    assert not fast.errors + under.errors
    ratio = under.cpu_us / fast.cpu_us
    harness.record(
        f"gate against an ordinary FastAPI + SQLModel endpoint, {running.engine_of(a_town.env)}",
        ">= 30x",
        f"{ratio:.0f}x ({fast.cpu_us:.1f} us against {under.cpu_us:.0f})",
        met=ratio >= 30,
    )


def test_gate_in_batches(a_town: Town, wrk_script: Callable[[str], Path]) -> None:
    subjects = f"local all = {{}}\nfor i = 0, {BATCH - 1} do all[i + 1] = '\"customer-' .. i * 7 .. '\"' end\n"
    body = f'local given = \'{{"purpose":"training","system":"{SYSTEM}","subjects":[\''
    whole = "local whole = given .. table.concat(all, ',') .. ']}'\n"
    text = running.script(a_town.key, "/v1/permissions/batch", "n", "POST", "whole")
    asking = wrk_script(f"{subjects}{body}\n{whole}{text}")
    with running.candor(a_town.env) as (candor, base):
        asked = {"purpose": "training", "system": SYSTEM, "subjects": [f"customer-{n * 7}" for n in range(BATCH)]}
        given = running.ask(f"{base}/v1/permissions/batch", a_town.key, json.dumps(asked).encode())
        answers = json.loads(given)["answers"]
        assert [one["decision"] for one in answers] == ["allow"] * BATCH
        rounds = [harness.load(base, candor.pid, script=asking, connections=4) for _ in range(ROUNDS + 1)][1:]
    fast = harness.best(rounds)
    assert not fast.errors
    by_cpu = BATCH / fast.cpu_us * 1e6
    harness.record(
        f"gate, batches of 1,000, {running.engine_of(a_town.env)}",
        ">= 200,000 decisions/s",
        f"{by_cpu:,.0f}/s of one core ({fast.cpu_us:,.0f} us a batch); {fast.rate * BATCH:,.0f}/s measured",
        met=by_cpu >= 200_000,
    )
