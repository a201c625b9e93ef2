"""A vendor's update makes a person look again at what people were told, and how that ended can be proven."""

from typing import Any

import pytest

from core.clock import DAY, FixedClock
from core.database import Database, Sql, Tx
from core.keys import KeyRing
from disclosures import service as systems
from disclosures.errors import SystemNotFoundError, SystemRetiredError
from disclosures.reviews import service, store
from disclosures.reviews.documents import Answer, VendorUpdate
from disclosures.reviews.errors import NothingNewError, ReviewClosedError, ReviewNotFoundError
from disclosures.reviews.service import Opened
from disclosures.reviews.verify import ReviewCheck
from disclosures.touchpoints import service as touchpoints
from ledger import service as ledger
from ledger.verify import verify
from tests.disclosures.noticing import DPO, TENANT, notice_document, opened, published, touchpoint_document

pytestmark = pytest.mark.anyio
SAME = Answer(outcome="no_change", reason="The notice names no vendor.")
ANEW = Answer(outcome="new_version", reason="The notice has to name the new purpose.")


def update(**changes: Any) -> VendorUpdate:
    """Return what a vendor announced."""
    return VendorUpdate.model_validate(
        {
            "vendor": "Acme Models Ltd",
            "changes_on": "2026-12-01",
            "changed": ["model", "data_category"],
            "text": "The assistant reads attachments too.",
            "reference": "MAIL-2026-118",
            **changes,
        }
    )


async def told(db: Database, clock: FixedClock) -> Opened:
    """Return a vendor's update of an AI system that answers in a chat."""
    await opened(db, clock)
    return await db.transact(service.record, DPO, "support-bot", update(), clock.now())


async def test_an_update_opens_a_review_of_each_notice_at_each_touchpoint_of_the_system(
    db: Database, clock: FixedClock
) -> None:
    await opened(db, clock)
    for key in ("offers", "over"):
        document = touchpoint_document(key=key, kind="recommender", channels=["web"])
        await db.transact(touchpoints.enter, DPO, document, clock.now())
    await db.transact(touchpoints.move, DPO, "over", "retired", clock.now())

    event, reviews = await db.transact(service.record, DPO, "support-bot", update(), clock.now())
    assert [(one.touchpoint, one.notice, one.version) for one in reviews] == [
        ("chat", "first-line", 1),
        ("offers", None, None),
    ]
    assert {one.event for one in reviews} == {event.id}
    assert await db.read(store.number_open, TENANT, 100) == 2
    kept = await db.read(service.events, TENANT, "support-bot", "", 10)
    assert [service.document_of(one.document) for one in kept] == [update()]


async def test_an_update_of_a_system_that_is_not_there_or_retired_is_refused(db: Database, clock: FixedClock) -> None:
    with pytest.raises(SystemNotFoundError):
        await db.transact(service.record, DPO, "support-bot", update(), clock.now())
    await opened(db, clock)
    await db.transact(systems.retire, DPO, "support-bot", clock.now())
    with pytest.raises(SystemRetiredError):
        await db.transact(service.record, DPO, "support-bot", update(), clock.now())
    assert await db.read(store.number_open, TENANT, 100) == 0


async def test_a_review_ends_once_with_its_reason(db: Database, clock: FixedClock) -> None:
    (review,) = (await told(db, clock)).reviews
    closed = await db.transact(service.close, DPO, review.id, SAME, clock.advance(DAY))
    assert (closed.outcome, closed.reason, closed.new_version) == ("no_change", SAME.reason, None)
    assert closed.closed_at == clock.now()
    with pytest.raises(ReviewClosedError):
        await db.transact(service.close, DPO, review.id, SAME, clock.now())
    assert await db.read(store.reviews, TENANT, "open", "", 10) == []
    assert await db.read(store.reviews, TENANT, "closed", "", 10) == [closed]
    with pytest.raises(ReviewNotFoundError):
        await db.read(service.view, "ten_other", review.id)


async def test_a_new_version_has_to_be_published_before_a_review_can_end_with_one(
    db: Database, clock: FixedClock
) -> None:
    (review,) = (await told(db, clock)).reviews
    clock.advance(DAY)
    await published(db, clock, notice_document(key="other"))
    with pytest.raises(NothingNewError):
        await db.transact(service.close, DPO, review.id, ANEW, clock.now())
    await published(db, clock)
    closed = await db.transact(service.close, DPO, review.id, ANEW, clock.now())
    assert (closed.outcome, closed.new_version) == ("new_version", 2)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "UPDATE vendor_event SET document = '{}'",
        "UPDATE vendor_event SET recorded_at = recorded_at - 1",
        "DELETE FROM vendor_event",
        "UPDATE disclosure_review SET touchpoint = 'other'",
        "UPDATE disclosure_review SET outcome = 'new_version'",
        "UPDATE disclosure_review SET reason = 'another'",
        "UPDATE disclosure_review SET closed_at = NULL, outcome = NULL",
        "DELETE FROM disclosure_review",
    ],
)
async def test_tampering_is_found(db: Database, clock: FixedClock, keyring: KeyRing, statement: str) -> None:
    (review,) = (await told(db, clock)).reviews
    await db.transact(service.close, DPO, review.id, SAME, clock.advance(DAY))

    async def tamper(tx: Tx) -> None:
        await tx.execute(Sql(statement))

    if statement != "SELECT 1":
        await db.transact(tamper)
    origin = "candor.example/ledger"
    report = await db.read(verify, origin, ledger.verifiers(keyring, origin), checks=[ReviewCheck()])
    assert bool(report.findings) == (statement != "SELECT 1")
