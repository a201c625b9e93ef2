"""A request with an Idempotency-Key takes effect once, however often it is sent; seen on both databases."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request
from fastapi.responses import Response

from api import idempotency, store
from api.access import declared_public
from api.idempotency import Answer
from core import canonical, crypto
from core.clock import DAY, FixedClock
from core.database import Database, Sql, Tx
from core.errors import ConflictError
from core.keys import KeyRing
from core.principal import Principal, Role, Subject
from tests.api import serving
from tests.api.test_problems import assert_problem

pytestmark = pytest.mark.anyio
COUNT = Sql("SELECT count(*) FROM kept_answer")
ALICE = crypto.new_data_key()


class Shop:
    """Counts effects; a stand-in for a room of the product."""

    def __init__(self) -> None:
        self.effects = 0
        self.keys: dict[str, bytes | None] = {"alice": ALICE}
        self.hold: asyncio.Event | None = None

    async def work(self, tx: Tx, status: int) -> Answer:
        self.effects += 1
        if status == 409:
            raise ConflictError
        content = {"effect": self.effects}
        return Answer(status, canonical.dumps(content), (("Location", f"/v1/orders/{self.effects}"),))

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1")

        @router.post("/buy")
        @declared_public
        async def buy(request: Request, key: idempotency.IdempotencyKey = None) -> Response:
            who = request.headers.get("x-who", "alice")
            status = int(request.headers.get("x-status", "201"))
            if self.hold is not None:
                request.scope["test.hold"] = self.hold
            subject = Subject("customer", who, who.encode().ljust(16))
            principal = Principal("t", "key_site", Role.CUSTOMER, subject=subject)

            async def key_of(tx: Tx) -> bytes | None:
                return self.keys.setdefault(who, crypto.new_data_key())

            async def work(tx: Tx) -> Answer:
                return await self.work(tx, status)

            return await idempotency.answer(request, principal, work, key_of=key_of, lifetime=DAY)

        return router


@pytest.fixture
def shop() -> Shop:
    """A shop nobody has bought in yet."""
    return Shop()


@pytest.fixture
async def buyer(shop: Shop, db: Database, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the shop."""
    state = serving.make_state(clock, keyring, db)
    async with serving.calling(serving.sample_app(state, shop.router())) as client:
        yield client


async def buy(client: httpx.AsyncClient, key: str | None, body: Any = None, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        sent["Idempotency-Key"] = key
    return await client.post("/v1/buy", json={"n": 1} if body is None else body, headers=sent)


async def test_a_repetition_gets_the_first_answer_byte_for_byte(buyer: httpx.AsyncClient, shop: Shop) -> None:
    first = await buy(buyer, "k1")
    again = await buy(buyer, "k1")

    assert shop.effects == 1
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, b'{"effect":1}')
    assert first.headers["location"] == again.headers["location"] == "/v1/orders/1"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


async def test_without_a_key_every_request_counts(buyer: httpx.AsyncClient, shop: Shop, db: Database) -> None:
    await buy(buyer, None)
    await buy(buyer, None)

    assert shop.effects == 2
    assert (await db.read(one_number))[0] == 0


async def one_number(tx: Any) -> Any:
    return await tx.row(COUNT)


async def test_fifty_at_once_take_effect_once(buyer: httpx.AsyncClient, shop: Shop) -> None:
    answers = await asyncio.gather(*(buy(buyer, "k1") for _ in range(50)))

    assert shop.effects == 1
    for answer in answers:
        if answer.status_code == 409:
            assert_problem(answer, 409, "idempotency-key-in-use")
        else:
            assert answer.content == b'{"effect":1}'
    assert any(answer.status_code == 201 for answer in answers)


async def test_two_replicas_take_effect_once(shop: Shop, db: Database, clock: FixedClock, keyring: KeyRing) -> None:
    apps = [serving.sample_app(serving.make_state(clock, keyring, db), shop.router()) for _ in range(2)]

    async with serving.calling(apps[0]) as one, serving.calling(apps[1]) as two:
        answers = await asyncio.gather(*(buy(client, "k1") for client in (one, two)))

    assert shop.effects == 1
    assert {answer.content for answer in answers} == {b'{"effect":1}'}


async def test_the_same_key_with_another_request_is_refused(buyer: httpx.AsyncClient, shop: Shop) -> None:
    await buy(buyer, "k1", {"a": 1, "b": 2})

    reordered = await buy(buyer, "k1", {"b": 2, "a": 1})
    other = await buy(buyer, "k1", {"a": 1, "b": 3})

    assert reordered.status_code == 201
    assert_problem(other, 422, "idempotency-key-reused")
    assert shop.effects == 1


async def test_a_key_belongs_to_one_subject(buyer: httpx.AsyncClient, shop: Shop) -> None:
    await buy(buyer, "k1", x_who="alice")
    other = await buy(buyer, "k1", x_who="bob")

    assert "idempotency-replayed" not in other.headers
    assert shop.effects == 2


async def test_a_refusal_is_judged_anew(buyer: httpx.AsyncClient, shop: Shop, db: Database) -> None:
    assert_problem(await buy(buyer, "k1", x_status="409"), 409, "conflict")
    assert (await db.read(one_number))[0] == 0

    assert (await buy(buyer, "k1")).status_code == 201


async def test_an_answer_dies_with_its_subjects_key(buyer: httpx.AsyncClient, shop: Shop) -> None:
    await buy(buyer, "k1")
    shop.keys["alice"] = None

    assert_problem(await buy(buyer, "k1"), 409, "kept-answer-erased")
    shop.keys["alice"] = crypto.new_data_key()
    assert_problem(await buy(buyer, "k1"), 409, "kept-answer-erased")
    assert shop.effects == 1


async def test_what_is_kept_shows_neither_key_nor_answer(
    buyer: httpx.AsyncClient, db: Database, database_url: str
) -> None:
    await buy(buyer, "key-of-anna", {"name": "anna"})

    async def everything(tx: Any) -> Any:
        return await tx.row(Sql("SELECT id, fingerprint, sealed, expires_at FROM kept_answer"))

    row = await db.read(everything)
    assert b"anna" not in b"".join(bytes(part) for part in row[:3])
    assert b"effect" not in bytes(row[2])


async def test_an_expired_answer_is_forgotten_and_purged(
    buyer: httpx.AsyncClient, shop: Shop, db: Database, clock: FixedClock
) -> None:
    await buy(buyer, "k1")
    clock.advance(DAY)
    await buy(buyer, "k1")
    assert shop.effects == 2

    await buy(buyer, "k2")
    assert await db.transact(store.purge, clock.now() + DAY - 1, 10) == 0
    assert await db.transact(store.purge, clock.now() + DAY, 1) == 1
    assert await db.transact(store.purge, clock.now() + DAY, 10) == 1


@pytest.mark.parametrize("key", ["x" * 256, "", "a b\tc", "schlüssel"])
async def test_what_can_not_be_a_key_is_refused(buyer: httpx.AsyncClient, shop: Shop, key: str) -> None:
    answer = await buyer.post("/v1/buy", json={}, headers=[(b"Idempotency-Key", key.encode())])

    assert answer.status_code in {400, 422}
    assert shop.effects == 0


async def test_a_quoted_key_is_the_same_key(buyer: httpx.AsyncClient, shop: Shop) -> None:
    await buy(buyer, "k1")
    await buy(buyer, '"k1"')

    assert shop.effects == 1
