"""``/v1/recipients`` and ``/v1/propagation``: from registering a recipient to the proof that it stopped."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.http import HttpClient
from jobs.calendar import BusinessDays
from jobs.propagate import Propagate
from tests.api.shop import Shop
from tests.consent.propagation.listening import Receiver

pytestmark = pytest.mark.anyio
RECIPIENTS, NOTICES = "/v1/recipients", "/v1/propagation"
SHOWN = {"notice_version": "n1", "notice_hash": "ab" * 32, "locale": "en"}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A recipient that listens."""
    made = Receiver()
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def listening(shop: Shop, receiver: Receiver) -> Shop:
    """A shop that may call the receiver."""
    object.__setattr__(shop.whole.app.state, "telling", HttpClient([receiver.place]))
    return shop


async def register(shop: Shop, receiver: Receiver, **more: Any) -> dict[str, Any]:
    told = {"name": "Model trainer", "url": receiver.url, "scopes": ["inference", "training"], **more}
    made = await shop.post(RECIPIENTS, told, "admin")
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def withdraw(shop: Shop, subject: str = "customer-1") -> None:
    for state in ("given", "withdrawn"):
        choice = {"purpose": "train", "state": state, **SHOWN}
        made = await shop.post("/v1/choices", {"subject": subject, "choices": [choice]}, "site")
        assert made.status_code == 201, made.text


async def run(shop: Shop) -> None:
    state = shop.whole.app.state
    days = BusinessDays("UTC", None)
    await Propagate(state.db, state.clock, state.keyring, state.telling, days).run()


async def test_a_recipient_is_told_and_acknowledges_with_its_own_key(listening: Shop, receiver: Receiver) -> None:
    shop = listening
    made = await register(shop, receiver)
    await withdraw(shop)
    await run(shop)
    [taken] = receiver.taken
    assert taken.is_signed_with(made["secret"])
    [notice] = (await shop.get(f"{NOTICES}?state=told&recipient={made['id']}", "auditor")).json()["items"]
    assert (notice["id"], notice["scope"], notice["acknowledged_at"]) == (taken.said["notice"], [], None)

    said = {"notices": [notice["id"]], "scope": ["inference", "training"], "applied_at": notice["told_at"]}
    where = f"{RECIPIENTS}/{made['id']}/acknowledgements"
    wrong = await shop.post(where, {**said, "applied_at": "today"}, "site")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/applied_at")
    foreign = await shop.post(where, {**said, "notices": ["ntc_" + "0" * 32]}, "site")
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/notices/0")
    done = await shop.post(where, said, "site")
    assert done.json()["items"] == [{"notice": notice["id"], "outcome": "acknowledged", "stage": "acknowledged"}]
    assert (await shop.post(where, said, "site")).json()["items"][0]["outcome"] == "known"
    assert (await shop.post(where, said, "admin")).status_code == 403
    assert (await shop.get(f"{NOTICES}/{notice['id']}", "dpo")).json()["acknowledged_at"] is not None
    assert (await shop.post(f"{NOTICES}/{notice['id']}/redeliver", {}, "dpo")).status_code == 409
    assert (await shop.get(f"{NOTICES}?state=overdue", "dpo")).json()["items"] == []


async def test_notices_are_listed_by_pages_and_by_person(listening: Shop, receiver: Receiver) -> None:
    shop = listening
    for name in ("One", "Two"):
        await register(shop, receiver, name=name)
    for number in range(3):
        await withdraw(shop, f"customer-{number}")
    await run(shop)

    seen, path = [], f"{NOTICES}?limit=4"
    while True:
        page = (await shop.get(path, "dpo")).json()
        seen += [(one["entry"], one["recipient"]) for one in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"{NOTICES}?limit=4&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 6
    assert [one[0] for one in seen] == sorted((one[0] for one in seen), reverse=True)
    whose = receiver.taken[0].said["subject_id"]
    assert len((await shop.get(f"{NOTICES}?subject={whose}", "dpo")).json()["items"]) == 2
    assert (await shop.get(NOTICES, "admin")).status_code == 403


async def test_a_recipient_is_changed_rotated_tested_and_retired(listening: Shop, receiver: Receiver) -> None:
    shop = listening
    made = await register(shop, receiver)
    where = f"{RECIPIENTS}/{made['id']}"
    read = await shop.get(where, "dpo")
    assert "secret" not in read.json()
    tag = {"If-Match": read.headers["etag"]}
    headers = {**shop.headers("admin"), **tag}
    assert (await shop.client.patch(where, json={"name": "Trainer"}, headers=shop.headers("admin"))).status_code == 428
    assert (await shop.client.patch(where, json={"name": "Trainer"}, headers=headers)).json()["name"] == "Trainer"
    assert (await shop.client.patch(where, json={"name": "Trainer"}, headers=headers)).status_code == 412

    rotated = await shop.post(f"{where}/secret", {"overlap_hours": 1}, "admin")
    assert rotated.status_code == 200, rotated.text
    tried = (await shop.post(f"{where}/test", {}, "admin")).json()
    assert (tried["outcome"], tried["status"]) == ("told", 200)
    assert all(receiver.taken[-1].is_signed_with(secret) for secret in (made["secret"], rotated.json()["secret"]))
    receiver.down = True
    assert (await shop.post(f"{where}/test", {}, "admin")).json()["outcome"] == "failed"
    attempts = (await shop.get(f"{where}/deliveries", "admin")).json()["items"]
    assert [(one["outcome"], one["notice"]) for one in attempts] == [("failed", None), ("told", None)]

    last = {**shop.headers("admin"), "If-Match": rotated.headers["etag"]}
    assert (await shop.client.delete(where, headers=last)).status_code == 204
    assert (await shop.post(f"{where}/test", {}, "admin")).status_code == 409
    assert (await shop.get(RECIPIENTS, "auditor")).json()["items"][0]["retired_at"] is not None


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"url": "ftp://trainer.example"}, "/url"),
        ({"scopes": ["everything"]}, "/scopes/0"),
        ({"purposes": ["*", "train"]}, "/purposes"),
        ({"name": " "}, "/name"),
    ],
)
async def test_what_is_wrong_with_a_recipient_is_named(
    listening: Shop, receiver: Receiver, told: dict[str, Any], pointer: str
) -> None:
    whole = {"name": "Trainer", "url": receiver.url, **told}
    refused = await listening.post(RECIPIENTS, whole, "admin")

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_recipient_inside_our_own_network_is_refused(listening: Shop) -> None:
    for url in ("https://127.0.0.1/in", "https://[::1]/in", "http://trainer.example/in", "https://10.0.0.1:8443/"):
        refused = await listening.post(RECIPIENTS, {"name": "Trainer", "url": url}, "admin")
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "url-refused"), url
