"""``/v1/systems``: the register of AI systems over HTTP."""

import pytest

from api.schemas.systems import SystemList, SystemVersions
from tests.api.shop import SYSTEM, Shop

pytestmark = pytest.mark.anyio


async def test_a_system_is_changed_versioned_and_retired(shop: Shop) -> None:
    read = await shop.get("/v1/systems/bot")
    dpo = shop.headers("dpo")
    stale = await shop.client.put("/v1/systems/bot", json=SYSTEM, headers={**dpo, "If-Match": '"9"'})
    assert stale.status_code == 412
    changed = await shop.client.put(
        "/v1/systems/bot", json={**SYSTEM, "purposes": ["train"]}, headers={**dpo, "If-Match": read.headers["etag"]}
    )
    assert changed.json()["document"]["purposes"] == ["train"]
    tag = {"If-Match": changed.headers["etag"]}
    noted = await shop.post("/v1/systems/bot/model-versions", {"model": "acme", "version": "2"}, "dpo", tag)
    assert noted.json()["document"]["versions"] == [{"model": "acme", "version": "2", "note": None}]
    gone = await shop.client.delete("/v1/systems/bot", headers={**dpo, "If-Match": noted.headers["etag"]})

    assert gone.status_code == 204
    versions = SystemVersions.model_validate((await shop.get("/v1/systems/bot/versions")).json())
    assert [one.revision for one in versions.items] == [4, 3, 2, 1]
    gate = await shop.get("/v1/permissions?subject=c&purpose=train&system=bot", "site")
    assert gate.json()["reasons"] == ["system-retired"]


async def test_a_system_without_owner_or_way_out_is_refused(shop: Shop) -> None:
    body = {**SYSTEM, "key": "other", "owner": " ", "human_alternative": None, "purposes": []}
    answer = await shop.post("/v1/systems", body, "dpo")

    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/owner", "/human_alternative", "/purposes"}
    assert (await shop.post("/v1/systems", {**SYSTEM, "key": "other"}, "site")).status_code == 403
    assert (await shop.post("/v1/systems", SYSTEM, "dpo")).status_code == 409


async def test_the_register_is_listed(shop: Shop) -> None:
    listed = SystemList.model_validate((await shop.get("/v1/systems")).json())

    assert [one.key for one in listed.items] == ["bot"]
