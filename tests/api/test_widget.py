"""``GET /v1/widget/{site}/{lang}``: one small cacheable answer for everybody, the same by both ways."""

import httpx
import pytest

from api.app import Application
from api.edge import Edge
from api.schemas.widget import WidgetConfig
from api.widget.lane import WidgetLane
from tests.api.shop import Shop

pytestmark = pytest.mark.anyio


def path(shop: Shop, language: str = "en") -> str:
    """Return the path of the shop's configuration."""
    return f"/v1/widget/{shop.headers()['X-Candor-Site']}/{language}"


def lane_of(app: Application) -> WidgetLane:
    """Return the lane in front of the routes."""
    front = app._front
    while not isinstance(front, WidgetLane):
        front = front._app  # type: ignore[attr-defined]  # every application in front keeps the next one there
    return front


async def test_it_says_what_can_be_chosen_and_nothing_of_anybody(shop: Shop) -> None:
    found = (await shop.client.get(path(shop))).json()

    config = WidgetConfig.model_validate(found)
    assert [(one.id, one.on, one.gpc) for one in config.purposes] == [("train", False, False), ("profile", True, True)]
    assert (config.lang, config.page, config.org) == ("en", "/t/shop/en", "Shop")
    assert config.messages


async def test_both_ways_give_the_same_answer(shop: Shop) -> None:
    lane = lane_of(shop.whole.app)
    edge = lane._app
    assert isinstance(edge, Edge)
    transport = httpx.ASGITransport(edge)
    for accepts in ("gzip", "identity"):
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as slow:
            by_route = await slow.get(path(shop), headers={"Accept-Encoding": accepts})
        before = lane.served
        by_lane = await shop.client.get(path(shop), headers={"Accept-Encoding": accepts})
        assert lane.served == before + 1
        assert by_lane.content == by_route.content
        ours = {name: value for name, value in by_route.headers.items() if name != "x-request-id"}
        assert dict(by_lane.headers) == ours


async def test_what_is_known_already_is_not_sent_again(shop: Shop) -> None:
    first = await shop.client.get(path(shop))
    tag = first.headers["etag"]

    for given in (tag, f'"x", {tag}', "*", tag.removeprefix("W/")):
        again = await shop.client.get(path(shop), headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await shop.client.get(path(shop), headers={"If-None-Match": '"other"'})).status_code == 200
    assert "max-age=60" in first.headers["cache-control"]
    assert first.headers["access-control-allow-origin"] == "*"


async def test_a_change_is_seen_at_once(shop: Shop) -> None:
    before = (await shop.client.get(path(shop))).json()["version"]
    tag = (await shop.get("/v1/purposes/profile", "dpo")).headers["etag"]
    await shop.client.delete("/v1/purposes/profile", headers=shop.headers("dpo", **{"If-Match": tag}))
    after = (await shop.client.get(path(shop))).json()

    assert after["version"] != before
    assert [one["id"] for one in after["purposes"]] == ["train"]


async def test_a_language_the_site_lacks_becomes_one_it_has(shop: Shop) -> None:
    for wanted in ("fi", "en-GB"):
        assert (await shop.client.get(path(shop, wanted))).json()["lang"] == "en"
    unknown = await shop.client.get(f"/v1/widget/pk_{'0' * 32}/en")
    assert (unknown.status_code, unknown.json()["type"].rsplit("/", 1)[1]) == (404, "site-not-found")
