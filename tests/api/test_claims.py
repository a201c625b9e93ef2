"""``/v1/claims``: entered, changed and taken back over the version that was read; never seen by browsers."""

import pytest

from tests.api.shop import Shop
from tests.api.test_notices import open_chat
from tests.disclosures.noticing import notice_document, notice_text
from tests.disclosures.test_claims import SAID, claim_document

pytestmark = pytest.mark.anyio


async def test_a_claim_without_evidence_is_listed_as_such_and_blocks_the_notice_that_makes_it(shop: Shop) -> None:
    await open_chat(shop)
    made = await shop.post("/v1/claims", claim_document(evidence=[]).as_json(), "dpo")
    assert (made.status_code, made.json()["standing"], made.json()["said_in"]) == (201, "no-evidence", []), made.text
    draft = notice_document(texts={"en": notice_text(text=SAID)}).as_json()
    checked = (await shop.post("/v1/notices/check", draft, "dpo")).json()
    assert [(one["code"], one["pointer"]) for one in checked["findings"]] == [("claim-not-shown", "/texts/en/text")]

    tag = {"If-Match": made.headers["etag"]}
    path = "/v1/claims/nine-of-ten"
    headers = {**shop.headers("dpo"), **tag}
    changed = await shop.client.put(path, json=claim_document().as_json(), headers=headers)
    assert (changed.status_code, changed.json()["standing"], changed.json()["holds_until"]) == (
        200,
        "shown",
        "2099-12-31",
    )
    assert (await shop.client.put(path, json=claim_document().as_json(), headers=headers)).status_code == 412
    assert (await shop.post("/v1/notices/check", draft, "dpo")).json()["fit"]

    gone = await shop.client.delete(path, headers={**headers, "If-Match": changed.headers["etag"]})
    assert gone.status_code == 204
    listed = (await shop.get("/v1/claims", "auditor")).json()["items"]
    assert [(one["key"], one["standing"], one["revision"]) for one in listed] == [("nine-of-ten", "retired", 3)]
    assert len((await shop.get(f"{path}/versions", "auditor")).json()["items"]) == 3
    assert (await shop.get("/v1/claims")).status_code == 403
    assert (await shop.get("/v1/claims/nothing", "dpo")).status_code == 404
