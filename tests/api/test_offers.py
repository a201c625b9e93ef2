"""A browser's choice brings back the offer it answers: once, in time, by the same person, unaltered."""

import base64
import json
from typing import Any

import pytest

from api.state import AppState
from consent.lifecycle import ALL
from core.clock import FixedClock
from core.keys import KeyRing
from disclosures.offers import service as offers
from disclosures.offers import tokens
from tests.api.shop import Shop, given, offered

pytestmark = pytest.mark.anyio
YES = offered(given())


def code(answer: Any) -> tuple[int, str]:
    """Return the status and the problem's name."""
    return answer.status_code, answer.json()["type"].rsplit("/", 1)[1]


def altered(text: str, **changes: Any) -> str:
    """Return an offer with other contents and the old proof."""
    payload, _, proof = text.removeprefix("of1.").partition(".")
    found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    raw = json.dumps({**found, **changes}, sort_keys=True, separators=(",", ":")).encode()
    return f"of1.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}.{proof}"


async def refused(shop: Shop, offer: str | None, choice: dict[str, Any] = YES) -> tuple[int, str]:
    """Return how a choice is refused, after making sure that it left nothing behind."""
    before = await shop.whole.counts()
    body = {"choices": [choice], **({} if offer is None else {"offer": offer})}
    answer = await shop.post("/v1/choices", body)
    assert await shop.whole.counts() == before
    return code(answer)


def sealed(shop: Shop, **changes: Any) -> str:
    """Return an offer as this Candor would have made it, but for the changes."""
    state: AppState = shop.whole.app.state
    key = tokens.key_of(state.keyring)
    return tokens.seal(key, tokens.unseal(key, changes.pop("like"))._replace(**changes))


async def test_a_choice_without_an_offer_is_refused_from_a_browser(shop: Shop) -> None:
    assert await refused(shop, None) == (403, "offer-required")


async def test_an_altered_offer_is_refused(shop: Shop) -> None:
    good = await shop.offer()

    assert await refused(shop, altered(good, x=2**52)) == (403, "offer-altered")
    assert await refused(shop, good[:-1] + ("A" if good[-1] != "A" else "B")) == (403, "offer-altered")
    assert await refused(shop, "of1.e30.AAAAAAAAAAAAAAAAAAAAAA") == (403, "offer-altered")
    assert await refused(shop, "eyJhbGciOiJub25lIn0.e30.") == (403, "offer-altered")


async def test_an_expired_offer_is_refused(shop: Shop) -> None:
    at = shop.whole.app.state.clock.now()
    good = await shop.offer()

    assert await refused(shop, sealed(shop, like=good, expires_at=at)) == (403, "offer-expired")


async def test_an_offer_is_good_for_one_request(shop: Shop) -> None:
    offer = await shop.offer()
    first = await shop.choose(YES, offer=offer)

    assert first.status_code == 201
    assert await refused(shop, offer) == (409, "offer-used")
    again = await shop.choose({"purpose": "train", "state": "withdrawn"}, offer=first.json()["offer"])
    assert again.status_code == 201


async def test_a_refused_choice_does_not_use_the_offer_up(shop: Shop) -> None:
    offer = await shop.offer()
    assert await refused(shop, offer, {"purpose": "train", "state": "withdrawn"}) == (409, "transition-not-possible")

    assert (await shop.choose(YES, offer=offer)).status_code == 201


@pytest.mark.parametrize("name", ["site", "tenant", "subject"])
async def test_a_foreign_offer_is_refused(shop: Shop, name: str) -> None:
    other = {"site": "site_other", "tenant": "ten_other", "subject": b"\x01" * 16}[name]
    good = await shop.offer()

    assert await refused(shop, sealed(shop, like=good, **{name: other})) == (403, "offer-foreign")


async def test_an_offer_made_before_there_was_a_device_is_good_for_the_device_of_its_site(shop: Shop) -> None:
    nobody = {"X-Candor-Site": shop.headers()["X-Candor-Site"]}
    found = (await shop.client.get("/v1/offers", headers=nobody)).json()

    assert found["subject"] is None
    assert found["states"]["profile"] == {"on": True, "why": "default", "pending": False, "ask_after": None}
    assert (await shop.choose(YES, offer=found["offer"])).status_code == 201


async def test_an_offer_of_a_text_that_is_not_in_force_any_more_is_refused(shop: Shop) -> None:
    from tests.consent.keeping import purpose_document

    offer = await shop.offer()
    document = purpose_document().as_json()
    document["texts"]["en"]["text"] = "Something else altogether."
    tag = (await shop.get("/v1/purposes/train", "dpo")).headers["etag"]
    drafted = await shop.client.put(
        "/v1/purposes/train", json=document, headers=shop.headers("dpo", **{"If-Match": tag})
    )
    extra = {"If-Match": drafted.headers["etag"]}
    await shop.post("/v1/purposes/train/publish", {"material": False}, "dpo", extra)

    assert await refused(shop, offer) == (409, "offer-outdated")
    assert (await shop.choose(YES)).status_code == 201


async def test_what_was_not_offered_can_not_be_chosen(shop: Shop) -> None:
    good = await shop.offer()
    narrow = sealed(shop, like=good, purposes={"profile": 1})
    before = await shop.whole.counts()
    answer = await shop.post("/v1/choices", {"choices": [YES], "offer": narrow})

    assert answer.json()["errors"][0]["pointer"] == "/choices/0/purpose"
    assert await shop.whole.counts() == before


async def test_the_offer_alone_says_what_was_shown(shop: Shop) -> None:
    answer = await shop.post("/v1/choices", {"choices": [given()], "offer": await shop.offer()})
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/choices/0/notice_version",
        "/choices/0/notice_hash",
        "/choices/0/locale",
    ]

    made = (await shop.choose(YES, {"purpose": ALL, "state": "opted_out"})).json()["choices"]
    assert {(one["locale"], one["notice_hash"]) for one in made} == {("en", made[0]["notice_hash"])}
    state: AppState = shop.whole.app.state
    shown = await state.db.read(offers.text, "default", made[0]["notice_hash"])
    assert shown is not None
    assert [one["id"] for one in shown["purposes"]] == ["train", "profile"]
    assert offers.digest(shown) == made[0]["notice_hash"]


async def test_a_back_end_brings_evidence_instead(shop: Shop) -> None:
    body = {"choices": [given()], "subject": "customer-1"}
    assert (await shop.post("/v1/choices", body, "site")).status_code == 201
    answer = await shop.post("/v1/choices", {**body, "offer": await shop.offer()}, "site")

    assert answer.json()["errors"][0]["pointer"] == "/offer"


async def test_nothing_stands_in_the_way_of_a_no(shop: Shop) -> None:
    assert (await shop.choose(YES)).status_code == 201

    assert (await shop.post("/v1/me/withdraw", {"purpose": "train"})).status_code == 200
    assert (await shop.post("/v1/me/opt-out", {})).status_code == 200
    off = (await shop.client.get("/v1/offers", headers=shop.headers())).json()
    assert (off["all_off"], off["states"]["profile"]) == (
        True,
        {"on": False, "why": "all-off", "pending": False, "ask_after": None},
    )


async def test_a_signal_is_honoured_and_shown(shop: Shop) -> None:
    found = (await shop.client.get("/v1/offers", headers=shop.headers(**{"Sec-GPC": "1"}))).json()

    assert found["gpc"] == {"signal": True, "honoured": ["profile"]}
    assert (found["states"]["profile"]["on"], found["states"]["profile"]["why"]) == (False, "signal")


def test_an_offer_reads_back_as_it_was_made(keyring: KeyRing, clock: FixedClock) -> None:
    made = tokens.Offer("off_1", "t", "s", b"\x02" * 16, {"a": 3}, "ab" * 32, "v", "en", "panel", clock.now())
    key = tokens.key_of(keyring)

    assert tokens.unseal(key, tokens.seal(key, made)) == made
