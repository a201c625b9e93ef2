"""``/v1/receipts`` and the well-known keys: status by id, proof for the offline verifier, verification."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from api.schemas.receipts import ReceiptProof, ReceiptStatusOut, Verified
from ledger.offline import candor_verify
from tests.api.shop import Shop, given

pytestmark = pytest.mark.anyio


async def receipt(shop: Shop, *choices: dict[str, object]) -> dict[str, str]:
    answer = await shop.choose(*(choices or (given(),)))
    made: dict[str, str] = answer.json()["receipt"]
    return made


async def test_the_id_alone_tells_what_became_of_it(shop: Shop) -> None:
    made = await receipt(shop)
    before = ReceiptStatusOut.model_validate((await shop.client.get(f"/v1/receipts/{made['id']}")).json())
    await shop.post("/v1/me/withdraw", {"everything": True})
    after = await shop.client.get(f"/v1/receipts/{made['id']}")

    assert (before.state, before.choices[0].now) == ("current", "given")
    assert (after.json()["state"], after.json()["choices"][0]["now"]) == ("replaced", "replaced")
    assert "sub_" not in after.text
    assert (await shop.client.get("/v1/receipts/rcp_" + "0" * 32)).status_code == 404


async def test_the_proof_satisfies_the_stand_alone_verifier(shop: Shop, tmp_path: Path) -> None:
    made = await receipt(shop)
    early = await shop.client.get(f"/v1/receipts/{made['id']}/proof")
    assert (early.status_code, early.json()["type"].rsplit("/", 1)[1]) == (409, "not-sealed-yet")
    await shop.seal()
    answer = await shop.client.get(f"/v1/receipts/{made['id']}/proof")
    document = ReceiptProof.model_validate(answer.json())
    assert document.receipt == made["jws"]

    file = tmp_path / "receipt.json"
    file.write_text(answer.text)
    done = subprocess.run([sys.executable, candor_verify.__file__, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    bent = {
        **answer.json(),
        "proof": {**answer.json()["proof"], "entry": document.proof.entry.replace("given", "givem")},
    }
    file.write_text(json.dumps(bent))
    done = subprocess.run([sys.executable, candor_verify.__file__, file], capture_output=True, text=True, check=False)
    assert done.returncode == 1


async def test_a_receipt_is_verified_and_a_bent_one_is_not(shop: Shop) -> None:
    made = await receipt(shop)
    good = Verified.model_validate(
        (await shop.client.post("/v1/receipts/verify", json={"receipt": made["jws"]})).json()
    )
    bent = await shop.client.post("/v1/receipts/verify", json={"receipt": made["jws"][:-8] + "AAAAAAAA"})

    assert good.valid
    assert good.status is not None
    assert good.status.state == "current"
    assert bent.status_code == 200
    assert bent.json()["valid"] is False


async def test_a_record_of_27560_comes_as_json_ld(shop: Shop) -> None:
    made = await receipt(shop)
    answer = await shop.client.get(f"/v1/receipts/{made['id']}?profile=27560")

    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.json()["@type"] == ["dpv:ConsentRecord"]


async def test_keys_and_the_gpc_resource_stand_at_their_places(shop: Shop) -> None:
    keys = await shop.client.get("/.well-known/jwks.json")
    gpc = await shop.client.get("/.well-known/gpc.json")

    assert keys.json()["keys"][0]["crv"] == "Ed25519"
    assert "d" not in keys.json()["keys"][0]
    assert gpc.json() == {"gpc": True, "lastUpdate": "2026-11-21"}
