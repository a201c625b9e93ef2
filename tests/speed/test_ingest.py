"""Decisions recorded a second in batches of 1,000 over HTTP, and what explaining a pushed one costs the server."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.speed import harness, running, town

pytestmark = pytest.mark.speed
BATCH, BATCHES, WARM = 1000, 24, 6
EXPLAINED = 200
_INPUTS = {f"input_{number}": number * 1.5 for number in range(10)}
_VALUES = dict.fromkeys(_INPUTS, 0.01)


def decision(number: int, **changes: Any) -> dict[str, Any]:
    """Return a decision about one of 5,000 customers."""
    return {
        "id": f"decision-{number}",
        "subject": f"customer-{number % 5000}",
        "system": town.SYSTEM,
        "model": {"name": "ranker", "version": "3"},
        "purpose": "recommendations",
        "inputs": _INPUTS,
        "output": 0.62,
        "threshold": 0.5,
        "outcome": {"label": "declined", "adverse": True},
        "effect": "legal",
        "ai_role": "decided",
        "human": {"role": "none"},
        "rationale": "score above threshold",
        **changes,
    }


def url_of(engine: str, folder: Path, new_postgres: Callable[[str], str], name: str) -> str:
    """Return the URL of a new database of an engine."""
    return f"sqlite:///{folder / 'candor.db'}" if engine == "sqlite" else new_postgres(name)


@pytest.mark.parametrize("engine", running.ENGINES)
def test_decisions_in_batches(engine: str, tmp_path: Path, new_postgres: Callable[[str], str]) -> None:
    place = town.build(tmp_path, url_of(engine, tmp_path, new_postgres, "speed_ingest"), 5000)
    bodies = [
        json.dumps({"decisions": [decision(batch * BATCH + n) for n in range(BATCH)]}).encode()
        for batch in range(BATCHES)
    ]
    with running.candor(place.env) as (candor, base), ThreadPoolExecutor(2) as pool:

        def push(body: bytes) -> None:
            running.ask(f"{base}/v1/decisions/batch", place.key, body)

        list(pool.map(push, bodies[:WARM]))
        before, began = harness.cpu_seconds(candor.pid), time.perf_counter()
        list(pool.map(push, bodies[WARM:]))
        took, spent = time.perf_counter() - began, harness.cpu_seconds(candor.pid) - before
    count = BATCH * (BATCHES - WARM)
    harness.record(
        f"decisions/s in batches of 1,000, {engine}",
        ">= 5,000",
        f"{count / took:,.0f} ({spent / count * 1e6:.0f} us CPU each)",
        met=count / took >= 5000,
    )


@pytest.mark.parametrize("engine", running.ENGINES)
def test_explaining_a_pushed_decision(engine: str, tmp_path: Path, new_postgres: Callable[[str], str]) -> None:
    place = town.build(tmp_path, url_of(engine, tmp_path, new_postgres, "speed_pushed"), 100)
    pushed = {"shap_values": _VALUES, "base_value": 0.52, "output": 0.62}
    body = json.dumps({"decisions": [decision(n, explanation=pushed) for n in range(EXPLAINED)]}).encode()
    with running.candor(place.env) as (candor, base):
        kept = json.loads(running.ask(f"{base}/v1/decisions/batch", place.key, body))["decisions"]
        for one in kept[:20]:
            running.ask(f"{base}/v1/decisions/{one['id']}/explanations", place.key, b"{}")
        before = harness.cpu_seconds(candor.pid)
        for one in kept[20:]:
            running.ask(f"{base}/v1/decisions/{one['id']}/explanations", place.key, b"{}")
        spent = (harness.cpu_seconds(candor.pid) - before) / (EXPLAINED - 20)
        waits = []
        for one in kept:
            began = time.perf_counter()
            running.ask(f"{base}/v1/decisions/{one['id']}/why", place.key)
            waits.append(time.perf_counter() - began)
    harness.record(
        f"explanation of a pushed decision, {engine}",
        "<= 5 ms server time",
        f"{spent * 1e3:.2f} ms CPU",
        met=spent <= 0.005,
    )
    slow = sorted(waits)[int(len(waits) * 0.95)]
    harness.record(f"instant why, {engine}", "p95 <= 200 ms", f"{slow * 1e3:.1f} ms", met=slow <= 0.2)


@pytest.mark.parametrize("engine", running.ENGINES)
def test_memory_over_ten_thousand_explanations(engine: str, tmp_path: Path, new_postgres: Callable[[str], str]) -> None:
    place = town.build(tmp_path, url_of(engine, tmp_path, new_postgres, "speed_memory"), 5000)
    pushed = {"shap_values": _VALUES, "base_value": 0.52, "output": 0.62}
    settled = 0.0
    with running.candor(place.env) as (candor, base):
        for batch in range(10):
            told = [decision(batch * BATCH + n, explanation=pushed) for n in range(BATCH)]
            body = json.dumps({"decisions": told}).encode()
            kept = json.loads(running.ask(f"{base}/v1/decisions/batch", place.key, body))["decisions"]
            for one in kept:
                running.ask(f"{base}/v1/decisions/{one['id']}/explanations", place.key, b"{}")
            if batch == 1:
                settled = harness.rss_megabytes(candor.pid)
        grown = harness.rss_megabytes(candor.pid) - settled
    harness.record(
        f"memory over 10,000 explanations, after the first 2,000, {engine}",
        "flat (<= 10 MB)",
        f"{grown:+.1f} MB at {settled:.0f} MB",
        met=grown <= 10,
    )
