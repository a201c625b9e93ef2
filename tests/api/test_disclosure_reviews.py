"""``/v1/systems/{key}/vendor-events`` and ``/v1/disclosure-reviews``: from a vendor's message to an answered review."""

import pytest

from tests.api.shop import Shop
from tests.api.test_notices import open_chat
from tests.disclosures.test_reviews import update

pytestmark = pytest.mark.anyio
EVENTS = "/v1/systems/bot/vendor-events"
REVIEWS = "/v1/disclosure-reviews"


async def test_a_vendor_s_update_is_reviewed_and_answered_by_the_dpo_alone(shop: Shop) -> None:
    await open_chat(shop)
    again = {"Idempotency-Key": "vendor-update-118"}
    made = await shop.post(EVENTS, update().as_json(), "admin", again)
    assert made.status_code == 201, made.text
    (review,) = made.json()["reviews"]
    assert (review["touchpoint"], review["notice"], review["version"]) == ("chat", "first-line", 1)
    repeated = await shop.post(EVENTS, update().as_json(), "admin", again)
    assert repeated.json() == made.json()
    assert [one["id"] for one in (await shop.get(EVENTS, "auditor")).json()["items"]] == [made.json()["id"]]

    path = f"{REVIEWS}/{review['id']}"
    assert (await shop.get(f"{REVIEWS}?standing=open", "auditor")).json()["items"] == [review]
    said = {"outcome": "no_change", "reason": "The notice names no vendor."}
    assert (await shop.post(f"{path}/close", said, "admin")).status_code == 403
    early = await shop.post(f"{path}/close", {**said, "outcome": "new_version"}, "dpo")
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "no-new-version")
    assert (await shop.post(f"{path}/close", {**said, "reason": "  "}, "dpo")).status_code == 422
    closed = await shop.post(f"{path}/close", said, "dpo")
    assert (closed.status_code, closed.json()["outcome"]) == (200, "no_change"), closed.text
    assert (await shop.post(f"{path}/close", said, "dpo")).status_code == 409
    assert (await shop.get(path, "auditor")).json() == closed.json()
    assert (await shop.get(f"{REVIEWS}?standing=open", "auditor")).json()["items"] == []


async def test_who_may_not_and_what_is_not_there(shop: Shop) -> None:
    assert (await shop.post(EVENTS, update().as_json(), "site")).status_code == 403
    assert (await shop.get(REVIEWS)).status_code == 403
    assert (await shop.get("/v1/systems/nothing/vendor-events", "dpo")).status_code == 404
    assert (await shop.post("/v1/systems/nothing/vendor-events", update().as_json(), "dpo")).status_code == 404
    assert (await shop.get(f"{REVIEWS}/rev_{'0' * 32}", "dpo")).status_code == 404
    wrong = await shop.post(EVENTS, {**update().as_json(), "changed": []}, "dpo")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/changed"), wrong.text
