"""Desks over HTTP: set up without showing secrets, deliveries believed by their signature alone."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from core.keys import KeyRing
from handoff.delivery import store
from handoff.delivery.store import RemoteRow
from handoff.desks.webhook import signature
from tests.api.shop import Shop, open_shop

pytestmark = pytest.mark.anyio
DESK = {"kind": "webhook", "url": "https://desk.example/in", "modes": ["live"], "secrets": {"secret": "s3cret"}}


@pytest.fixture
async def shop(database_url: str, keyring: KeyRing) -> AsyncIterator[Shop]:
    """A running Candor; once for each engine."""
    async with open_shop(database_url, keyring) as opened:
        yield opened


@pytest.fixture
async def with_desk(shop: Shop) -> Shop:
    """The same, with a desk named in no chain yet."""

    async def work(tx: object) -> None:
        from handoff.delivery import setups

        document = {"url": DESK["url"], "modes": ["live"], "options": {}}
        row = setups.row_of(
            shop.whole.app.state.keyring, "default", "others", "webhook", document, {"secret": "s3cret"}
        )
        store.put_desk(tx, row)  # type: ignore[arg-type]  # the lane's own transaction

    await shop.whole.app.state.db.transact(work)
    return shop


async def deliver(shop: Shop, body: dict[str, object], secret: str = "s3cret", at: int | None = None) -> httpx.Response:
    raw = json.dumps(body).encode()
    stamp = str(at if at is not None else shop.whole.app.state.clock.now() // 1_000_000)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": str(body.get("order", "x")),
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, str(body.get("order", "x")), stamp, raw),
    }
    return await shop.client.post("/hooks/default/others", content=raw, headers=headers)


async def with_case(shop: Shop) -> str:
    """Ask, and say that the desk has the case."""
    made = (await shop.post("/v1/handoffs", {})).json()
    from handoff import store as handoffs

    async def work(tx: object) -> None:
        row = await handoffs.handoff(tx, "default", made["id"])  # type: ignore[arg-type]  # the lane's own transaction
        assert row is not None
        row.desk, row.delivery = "others", "delivered"
        await handoffs.save(tx, row)  # type: ignore[arg-type]  # same
        at = RemoteRow(row.id, "others", "default", row.id, None, "{}", None, None, "[]", 1, 0, None, None)
        store.put_remote(tx, at)  # type: ignore[arg-type]  # same

    await shop.whole.app.state.db.transact(work)
    return str(made["id"])


async def test_a_desk_is_set_up_without_showing_its_secrets(with_desk: Shop) -> None:
    listed = await with_desk.get("/v1/desks", "admin")

    assert "s3cret" not in listed.text
    [one] = listed.json()["items"]
    assert (one["key"], one["secrets"], one["hook"]) == (
        "others",
        ["secret"],
        "http://127.0.0.1:8787/hooks/default/others",
    )
    assert {"matrix", "zendesk", "webhook"} <= set(listed.json()["kinds"])
    assert (await with_desk.get("/v1/desks", "agent")).status_code == 403


async def test_a_desk_of_no_known_kind_or_place_is_refused(shop: Shop) -> None:
    async def put(**changes: object) -> httpx.Response:
        return await shop.client.put("/v1/desks/others", json={**DESK, **changes}, headers=shop.headers("admin"))

    assert (await put(kind="nonsense")).status_code == 422
    assert (await put(url="https://127.0.0.1/in")).status_code == 422
    assert (await put(url="ftp://x.example")).status_code == 422


async def test_a_signed_delivery_reaches_the_customer_and_a_private_one_never(with_desk: Shop) -> None:
    handoff = await with_case(with_desk)
    said = {"handoff": handoff, "kind": "message", "actor": "Rosa"}
    assert (await deliver(with_desk, {**said, "text": "hello", "order": 1})).status_code == 200
    assert (await deliver(with_desk, {**said, "text": "a secret", "private": True, "order": 2})).status_code == 200

    shown = (await with_desk.get(f"/v1/handoffs/{handoff}/events")).json()
    assert [(one["actor"], one["name"], one["text"]) for one in shown["events"] if one["kind"] == "message"] == [
        ("remote", "Rosa", "hello")
    ]
    assert "a secret" not in json.dumps(shown)
    assert shown["status"]["handler"] == "human"


async def test_unsigned_forged_and_stale_deliveries_change_nothing(with_desk: Shop) -> None:
    handoff = await with_case(with_desk)
    said = {"handoff": handoff, "kind": "accepted", "actor": "Rosa", "order": 1}

    assert (await deliver(with_desk, said, "another")).status_code == 403
    assert (await deliver(with_desk, said, at=1_700_000_000)).status_code == 403
    assert (await with_desk.client.post("/hooks/default/others", json=said)).status_code == 403
    assert (await with_desk.client.post("/hooks/default/nobody", json=said)).status_code == 404
    assert (await with_desk.get(f"/v1/handoffs/{handoff}")).json()["state"] == "queued"


async def test_a_signed_delivery_that_says_nothing_known_is_refused_and_changes_nothing(with_desk: Shop) -> None:
    handoff = await with_case(with_desk)
    answer = await deliver(with_desk, {"kind": "accepted", "actor": "Rosa", "order": 1})

    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/delivery-unreadable")
    assert (await with_desk.get(f"/v1/handoffs/{handoff}")).json()["state"] == "queued"


async def test_a_repeated_delivery_counts_once(with_desk: Shop) -> None:
    handoff = await with_case(with_desk)
    said = {"handoff": handoff, "kind": "message", "actor": "Rosa", "text": "hello", "order": 1}
    for _ in range(3):
        assert (await deliver(with_desk, said)).status_code == 200

    shown = (await with_desk.get(f"/v1/handoffs/{handoff}/events")).json()["events"]
    assert sum(one["kind"] == "message" for one in shown) == 1


async def test_a_desk_can_be_removed(with_desk: Shop) -> None:
    admin = with_desk.headers("admin")

    assert (await with_desk.client.delete("/v1/desks/others", headers=admin)).status_code == 204
    assert (await with_desk.client.delete("/v1/desks/others", headers=admin)).status_code == 404
