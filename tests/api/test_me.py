"""``/v1/me``: what a person sees and does for himself, with and without Global Privacy Control."""

import pytest

from api.schemas.choices import HistoryOut, ReceiptsOut, Recorded, StandingOut
from tests.api.shop import Shop, given

pytestmark = pytest.mark.anyio
GPC = {"Sec-GPC": "1"}


async def standing(shop: Shop, **headers: str) -> StandingOut:
    answer = await shop.get("/v1/me/choices", **headers)
    assert answer.status_code == 200, answer.text
    return StandingOut.model_validate(answer.json())


async def test_choices_are_shown_with_what_they_are_worth(shop: Shop) -> None:
    await shop.choose(given())
    shown = await standing(shop)

    assert [(one.purpose, one.state, one.effective) for one in shown.choices] == [("train", "given", "given")]
    assert {one.purpose: one.decision for one in shown.purposes} == {"train": "allow", "profile": "allow"}


async def test_withdrawing_is_one_step_and_twice_is_refused(shop: Shop) -> None:
    given_receipt = (await shop.choose(given())).json()["receipt"]["id"]
    answer = await shop.post("/v1/me/withdraw", {"purpose": "train"})

    assert answer.status_code == 200, answer.text
    assert Recorded.model_validate(answer.json()).receipt.supersedes == [given_receipt]  # type: ignore[union-attr]  # there is one
    assert (await shop.post("/v1/me/withdraw", {"purpose": "train"})).status_code == 409
    assert (await shop.post("/v1/me/withdraw", {"everything": True})).status_code == 409
    for body in ({}, {"purpose": "train", "everything": True}):
        assert (await shop.post("/v1/me/withdraw", body)).status_code == 422


async def test_opting_out_needs_neither_account_nor_reason(shop: Shop) -> None:
    assert (await shop.post("/v1/me/opt-out", {})).status_code == 200
    assert (await shop.post("/v1/me/opt-out", {})).status_code == 409
    assert {one.decision for one in (await standing(shop)).purposes} == {"deny"}
    wrong = await shop.post("/v1/me/opt-out", {"purpose": "nothing"})
    assert wrong.json()["errors"][0]["pointer"] == "/purpose"


async def test_the_signal_is_honoured_on_every_customer_route_and_shown(shop: Shop) -> None:
    shown = await standing(shop, **GPC)

    assert (shown.gpc.signal, shown.gpc.honoured) == (True, ["profile"])
    assert {one.purpose: one.decision for one in shown.purposes} == {"train": "deny", "profile": "deny"}
    assert [(one.purpose, one.state, one.actor) for one in shown.choices] == [("profile", "opted_out", "signal")]
    assert (await standing(shop)).choices == shown.choices
    assert not (await standing(shop)).gpc.signal


@pytest.mark.parametrize("path", ["/v1/me/history", "/v1/me/receipts"])
async def test_a_signal_that_only_reads_is_recorded_too(shop: Shop, path: str) -> None:
    answer = await shop.get(path, **GPC)

    assert len(answer.json()["items"]) == 1


@pytest.mark.parametrize("value", ["0", "true", "1;q=1"])
async def test_any_other_value_of_the_signal_is_ignored(shop: Shop, value: str) -> None:
    before = await shop.whole.counts()

    assert not (await standing(shop, **{"Sec-GPC": value})).gpc.signal
    assert await shop.whole.counts() == before


async def test_a_visitor_without_a_device_leaves_no_trace(shop: Shop) -> None:
    before = await shop.whole.counts()
    headers = {"X-Candor-Site": shop.whole.credentials["anonymous"]["X-Candor-Site"]}
    plain = await shop.client.get("/v1/me/choices", headers=headers)
    signalled = await shop.client.get("/v1/me/choices", headers={**headers, **GPC})

    assert plain.json()["subject"] is None
    decisions = {one["purpose"]: one["decision"] for one in signalled.json()["purposes"]}
    assert (signalled.json()["gpc"]["honoured"], decisions["profile"]) == (["profile"], "deny")
    assert {one["purpose"]: one["decision"] for one in plain.json()["purposes"]}["profile"] == "allow"
    assert await shop.whole.counts() == before
    assert (await shop.client.post("/v1/me/opt-out", json={}, headers=headers)).status_code == 400


async def test_history_and_receipts_come_in_pages(shop: Shop) -> None:
    for state in ("given", "withdrawn", "given"):
        await shop.choose({**given(), "state": state})

    first = HistoryOut.model_validate((await shop.get("/v1/me/history?limit=2")).json())
    rest = HistoryOut.model_validate((await shop.get(f"/v1/me/history?limit=2&cursor={first.next_cursor}")).json())
    assert [one.state for one in first.items + rest.items] == ["given", "withdrawn", "given"]
    assert rest.next_cursor is None
    receipts = ReceiptsOut.model_validate((await shop.get("/v1/me/receipts?limit=2")).json())
    assert [one.kind for one in receipts.items] == ["given", "withdrawn"]
    other = {"X-Candor-Device": "1a" * 16}
    assert (await shop.get(f"/v1/me/history?cursor={first.next_cursor}", **other)).status_code == 400


async def test_another_device_sees_nothing_of_it(shop: Shop) -> None:
    await shop.choose(given())

    assert (await standing(shop, **{"X-Candor-Device": "1a" * 16})).choices == []
