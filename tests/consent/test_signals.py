"""Sec-GPC: exactly 1, honoured in the same act, never against a choice made in its presence, never undone by itself."""

import pytest

from consent import choices, signals
from consent.notary import Notary
from core.clock import FixedClock
from core.database import Database
from tests.consent.choosing import choose, gate, how, one
from tests.consent.keeping import opt_out_document, publish, purpose_document

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("values", [[b"1"], [b"0", b"1"], [b"1", b"1"]])
def test_one_field_of_exactly_one_is_the_signal(values: list[bytes]) -> None:
    assert signals.is_on([(b"sec-gpc", value) for value in values])


@pytest.mark.parametrize("value", [b"0", b"1 ", b"true", b"1,1", b"", b"?1"])
def test_any_other_value_is_ignored(value: bytes) -> None:
    assert not signals.is_on([(b"sec-gpc", value), (b"x-sec-gpc", b"1")])


@pytest.fixture
async def shop(db: Database, clock: FixedClock) -> Database:
    """A database where the signal covers ``profile`` and ``ads``, and not ``train``."""
    await publish(db, clock, purpose_document())
    await publish(db, clock, opt_out_document(gpc=True))
    await publish(db, clock, opt_out_document("ads", gpc=True, kind="sale_or_share"))
    return db


async def test_the_signal_is_recorded_once_with_the_act_that_carried_it(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    recorded = await choose(shop, notary, clock, one("train", "given"), gpc=True)

    said = [(c.event.purpose, c.event.state, c.event.actor, c.event.method) for c in recorded.chosen]
    assert said == [
        ("train", "given", "subject", "button"),
        ("ads", "opted_out", "signal", "gpc"),
        ("profile", "opted_out", "signal", "gpc"),
    ]
    assert recorded.honoured == ("ads", "profile")
    assert (await gate(shop, notary.keyring, clock.now(), "profile")).reasons == ("opted-out",)
    again = await shop.transact(choices.honour, notary, how(notary.keyring, gpc=True), clock)
    assert again.chosen == ()
    assert again.honoured == ("ads", "profile")


async def test_a_choice_made_in_its_presence_stands(shop: Database, notary: Notary, clock: FixedClock) -> None:
    circumstances = how(notary.keyring, gpc=True)
    await shop.transact(choices.honour, notary, circumstances, clock)
    recorded = await choose(shop, notary, clock, one("profile", "opt_out_reversed"), gpc=True)

    assert [c.event.purpose for c in recorded.chosen] == ["profile"]
    assert recorded.honoured == ("ads",)
    assert (await shop.transact(choices.honour, notary, circumstances, clock)).chosen == ()
    assert (await gate(shop, notary.keyring, clock.now(), "profile")).decision == "allow"


async def test_a_choice_made_without_it_gives_way_and_nothing_comes_back_when_it_goes(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await choose(shop, notary, clock, one("profile", "opted_out"))
    await choose(shop, notary, clock, one("profile", "opt_out_reversed"))
    await shop.transact(choices.honour, notary, how(notary.keyring, gpc=True), clock)
    assert (await gate(shop, notary.keyring, clock.now(), "profile")).decision == "deny"

    await choose(shop, notary, clock, one("train", "given"), gpc=False)
    assert (await gate(shop, notary.keyring, clock.now(), "profile")).decision == "deny"


async def test_an_objection_made_without_the_signal_is_left_as_it_is(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await choose(shop, notary, clock, one("profile", "objected"))
    recorded = await shop.transact(choices.honour, notary, how(notary.keyring, gpc=True), clock)

    assert [c.event.purpose for c in recorded.chosen] == ["ads"]
    assert recorded.honoured == ("ads", "profile")
