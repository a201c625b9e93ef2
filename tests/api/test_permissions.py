"""The gate over HTTP: fast lane and route give the same bytes, batches keep their order, wrong input is named."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from api.app import Application, create_app
from api.compose import compose
from api.fastlane import FastLane
from api.serving import first_tenant
from api.state import AppState
from consent.purposes import service as purposes
from core import crypto, keys
from core.clock import MICROS, FixedClock, rfc3339
from core.principal import Principal, Role
from core.settings import Settings
from disclosures import service as systems
from tests.speed import town

pytestmark = pytest.mark.anyio
_OPERATOR = Principal(town.TENANT, "operator", Role.DPO)


@dataclass(frozen=True)
class Running:
    """A composed Candor with three people in it, and two clients: through the fast lane, and round it."""

    state: AppState
    app: Application
    fast: httpx.AsyncClient
    slow: httpx.AsyncClient
    clock: FixedClock

    @property
    def served_fast(self) -> int:
        front = self.app._front
        assert isinstance(front, FastLane)
        return front.served


@pytest.fixture
async def running(database_url: str, clock: FixedClock, keyring: keys.KeyRing) -> AsyncIterator[Running]:
    settings = Settings.model_validate({"store": {"url": database_url, "checkpoint_file": None}})
    state = compose(settings, clock, keyring, with_jobs=False)
    await state.db.open()
    for part in state.parts:
        await part.open()
    await first_tenant(state.db, clock.now())
    for key in town.PURPOSES:
        await state.db.transact(purposes.create, _OPERATOR, purposes.read_document(town.purpose(key)), clock.now())
        await state.db.transact(purposes.publish, _OPERATOR, key, clock.now(), material=True)
    await state.db.transact(systems.register, _OPERATOR, systems.read_document(town.system()), clock.now())
    headers = {"Authorization": f"Bearer {await town.make_key(state.db, clock.now())}"}
    await state.db.transact(town.settle, keyring, range(3), clock.now())
    app = create_app(state)
    around = app._front
    assert isinstance(around, FastLane)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers) as fast,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(around._app), base_url="http://localhost", headers=headers
        ) as slow,
    ):
        yield Running(state, app, fast, slow, clock)
    for part in reversed(state.parts):
        await part.close()
    await state.db.close()


@pytest.mark.parametrize(
    "query",
    [
        "subject=customer-1&purpose=training&system=recommender",
        "subject=customer-1&purpose=training",
        "subject=nobody&purpose=training&system=recommender",
        "subject=nobody&purpose=never",
        "subject=customer-1&purpose=training&system=never",
        "purpose=training&subject=customer-1",
        "subject=customer%2D1&purpose=training",
        "subject=customer-1&purpose=training&fresh=true",
        "subject=a%40b.example&purpose=training",
        "subject=a@b.example&purpose=training",
        "subject=&purpose=training",
        "subject=customer-1&purpose=",
        "subject=customer-1&purpose=Training",
        "subject=customer-1&purpose=training&subject=customer-2",
        "subject=customer-1&purpose=training&colour=red",
        "subject=sub_00000000000000000000000000000000&purpose=training",
        "",
    ],
)
async def test_both_ways_give_the_same_answer(running: Running, query: str) -> None:
    for _ in range(2):  # before and after it is in memory
        fast = await running.fast.get(f"/v1/permissions?{query}")
        slow = await running.slow.get(f"/v1/permissions?{query}")

        assert fast.status_code == slow.status_code
        if fast.status_code == 200:
            assert fast.content == slow.content
            left_out = {"x-request-id", "ratelimit", "ratelimit-policy"}
            assert {k: v for k, v in fast.headers.items() if k not in left_out} == {
                k: v for k, v in slow.headers.items() if k not in left_out
            }
        else:
            assert fast.headers["content-type"] == "application/problem+json"
            assert fast.json()["errors"] == slow.json()["errors"]


async def test_the_plain_question_is_served_by_the_fast_lane(running: Running) -> None:
    await running.slow.get("/v1/permissions?subject=customer-1&purpose=training&system=recommender")
    before = running.served_fast

    answer = await running.fast.get("/v1/permissions?subject=customer-1&purpose=training&system=recommender")

    assert running.served_fast == before + 1
    assert answer.json() | {"choice": None} == {
        "decision": "allow",
        "reasons": ["consent-given"],
        "purpose": "training",
        "purpose_version": 1,
        "system": "recommender",
        "choice": None,
        "notice_version": "notice-1",
        "human_route": None,
        "ttl": 0,
    }


async def test_an_unknown_person_is_sent_to_a_human(running: Running) -> None:
    answer = await running.fast.get("/v1/permissions?subject=nobody&purpose=training&system=recommender")

    assert answer.json()["decision"] == "human_route"
    assert answer.json()["human_route"] == "desk"


async def test_a_wrong_key_is_refused_by_both_ways(running: Running) -> None:
    for client in (running.fast, running.slow):
        answer = await client.get(
            "/v1/permissions?subject=customer-1&purpose=training", headers={"Authorization": "Bearer ck_live_x"}
        )
        assert answer.status_code == 401


async def test_a_batch_answers_in_the_order_of_its_questions(running: Running) -> None:
    subjects = ["customer-2", "nobody", "customer-0", "customer-2"]
    body = {"purpose": "training", "system": "recommender", "subjects": subjects}

    answers = (await running.fast.post("/v1/permissions/batch", json=body)).json()["answers"]

    assert [one["decision"] for one in answers] == ["allow", "human_route", "allow", "allow"]
    assert answers[0] == answers[3]
    for subject, answer in zip(subjects, answers, strict=True):
        single = await running.fast.get(f"/v1/permissions?subject={subject}&purpose=training&system=recommender")
        assert single.json() == answer


async def test_checks_of_a_batch_name_their_own_purpose(running: Running) -> None:
    body = {"checks": [{"subject": "customer-1", "purpose": key} for key in (*town.PURPOSES, "never")]}

    answers = (await running.fast.post("/v1/permissions/batch", json=body)).json()["answers"]

    assert [one["decision"] for one in answers] == ["allow", "allow", "allow", "deny"]


async def test_more_than_a_thousand_go_as_lines(running: Running) -> None:
    lines = "".join(json.dumps({"subject": f"customer-{n}", "purpose": "chat"}) + "\n" for n in range(1500))

    answer = await running.fast.post(
        "/v1/permissions/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )

    decisions = [json.loads(line)["decision"] for line in answer.text.splitlines()]
    assert decisions == ["allow"] * 3 + ["deny"] * 1497


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/checks"),
        ({"subjects": ["a"]}, "/purpose"),
        ({"purpose": "chat", "subjects": []}, "/subjects"),
        ({"purpose": "chat", "subjects": ["a"] * 1001}, "/subjects"),
        ({"purpose": "chat", "subjects": ["a", "b@example.org"]}, "/subjects/1"),
        ({"purpose": "chat", "subjects": ["a", 7]}, "/subjects/1"),
        ({"purpose": "chat", "subjects": ["a\nb"]}, "/subjects/0"),
        ({"purpose": "Chat", "subjects": ["a"]}, "/purpose"),
        ({"checks": [{"subject": "a"}]}, "/checks/0/purpose"),
        ({"checks": [{"subject": "a", "purpose": "chat", "x": 1}]}, "/checks/0/x"),
        ({"purpose": "chat", "checks": [{"subject": "a", "purpose": "chat"}]}, "/purpose"),
        ([], ""),
    ],
)
async def test_a_wrong_batch_names_its_fault(running: Running, body: object, pointer: str) -> None:
    answer = await running.fast.post("/v1/permissions/batch", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_wrong_line_refuses_all_lines(running: Running) -> None:
    lines = '{"subject":"customer-1","purpose":"chat"}\n{"subject":"customer-1"}\n'

    answer = await running.fast.post(
        "/v1/permissions/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/1"


async def test_a_retired_purpose_is_denied_at_once_in_memory_and_as_it_was_before(running: Running) -> None:
    query = "/v1/permissions?subject=customer-1&purpose=training&system=recommender"
    before = running.clock.now()
    assert (await running.fast.get(query)).json()["decision"] == "allow"
    running.clock.advance(MICROS)

    await running.state.db.transact(purposes.retire, _OPERATOR, "training", running.clock.now())
    now = await running.fast.get(query)

    assert now.json()["reasons"] == ["purpose-retired"]
    then = await running.fast.get(f"{query}&at={rfc3339(before)}")
    assert then.json()["at"] == rfc3339(before)
    assert then.json()["reasons"] != ["purpose-retired"]


async def test_the_future_can_not_be_asked_about(running: Running) -> None:
    later = rfc3339(running.clock.now() + MICROS)

    answer = await running.fast.get(f"/v1/permissions?subject=customer-1&purpose=chat&at={later}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "?at"


async def test_a_key_revoked_is_refused_at_once(running: Running) -> None:
    from api.auth import service as auth

    query = "/v1/permissions?subject=customer-1&purpose=training&system=recommender"
    assert (await running.fast.get(query)).status_code == 200
    operator = auth.operator(town.TENANT, running.clock.now())
    [held] = await running.state.db.read(auth.api_keys, operator)

    await running.state.db.transact(auth.revoke_key, operator, held.id, running.clock.now())

    assert (await running.fast.get(query)).status_code == 401


async def test_pseudonyms_of_other_tenants_are_other_people(running: Running) -> None:
    pepper = running.state.keyring.pepper
    ours = crypto.pseudonym(pepper, town.TENANT, "customer", "customer-1")
    theirs = crypto.pseudonym(pepper, "ten_other", "customer", "customer-1")

    assert ours != theirs
    answer = await running.fast.get(f"/v1/permissions?subject=sub_{ours.hex()}&purpose=training")
    assert answer.json()["decision"] == "allow"
    answer = await running.fast.get(f"/v1/permissions?subject=sub_{theirs.hex()}&purpose=training")
    assert answer.json()["decision"] == "deny"
