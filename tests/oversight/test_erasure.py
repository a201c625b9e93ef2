"""Erasure takes two people, leaves nothing that can be opened, and the ledger still verifies."""

import pytest

from consent import status, store
from consent.errors import SubjectNotFoundError
from consent.notary import Notary
from consent.verify import ChoiceCheck
from core import subjects
from core.clock import DAY, FixedClock
from core.database import Database, Sql
from core.principal import Principal, Role
from ledger import service as ledger
from ledger.audit import Finding
from ledger.subjects import SubjectBinding
from ledger.verify import Check, verify
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
    await publish(db, clock, opt_out_document(gpc=True))
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


async def test_after_erasure_nothing_opens_and_consents_are_unknown(
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


async def test_erasure_keeps_a_no_and_of_it_only_what_is_needed(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    who = person(notary.keyring).pseudonym
    before = {row.purpose: row for row in await shop.read(store.present, TENANT, who)}
    receipt = (await shop.read(store.receipts, TENANT, who, None, 1))[0]
    clock.advance(DAY)
    await erase(shop, notary, clock)

    kept = before["profile"]._replace(gpc=False, notice_version=None, receipt=None)
    assert await shop.read(store.present, TENANT, who) == (kept,)
    assert (await gate(shop, notary.keyring, clock.now(), "profile")).reasons == ("opted-out",)
    found = await shop.read(status.status, receipt.id, clock.now())
    assert {choice.purpose: choice.now for choice in found.choices} == {"train": "erased", "profile": "opted_out"}


@pytest.mark.parametrize("no", ["objected", "restricted", "opted_out"])
async def test_no_instant_reads_as_allowed_where_a_no_outlived_the_erasure(
    shop: Database, notary: Notary, clock: FixedClock, no: str
) -> None:
    published = clock.now()
    if no != "opted_out":
        await choose(shop, notary, clock, one("profile", no))
    await choose(shop, notary, clock, one("profile", "objected", system="bot"))
    clock.advance(DAY)
    said = clock.now()
    await choose(shop, notary, clock, one("profile", "opt_out_reversed"))
    reversed_at = clock.now() + DAY
    clock.advance(DAY)
    await choose(shop, notary, clock, one("*", no))
    clock.advance(DAY)
    await erase(shop, notary, clock)
    erased = clock.now()
    clock.advance(DAY)
    await choose(shop, notary, clock, one("*", "opt_out_reversed"))

    for at in (published, said, reversed_at, erased - 1, erased, clock.now() - 1):
        answer = await gate_at(shop, notary.keyring, at, "profile", "scorer")
        assert answer.reasons == ("all-ai-opted-out",), at
        assert answer.notice_version is None
    assert (await gate_at(shop, notary.keyring, clock.now(), "profile", "scorer")).reasons == ("not-opted-out",)
    assert (await gate_at(shop, notary.keyring, clock.now(), "profile", "bot")).reasons == ("objection",)
    assert (await gate_at(shop, notary.keyring, published, "train")).decision == "deny"


async def test_a_no_outlives_two_erasures_until_the_person_changes_it(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await erase(shop, notary, clock)
    await choose(shop, notary, clock, one("train", "given"))
    await erase(shop, notary, clock)
    assert (await gate(shop, notary.keyring, clock.now(), "profile", "scorer")).reasons == ("opted-out",)

    await choose(shop, notary, clock, one("profile", "opt_out_reversed"))
    assert (await gate(shop, notary.keyring, clock.now(), "profile", "scorer")).decision == "allow"
    await erase(shop, notary, clock)
    assert await shop.read(store.present, TENANT, person(notary.keyring).pseudonym) == ()
    assert await verified(shop, notary, clock) == []


async def verified(db: Database, notary: Notary, clock: FixedClock) -> list[Finding]:
    await db.transact(ledger.seal, notary.keyring, ORIGIN, clock.now())
    checks: list[Check] = [SubjectBinding(notary.keyring), ChoiceCheck(notary.keyring)]
    return (await db.read(verify, ORIGIN, ledger.verifiers(notary.keyring, ORIGIN), checks=checks)).findings


async def test_a_person_who_comes_back_begins_anew_and_the_ledger_verifies(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await erase(shop, notary, clock)
    assert await verified(shop, notary, clock) == []
    recorded = await choose(shop, notary, clock, one("train", "given", reason="I am back"))

    assert recorded.receipt is not None
    assert recorded.receipt.supersedes == ()
    who = person(notary.keyring).pseudonym
    assert [event.state for event in await shop.read(store.history, TENANT, who, None, 9)] == ["given"]
    assert (await gate(shop, notary.keyring, clock.now())).decision == "allow"
    assert await verified(shop, notary, clock) == []


async def test_another_tenants_dpo_reaches_nobody(shop: Database, notary: Notary, clock: FixedClock) -> None:
    stranger = Principal(tenant="other", id="key_x", role=Role.DPO)
    with pytest.raises(SubjectNotFoundError):
        await shop.transact(
            erasure.request, notary.keyring, stranger, person(notary.keyring).pseudonym, "other", clock.now()
        )
