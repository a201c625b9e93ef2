"""Retention over HTTP: a schedule by two people, a refusal naming the rule, a hold, a certificate with its proof."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.clock import DAY, FixedClock
from core.keys import KeyRing
from core.principal import Role
from jobs.retain import Retain
from ledger import service as ledger
from tests.api.requesting import Bank, open_bank

pytestmark = pytest.mark.anyio
SCHEDULE = "/v1/retention/schedules/decision"
HOLDS, CERTIFICATES = "/v1/retention/holds", "/v1/retention/certificates"
YEAR = {"period": "P12M", "reason": "no claim comes later", "places": ["IE"], "sectors": ["other"]}


@pytest.fixture
async def bank(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path, clock, keyring) as opened:
        await opened.hire("second", Role.DPO)
        yield opened


async def change(bank: Bank, **changes: Any) -> Any:
    """Have the DPO change the schedule that stands now."""
    tag = (await bank.client.get(SCHEDULE, headers=bank.headers("dpo"))).headers["etag"]
    headers = {**bank.headers("dpo"), "If-Match": tag}
    return await bank.client.put(SCHEDULE, json={**YEAR, **changes}, headers=headers)


async def test_a_schedule_takes_two_people_and_is_never_shorter_than_the_law(bank: Bank) -> None:
    blind = await bank.client.put(SCHEDULE, json=YEAR, headers=bank.headers("dpo"))
    short = await change(bank, places=["US-CO"])
    assert (blind.status_code, short.status_code) == (428, 422)
    [fault] = short.json()["errors"]
    assert (fault["pointer"], short.json()["type"].rpartition("/")[2]) == ("/period", "retention-too-short")
    assert "us-co.retention" in fault["detail"]
    assert "CRS 6-1-1702(4)" in fault["detail"]

    made = await change(bank)
    assert (made.status_code, made.json()["in_force"], made.json()["waiting"]["version"]) == (200, None, 1)
    headers = {"If-Match": made.headers["etag"]}
    own = await bank.client.post(f"{SCHEDULE}/approve", headers={**bank.headers("dpo"), **headers})
    agreed = await bank.client.post(f"{SCHEDULE}/approve", headers={**bank.headers("second"), **headers})
    again = await bank.client.post(f"{SCHEDULE}/approve", headers={**bank.headers("second"), **headers})
    assert (own.status_code, agreed.status_code, again.status_code) == (403, 200, 412)
    assert agreed.json()["in_force"]["period"] == "P12M"


async def test_what_is_previewed_goes_but_what_is_held_and_the_certificate_is_proven(bank: Bank) -> None:
    [held, other] = [await bank.decline(number) for number in (1, 2)]
    assert (await change(bank)).status_code == 200
    tag = (await bank.client.get(SCHEDULE, headers=bank.headers("second"))).headers["etag"]
    headers = {**bank.headers("second"), "If-Match": tag}
    await bank.client.post(f"{SCHEDULE}/approve", headers=headers)
    wanted = {"scope": "record", "record_type": "decision", "record": held, "ground": "litigation", "reference": "L-1"}
    hold = (await bank.client.post(HOLDS, json=wanted, headers=bank.headers("dpo"))).json()
    bank.town.clock.advance(366 * DAY)
    state = bank.town.app.state
    seen = (await bank.client.get(f"{SCHEDULE}/preview", headers=bank.headers("dpo"))).json()
    assert (seen["due"] > 0, seen["held"], seen["complete"]) == (True, 1, True)

    await Retain(state.db, state.clock, state.packs).run()
    await state.db.transact(ledger.seal, state.keyring, state.settings.ledger.origin, state.clock.now())
    [made] = (await bank.client.get(CERTIFICATES, headers=bank.headers("dpo"))).json()["items"]
    assert (made["deleted"], made["held"], made["verified_at"] is not None) == (seen["due"], {hold["id"]: 1}, True)
    there = await bank.client.get(f"/v1/decisions/{held}", headers=bank.headers("dpo"))
    gone = await bank.client.get(f"/v1/decisions/{other}", headers=bank.headers("dpo"))
    assert (there.json()["told"]["inputs"]["savings"], gone.json()["told"]) == (0, None)
    proof = await bank.client.get(f"{CERTIFICATES}/{made['id']}/proof", headers=bank.headers("dpo"))
    assert (proof.status_code, proof.json()["leaf_index"]) == (200, made["seq"])
    assert made["sha256"] in proof.json()["entry"]

    because = {"because": "settled"}
    release = [
        (await bank.client.post(f"{HOLDS}/{hold['id']}/release", json=because, headers=bank.headers("dpo"))).status_code
        for _ in range(2)
    ]
    standing = await bank.client.get(HOLDS, params={"standing": "true"}, headers=bank.headers("dpo"))
    assert (release, standing.json()["items"]) == ([200, 409], [])
