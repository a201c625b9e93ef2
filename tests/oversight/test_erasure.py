"""Erasure takes two people, leaves nothing that can be opened, and the ledger still verifies."""

import pytest

from consent import status, store
from consent.errors import SubjectNotFoundError
from consent.notary import Notary
from core import subjects
from core.clock import DAY, FixedClock
from core.database import Database, Sql
from core.principal import Principal, Role
from ledger import service as ledger
from ledger.subjects import SubjectBinding
from ledger.verify import verify
from oversight import erasure
from oversight.errors import ErasureUnderWayError, NoErasureRequestError, SecondPersonNeededError
from tests.consent.choosing import choose, gate, gate_at, one, person
from tests.consent.keeping import DPO, TENANT, opt_out_document, publish, purpose_document

pytestmark = pytest.mark.anyio
OTHER = Principal(tenant=TENANT, id="key_other", role=Role.DPO)
ORIGIN = "candor.example/ledger"


@pytest.fixture
async def shop(db: Database, notary: Notary, clock: FixedClock) -> Database:
    """A database in which customer-1 has said yes with a reason, and no."""
    await publish(db, clock, purpose_document())
    await publish(db, clock, opt_out_document())
    await choose(db, notary, clock, one("train", "given", reason="my reason"), one("profile", "opted_out"))
    return db


async def erase(db: Database, notary: Notary, clock: FixedClock) -> None:
    who = person(notary.keyring).pseudonym
    await db.transact(erasure.request, notary.keyring, DPO, who, "request-of-the-person", clock.now())
    await db.transact(erasure.approve, notary.keyring, OTHER, who, clock.now())


async def test_one_person_alone_can_not_erase(shop: Database, notary: Notary, clock: FixedClock) -> None:
    who = person(notary.keyring).pseudonym
    with pytest.raises(NoErasureRequestError):
        await shop.transact(erasure.approve, notary.keyring, OTHER, who, clock.now())
    await shop.transact(erasure.request, notary.keyring, DPO, who, "request-of-the-person", clock.now())
    with pytest.raises(ErasureUnderWayError):
        await shop.transact(erasure.request, notary.keyring, OTHER, who, "request-of-the-person", clock.now())
    with pytest.raises(SecondPersonNeededError):
        await shop.transact(erasure.approve, notary.keyring, DPO, who, clock.now())

    assert (await gate(shop, notary.keyring, clock.now())).decision == "allow"


async def test_after_erasure_nothing_opens_and_the_gate_knows_nobody(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    before = clock.now()
    clock.advance(DAY)
    who = person(notary.keyring).pseudonym
    receipt = (await shop.read(store.receipts, TENANT, who, None, 1))[0]
    await erase(shop, notary, clock)

    assert await shop.read(subjects.data_key, notary.keyring, TENANT, who) is None
    assert await shop.read(subjects.reference, notary.keyring, TENANT, who) is None
    assert await shop.fetch(Sql("SELECT * FROM identifier")) == []
    assert (await gate(shop, notary.keyring, clock.now())).reasons == ("consent-unknown",)
    assert (await gate_at(shop, notary.keyring, before)).reasons == ("consent-unknown",)
    assert await shop.read(store.history, TENANT, who, None, 9) == []
    assert (await shop.read(status.status, receipt.id, clock.now())).state == "erased"
    with pytest.raises(SubjectNotFoundError):
        await shop.transact(erasure.request, notary.keyring, DPO, who, "request-of-the-person", clock.now())


async def test_a_person_who_comes_back_begins_anew_and_the_ledger_verifies(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await erase(shop, notary, clock)
    recorded = await choose(shop, notary, clock, one("train", "given", reason="I am back"))

    assert recorded.receipt is not None
    assert recorded.receipt.supersedes == ()
    who = person(notary.keyring).pseudonym
    assert [event.state for event in await shop.read(store.history, TENANT, who, None, 9)] == ["given"]
    assert (await gate(shop, notary.keyring, clock.now())).decision == "allow"
    await shop.transact(ledger.seal, notary.keyring, ORIGIN, clock.now())
    report = await shop.read(
        verify, ORIGIN, ledger.verifiers(notary.keyring, ORIGIN), checks=[SubjectBinding(notary.keyring)]
    )
    assert report.findings == []


async def test_another_tenants_dpo_reaches_nobody(shop: Database, notary: Notary, clock: FixedClock) -> None:
    stranger = Principal(tenant="other", id="key_x", role=Role.DPO)
    with pytest.raises(SubjectNotFoundError):
        await shop.transact(
            erasure.request, notary.keyring, stranger, person(notary.keyring).pseudonym, "other", clock.now()
        )
