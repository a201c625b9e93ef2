"""Handing over to people: how long a request takes, how soon a message arrives at many streams, and the memory."""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.speed import harness, running
from tests.speed.town import Town

pytestmark = pytest.mark.speed
CREATED = 300
STREAMS = 200
MESSAGES = 1000


def share(values: list[float], part: float) -> float:
    """Return the value below which a part of them lies, in milliseconds."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


async def _create(base: str, headers: dict[str, str], prefix: str, count: int) -> tuple[list[str], list[float]]:
    ids, took = [], []
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as client:
        for number in range(count):
            begun = time.perf_counter()
            answer = await client.post("/v1/handoffs", json={"subject": f"{prefix}-{number}"})
            took.append(time.perf_counter() - begun)
            assert answer.status_code == 201, answer.text
            ids.append(answer.json()["id"])
    return ids, took


async def _listen(client: httpx.AsyncClient, handoff: str, heard: dict[str, float], ready: Callable[[], None]) -> None:
    headers = {"Accept": "text/event-stream"}
    async with client.stream("GET", f"/v1/handoffs/{handoff}/events", headers=headers) as answer:
        ready()
        numbered = False
        async for line in answer.aiter_lines():
            numbered = numbered or line.startswith("id: ")
            if numbered and line.startswith("data: "):
                numbered = False
                text = json.loads(line[6:])["text"]
                if text is not None:
                    heard[text] = time.perf_counter()


async def _chat(base: str, headers: dict[str, str], ids: list[str]) -> list[float]:
    """Say things in all conversations in turn while every one of them is listened to; return the delays."""
    heard: dict[str, float] = {}
    said: dict[str, float] = {}
    open_now = 0

    def ready() -> None:
        nonlocal open_now
        open_now += 1

    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=base, headers=headers, timeout=None, limits=limits) as listening,
        httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as saying,
    ):
        tasks = [asyncio.create_task(_listen(listening, handoff, heard, ready)) for handoff in ids]
        await _until(lambda: open_now == len(ids))
        for number in range(MESSAGES):
            text = f"m{number}"
            said[text] = time.perf_counter()
            await saying.post(f"/v1/handoffs/{ids[number % len(ids)]}/messages", json={"text": text})
        await _until(lambda: len(heard) >= MESSAGES)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [heard[text] - said[text] for text in said]


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not fact():
            await asyncio.sleep(0.01)


def _run(work: Awaitable[list[float]]) -> list[float]:
    async def main() -> list[float]:
        return await work

    return asyncio.run(main())


def test_creating_and_listening(a_town: Town) -> None:
    headers = {"Authorization": f"Bearer {a_town.key}"}
    engine = running.engine_of(a_town.env)
    with running.candor(a_town.env) as (candor, base):
        ids, took = asyncio.run(_create(base, headers, "speed", CREATED))
        delays = _run(_chat(base, headers, ids[:STREAMS]))
        memory = harness.rss_megabytes(candor.pid)
    created, p50 = share(took, 0.95), 1000 * statistics.median(took)
    harness.record(f"create handoff, p95, {engine}", "<= 10 ms", f"{created:.1f} ms (p50 {p50:.1f})", met=created <= 10)
    late, middle = share(delays, 0.99), 1000 * statistics.median(delays)
    text = f"{late:.1f} ms (p50 {middle:.1f})"
    harness.record(f"{STREAMS} streams, delivery p99, {engine}", "<= 20 ms", text, met=late <= 20)
    harness.record(f"memory with {STREAMS} streams, {engine}", "<= 150 MB", f"{memory:.0f} MB", met=memory <= 150)
    assert len(delays) == MESSAGES
