"""Tampering with touchpoints, notices, showings, gaps and offered texts is found, and the bad row named."""

import pytest

from core.clock import MICROS, FixedClock
from core.database import Database, Sql, Tx
from core.keys import KeyRing
from disclosures.notices import service as notices
from disclosures.notices.verify import NoticeCheck
from disclosures.offers import service as offers
from disclosures.packs.loading import bundled
from disclosures.showings.verify import ShowingCheck
from disclosures.touchpoints.verify import TouchpointCheck
from disclosures.verify import RegisterCheck
from jobs.disclose import Disclose
from ledger import service as ledger
from ledger.audit import Finding
from ledger.verify import Check, verify
from tests.disclosures.noticing import DPO, TENANT, notice_document, opened, published
from tests.disclosures.test_showings import show, speak

pytestmark = pytest.mark.anyio
ORIGIN = "candor.example/ledger"


@pytest.fixture
async def told(db: Database, clock: FixedClock, keyring: KeyRing) -> Database:
    """A chat whose notice was shown, once in time and once not; a retired notice; a text that was offered."""
    await opened(db, clock)
    await published(db, clock, notice_document(key="old", touchpoints=[]))
    await db.transact(notices.retire, DPO, "old", clock.now())
    await show(db, clock, keyring)
    await speak(db, clock, conversation="c-2")
    clock.advance(60 * MICROS)
    await show(db, clock, keyring, conversation="c-2")
    assert await Disclose(db, clock, bundled()).find_gaps() == 1
    await db.transact(offers.keep, TENANT, {"text": "Do you agree?"}, clock.now())
    return db


async def findings(db: Database, keyring: KeyRing) -> list[Finding]:
    """Return what verification finds."""
    checks: list[Check] = [RegisterCheck(), TouchpointCheck(), NoticeCheck(), ShowingCheck()]
    report = await db.read(verify, ORIGIN, ledger.verifiers(keyring, ORIGIN), checks=checks)
    return report.findings


async def test_honest_records_verify(told: Database, keyring: KeyRing) -> None:
    assert await findings(told, keyring) == []


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE touchpoint SET state = 'draft'", "touchpoint"),
        ("UPDATE touchpoint SET document = '{}'", "touchpoint"),
        ("DELETE FROM touchpoint", "touchpoint"),
        ("UPDATE touchpoint_version SET state = 'live' WHERE revision = 1", "touchpoint_version"),
        ("DELETE FROM touchpoint_version WHERE revision = 1", "touchpoint_version"),
        ("UPDATE notice SET retired_at = NULL", "notice"),
        ("UPDATE notice SET latest_version = 0 WHERE key = 'first-line'", "notice"),
        ("UPDATE notice_version SET document = '{}' WHERE key = 'first-line'", "notice_version"),
        ("UPDATE notice_version SET approved_by = drafted_by", "notice_version"),
        ("DELETE FROM notice_version WHERE key = 'first-line'", "notice_version"),
        ("UPDATE showing SET version = 2", "showing"),
        ("UPDATE showing SET shown_at = shown_at - 1", "showing"),
        ("UPDATE showing SET conversation = 'c-9' WHERE conversation = 'c-2'", "showing"),
        ("DELETE FROM showing WHERE conversation = 'c-1'", "showing"),
        ("UPDATE showing SET seq = seq + 1000 WHERE conversation = 'c-1'", "showing"),
        ("DELETE FROM disclosure_gap", "disclosure_gap"),
        ("UPDATE disclosure_gap SET shown_at = NULL", "disclosure_gap"),
        ("UPDATE offered_text SET document = '{}'", "offered_text"),
    ],
)
async def test_tampering_is_found(told: Database, keyring: KeyRing, statement: str, table: str) -> None:
    async def tamper(tx: Tx) -> int:
        return await tx.execute(Sql(statement))

    assert await told.transact(tamper) > 0
    assert table in {finding.table for finding in await findings(told, keyring)}
