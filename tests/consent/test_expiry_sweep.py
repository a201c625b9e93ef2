"""The sweep: every consent past its end gets one expired event, however often and however many sweep."""

import asyncio

import pytest

from consent import store
from consent.notary import Notary
from core.clock import DAY, FixedClock
from core.database import Database
from jobs.expire import Expire
from tests.consent.choosing import choose, gate, one, person
from tests.consent.keeping import TENANT, publish, purpose_document

pytestmark = pytest.mark.anyio


async def test_what_is_over_is_noted_once(db: Database, notary: Notary, clock: FixedClock) -> None:
    await publish(db, clock, purpose_document(validity="P1M"))
    await publish(db, clock, purpose_document("endless"))
    for number in range(5):
        await choose(db, notary, clock, one("train", "given"), one("endless", "given"), reference=f"c{number}")
    await choose(db, notary, clock, one("train", "withdrawn"), reference="c4")
    expire = Expire(db, clock, notary)
    assert await expire.sweep() == 0

    clock.advance(31 * DAY)
    assert sum(await asyncio.gather(expire.sweep(), expire.sweep())) == 4
    assert await expire.sweep() == 0

    history = await db.read(store.history, TENANT, person(notary.keyring, "c0").pseudonym, None, 9)
    assert (history[0].purpose, history[0].state, history[0].actor) == ("train", "expired", "system")
    assert len(history) == 3
    assert (await gate(db, notary.keyring, clock.now(), reference="c0")).reasons == ("consent-expired",)
    assert (await gate(db, notary.keyring, clock.now(), reference="c4")).reasons == ("consent-withdrawn",)


async def test_a_consent_renewed_meanwhile_is_left_alone(db: Database, notary: Notary, clock: FixedClock) -> None:
    await publish(db, clock, purpose_document(validity="P1M"))
    await choose(db, notary, clock, one("train", "given"))
    clock.advance(31 * DAY)
    await choose(db, notary, clock, one("train", "renewed"))

    assert await Expire(db, clock, notary).sweep() == 0
    assert (await gate(db, notary.keyring, clock.now())).reasons == ("consent-renewed",)
