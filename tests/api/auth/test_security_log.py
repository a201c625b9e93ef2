"""What the security log says of callers: each refusal once, and nothing of the credential or the person."""

from typing import Any

import pytest
from joserfc.jwk import OKPKey
from structlog.testing import capture_logs

pytestmark = pytest.mark.anyio
World = Any  # the class stands in conftest, which tests can't import


async def test_every_refusal_is_one_event_that_tells_nothing_of_the_person(world: World, ed_key: OKPKey) -> None:
    await world.customer_key("shop", ed_key)
    pk = world.sites["shop"].site.publishable_key
    good = world.customer_token("shop", ed_key, sub="marker-4711")
    late = world.customer_token("shop", ed_key, sub="marker-4711", exp=1, iat=0)
    cases = [
        (world.client(), "authentication-failed"),
        (world.client("ck_live_marker"), "authentication-failed"),
        (world.client(late), "authentication-failed"),
        (world.client(good[:-8]), "authentication-failed"),
        (world.client(good, origin="https://marker.example"), "authentication-failed"),
        (world.client(x_candor_site="pk_marker"), "authentication-failed"),
        (world.client(x_candor_site=pk, x_candor_device="marker"), "authentication-failed"),
        (world.client(good), "access-denied"),
        (world.client(x_candor_site=pk, x_candor_device="0" * 32), "access-denied"),
    ]

    for client, event in cases:
        with capture_logs() as lines:
            answer = await client.get("/v1/keys")

        assert answer.status_code in {401, 403}
        assert [line["event"] for line in lines if line["log_level"] == "warning"] == [event]
        assert "marker" not in str(lines)
        assert "marker" not in answer.text


async def test_what_changes_something_is_noted_and_mass_traffic_only_when_asked(world: World) -> None:
    from core.principal import Role

    client = world.client(await world.key("ten_a", Role.ADMIN))
    with capture_logs() as lines:
        await client.post("/v1/keys", json={"name": "n", "scopes": ["choices:read"]})
        await client.get("/v1/sites")

    noted = [(line["log_level"], line["permission"]) for line in lines if line["event"] == "access-allowed"]
    assert noted == [("info", "keys.write"), ("debug", "sites.read")]
