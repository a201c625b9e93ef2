"""``/v1/purposes``: drafted, published, versioned, retired; drafts are for their keepers."""

import json

import pytest

from api.schemas.purposes import PurposeList, PurposeOut, PurposeVersions
from tests.api.shop import Shop
from tests.consent.keeping import purpose_document

pytestmark = pytest.mark.anyio


async def test_a_purpose_goes_from_draft_to_version(shop: Shop) -> None:
    made = await shop.post("/v1/purposes", purpose_document("ads").as_json(), "dpo")
    assert (made.status_code, made.headers["location"]) == (201, "/v1/purposes/ads")
    assert (await shop.get("/v1/purposes/ads")).status_code == 404
    assert (await shop.get("/v1/purposes/ads", "site")).status_code == 404

    no_match = await shop.post("/v1/purposes/ads/publish", {"material": False}, "dpo")
    assert no_match.status_code == 428
    tag = {"If-Match": made.headers["etag"]}
    published = await shop.post("/v1/purposes/ads/publish", {"material": False}, "dpo", tag)
    assert PurposeOut.model_validate(published.json()).published.version == 1  # type: ignore[union-attr]  # it was published
    assert (await shop.post("/v1/purposes/ads/publish", {"material": False}, "dpo", tag)).status_code == 412

    headers = {**shop.headers("dpo"), "If-Match": published.headers["etag"]}
    changed = purpose_document("ads", retention="P9M").as_json()
    drafted = await shop.client.put("/v1/purposes/ads", json=changed, headers=headers)
    assert drafted.json()["draft"]["retention"] == "P9M"
    assert (await shop.get("/v1/purposes/ads")).json()["draft"] is None
    await shop.post("/v1/purposes/ads/publish", {"material": False}, "dpo", {"If-Match": drafted.headers["etag"]})
    versions = PurposeVersions.model_validate((await shop.get("/v1/purposes/ads/versions")).json())
    assert [(one.version, one.material_since, one.document.retention) for one in versions.items] == [
        (2, 1, "P9M"),
        (1, 1, "P6M"),
    ]


async def test_what_contradicts_itself_is_named(shop: Shop) -> None:
    body = {**purpose_document("ads").as_json(), "mechanism": "opt_out"}
    answer = await shop.post("/v1/purposes", body, "dpo")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/mechanism")

    del body["retention"]
    missing = await shop.post("/v1/purposes", {**body, "gpc": "yes", "made_up": 1}, "dpo")
    assert {error["pointer"] for error in missing.json()["errors"]} == {"/retention", "/gpc", "/made_up"}


async def test_a_retired_purpose_is_denied_and_stays_on_record(shop: Shop) -> None:
    tag = (await shop.get("/v1/purposes/profile", "dpo")).headers["etag"]
    headers = {**shop.headers("dpo"), "If-Match": tag}
    assert (await shop.client.delete("/v1/purposes/profile", headers=headers)).status_code == 204

    assert (await shop.get("/v1/purposes/profile")).json()["retired_at"] is not None
    gate = await shop.get("/v1/permissions?subject=c&purpose=profile", "site")
    assert gate.json()["reasons"] == ["purpose-retired"]


async def test_lists_come_in_pages(shop: Shop) -> None:
    first = PurposeList.model_validate((await shop.get("/v1/purposes?limit=1")).json())
    rest = PurposeList.model_validate((await shop.get(f"/v1/purposes?limit=1&cursor={first.next_cursor}")).json())

    assert [one.key for one in first.items + rest.items] == ["profile", "train"]


async def test_words_that_press_people_are_published_only_with_a_reason_that_goes_on_record(shop: Shop) -> None:
    pressing = purpose_document("ads").as_json()
    pressing["texts"]["en"]["text"] = "Hurry, last chance: let us choose what you see."
    made = await shop.post("/v1/purposes", pressing, "dpo")
    tag = {"If-Match": made.headers["etag"]}
    refused = await shop.post("/v1/purposes/ads/publish", {"material": False}, "dpo", tag)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (422, "pressing-words")
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/texts/en/text"]

    why = {"material": False, "despite": "The trial really ends on Friday."}
    assert (await shop.post("/v1/purposes/ads/publish", why, "dpo", tag)).status_code == 200
    entries = (await shop.get("/v1/ledger/entries?limit=200", "auditor")).json()["entries"]
    allowed = [json.loads(one["body"])["public"] for one in entries if one["kind"] == "wording.allowed"]
    assert [one["because"] for one in allowed] == ["The trial really ends on Friday."]
