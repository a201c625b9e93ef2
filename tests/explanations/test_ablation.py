"""A language model that decides is asked again with inputs changed: counts of what turned it, or an honest no."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.clock import FixedClock
from core.http import HttpClient
from explanations import registry
from explanations.asking import Asker
from explanations.cases import Case, Group, Policy
from explanations.engine import Engine, Explained
from explanations.port import Endpoint, Row
from explanations.whys import _factors

pytestmark = pytest.mark.anyio
PERSON: Row = {"income": 900, "claims": 4, "city": "Galway", "age": 30}
OTHERS: list[Row] = [
    {
        "income": 700 + 50 * number,
        "claims": number % 5,
        "city": ("Galway", "Cork", "Mayo")[number % 3],
        "age": 20 + number,
    }
    for number in range(40)
]


class Talker:
    """An OpenAI-compatible server whose model declines people with little income and several claims."""

    def __init__(self, *, moody: bool = False, fingerprint: str = "fp_1") -> None:
        self.moody, self.fingerprint = moody, fingerprint
        self.asked = 0

    def decide(self, case: dict[str, Any]) -> str:
        self.asked += 1
        if self.moody and self.asked % 3 == 0:
            return "approved"
        return "declined" if case["income"] < 1000 and case["claims"] >= 2 else "approved"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                told = json.loads(await reader.readexactly(length))
                case = json.loads(told["messages"][-1]["content"].removeprefix("Case: "))
                answer = {
                    "model": told["model"],
                    "system_fingerprint": self.fingerprint,
                    "choices": [
                        {"finish_reason": "stop", "message": {"content": json.dumps({"decision": self.decide(case)})}}
                    ],
                }
                body = json.dumps(answer).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
                    + body
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def talking(talker: Talker) -> AsyncIterator[str]:
    server = await asyncio.start_server(talker.serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def explain(talker: Talker, *, protected: str = "", version: str = "decider/fp_1") -> Explained:
    async with talking(talker) as place:
        spot = Endpoint(
            "openai-chat",
            f"http://{place}",
            tuple(PERSON),
            model="decider",
            class_name="declined",
            space="label",
            direction="higher_is_adverse",
            template=[{"role": "user", "content": "Case: $row"}],
        )
        case = Case("dec_" + "2" * 32, "sub_" + "2" * 32, "decider", version, PERSON, 1.0, "declined", adverse=True)
        policy = Policy(seconds=60, sensitivity={protected: "protected"} if protected else {})
        client = HttpClient([place])
        try:
            group = Group("all_applicants", "g@1", OTHERS)
            return await Engine(Asker(client), FixedClock(1)).explain(case, spot, registry.adapter(spot), group, policy)
        finally:
            await client.close()


async def test_what_turned_the_outcome_is_counted_and_nothing_else_named() -> None:
    made = await explain(Talker())
    document = made.explanation

    assert [(step.way, step.outcome) for step in made.steps] == [("llm_evidence", "used")]
    assert {one.ref for one in document.sources} == {"income", "claims"}
    for one in document.sources:
        assert one.influence is not None
        assert (one.influence.test, one.influence.runs) == ("alteration", 10)
        assert 0 < one.influence.flips <= 10
    assert (document.method.origin, document.attributions) == ("llm_evidence", ())
    assert document.quality.replay_match is True


async def test_the_instant_why_names_them_without_counts() -> None:
    made = (await explain(Talker())).explanation

    factors = _factors(made, adverse=True)

    assert {one["feature"] for one in factors} == {"income", "claims"}
    assert {one["speaks"] for one in factors} == {"against"}


async def test_a_model_that_answers_by_mood_is_not_explained() -> None:
    made = await explain(Talker(moody=True))

    assert not made.reliable
    assert made.explanation.sources == ()


async def test_another_fingerprint_is_another_model() -> None:
    made = await explain(Talker(fingerprint="fp_2"))

    assert (made.steps[0].way, made.steps[0].outcome) == ("replay", "model-changed")
    assert "version_changed" in made.explanation.quality.flags


async def test_a_protected_input_that_turned_the_outcome_stops_the_explanation() -> None:
    made = await explain(Talker(), protected="claims")

    assert "prohibited_in_topk" in made.explanation.quality.flags
