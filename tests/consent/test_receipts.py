"""Receipts: signed, linked to what they supersede and terminate, complete, and honest about what became of them."""

import pytest

from consent import choices, receipts, status, store
from consent.errors import ReceiptNotFoundError
from consent.notary import Notary
from core.clock import DAY, FixedClock
from core.database import Database
from ledger import jws
from ledger import service as ledger
from tests.consent.choosing import choose, how, one, person
from tests.consent.keeping import TENANT, opt_out_document, publish, purpose_document

pytestmark = pytest.mark.anyio
# ISO/IEC TS 27560: what a record has to say about a choice
EVENT = {
    "choice",
    "purpose",
    "purpose_version",
    "system",
    "event_state",
    "event_type",
    "event_time",
    "entity",
    "method",
}
MEANING = {"lawful_basis", "pii_information", "recipients", "retention_period", "storage_locations", "jurisdictions"}


@pytest.fixture
async def shop(db: Database, clock: FixedClock) -> Database:
    """A database with an opt-in and an opt-out purpose."""
    await publish(db, clock, purpose_document(validity="P1M"))
    await publish(db, clock, opt_out_document())
    return db


async def test_a_receipt_says_what_27560_asks_for_and_verifies(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    recorded = await choose(shop, notary, clock, one("train", "given", jurisdiction="EU"))
    assert recorded.receipt is not None

    said = receipts.verified(notary.keyring, recorded.receipt.jws)

    subject = person(notary.keyring)
    assert said["pii_principal_id"] == subject.public_id
    assert said["controller"] == {
        "id": TENANT,
        "name": "Acme Shop",
        "address": "1 High Street, Dublin",
        "contact": "privacy@shop.example",
        "kind": "organisation",
    }
    event, meaning = said["events"][0], said["purposes"]["train"]
    assert set(event) > EVENT
    assert set(meaning) > MEANING
    assert (event["event_state"], event["valid_until"]) == ("given", "2026-12-23T09:00:00.000000Z")
    assert event["notice"] == {"version": "n1", "sha256": "ab" * 32, "language": "en"}
    entry = await shop.read(ledger.entry, TENANT, said["ledger"]["seq"])
    assert said["ledger"]["entry"] == event["ledger"]["entry"] == entry.id
    assert "customer-1" not in str(said)


async def test_a_changed_receipt_does_not_verify(shop: Database, notary: Notary, clock: FixedClock) -> None:
    recorded = await choose(shop, notary, clock, one("train", "given"))
    assert recorded.receipt is not None
    head, body, signature = recorded.receipt.jws.split(".")
    for bent in (f"{head}.{body[:-8]}{body[-4:]}{body[-8:-4]}.{signature}", f"{head}.{body}.{signature[::-1]}"):
        with pytest.raises(jws.JwsError):
            receipts.verified(notary.keyring, bent)


async def test_receipts_name_those_they_supersede_and_terminate(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    given = (await choose(shop, notary, clock, one("train", "given"))).receipt
    withdrawn = (await choose(shop, notary, clock, one("train", "withdrawn"), one("profile", "objected"))).receipt
    again = (await choose(shop, notary, clock, one("train", "given"))).receipt
    assert given is not None
    assert withdrawn is not None
    assert again is not None

    assert (given.kind, withdrawn.kind) == ("given", "mixed")
    assert (withdrawn.supersedes, withdrawn.terminates) == ((given.id,), (given.id,))
    assert (again.supersedes, again.terminates) == ((withdrawn.id,), ())
    states = [(await shop.read(status.status, receipt.id, clock.now())) for receipt in (given, withdrawn, again)]
    assert [state.state for state in states] == ["replaced", "partly_replaced", "current"]
    assert [choice.now for choice in states[1].choices] == ["replaced", "objected"]
    late = await shop.read(status.status, again.id, clock.now() + 40 * DAY)
    assert late.choices[0].now == "expired"


async def test_a_receipt_of_fifty_wordy_choices_still_verifies(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    words = [f"{'recipient ' * 10}{number}" for number in range(50)]
    for number in range(50):
        await publish(shop, clock, purpose_document(f"p{number}", recipients=words))

    recorded = await choose(shop, notary, clock, *(one(f"p{number}", "given") for number in range(50)))

    assert recorded.receipt is not None
    said = receipts.verified(notary.keyring, recorded.receipt.jws)
    assert set(said["purposes"]["p7"]) == {"version", "sha256"}


async def test_a_receipts_entry_is_proved_once_the_log_is_sealed(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    recorded = await choose(shop, notary, clock, one("train", "given"))
    assert recorded.receipt is not None
    await shop.transact(ledger.seal, notary.keyring, "candor.example/ledger", clock.now())

    token, proof = await shop.read(status.proof, recorded.receipt.id)

    assert token == recorded.receipt.jws
    assert recorded.chosen[0].entry in proof.entry


async def test_an_unknown_receipt_is_not_found(shop: Database, clock: FixedClock) -> None:
    with pytest.raises(ReceiptNotFoundError):
        await shop.read(status.status, "rcp_" + "0" * 32, clock.now())


async def test_a_record_of_27560_names_the_consent_and_no_person(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    recorded = await choose(shop, notary, clock, one("train", "given"))
    assert recorded.receipt is not None

    record = await shop.read(status.record_27560, notary, recorded.receipt.id)

    process = record["dpv:hasProcess"][0]
    assert process["dpv:hasLegalBasis"] == "eu-gdpr:A6-1-a"
    assert process["dpv:hasConsentStatus"][0]["@type"] == ["dpv:ConsentGiven", "dpv:ExpressedConsent"]
    assert process["dpv:hasConsentStatus"][0]["dpv:hasDuration"]["rdf:value"] == "2026-12-23T09:00:00.000000Z"
    assert person(notary.keyring).public_id not in str(record)


async def test_a_persons_receipts_come_newest_first(shop: Database, notary: Notary, clock: FixedClock) -> None:
    for state in ("given", "withdrawn", "given"):
        await choose(shop, notary, clock, one("train", state))
    await shop.transact(choices.withdraw, notary, how(notary.keyring), clock)

    subject = person(notary.keyring).pseudonym
    found = await shop.read(store.receipts, TENANT, subject, None, 2)
    rest = await shop.read(store.receipts, TENANT, subject, found[-1].last_seq, 9)

    assert [row.kind for row in found + rest] == ["withdrawn", "given", "withdrawn", "given"]
