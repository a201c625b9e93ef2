"""Tampering with reason tables is found, and the bad row named: words, writers, approvals and retirement."""

import pytest

from core.clock import DAY, FixedClock
from core.database import Database, Sql, Tx
from core.keys import KeyRing
from explanations.reasons import service
from explanations.reasons.verify import ReasonTableCheck
from ledger import service as ledger
from ledger.audit import Finding
from ledger.verify import verify
from tests.explanations.reasons.tabling import APPROVER, WRITER, table

pytestmark = pytest.mark.anyio
ORIGIN = "candor.example/ledger"


@pytest.fixture
async def kept(db: Database, clock: FixedClock) -> Database:
    """Tables: one in its second version with a draft under way, one never approved, one retired."""
    at = clock.now()
    await db.transact(service.create, WRITER, table(), at)
    await db.transact(service.approve, APPROVER, "credit-eu", clock.advance(DAY))
    await db.transact(service.draft, APPROVER, table(most=3), clock.advance(DAY))
    await db.transact(service.approve, WRITER, "credit-eu", clock.advance(DAY))
    await db.transact(service.draft, WRITER, table(most=2), clock.advance(DAY))
    await db.transact(service.create, WRITER, table(key="fresh"), clock.now())
    await db.transact(service.create, WRITER, table(key="old"), clock.now())
    await db.transact(service.retire, WRITER, "old", clock.advance(DAY))
    return db


async def findings(db: Database, keyring: KeyRing) -> list[Finding]:
    report = await db.read(verify, ORIGIN, ledger.verifiers(keyring, ORIGIN), checks=[ReasonTableCheck()])
    return report.findings


async def test_honest_tables_verify(kept: Database, keyring: KeyRing) -> None:
    assert await findings(kept, keyring) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("UPDATE reason_table_version SET document = '{}' WHERE version = 1", "credit-eu@1"),
        ("UPDATE reason_table_version SET sha256 = 'x' WHERE version = 2", "credit-eu@2"),
        ("UPDATE reason_table_version SET approved_by = 'key_x' WHERE version = 2", "credit-eu@2"),
        ("UPDATE reason_table_version SET approved_at = 1 WHERE version = 2", "credit-eu@2"),
        ("UPDATE reason_table_version SET drafted_by = '[]' WHERE version = 2", "credit-eu@2"),
        ("UPDATE reason_table_version SET version = 9 WHERE version = 2", "credit-eu@9"),
        ("DELETE FROM reason_table_version WHERE version = 1", "credit-eu@1"),
        ("UPDATE reason_table SET draft = '{}' WHERE key = 'fresh'", "fresh"),
        ("UPDATE reason_table SET drafted_by = '[]' WHERE key = 'fresh'", "fresh"),
        ("UPDATE reason_table SET system = 'other' WHERE key = 'fresh'", "fresh"),
        ("UPDATE reason_table SET latest_version = 1 WHERE key = 'credit-eu'", "credit-eu"),
        ("UPDATE reason_table SET retired_at = NULL WHERE key = 'old'", "old"),
        ("UPDATE reason_table SET key = 'new' WHERE key = 'old'", "new"),
        ("DELETE FROM reason_table WHERE key = 'fresh'", "fresh"),
    ],
)
async def test_a_changed_row_is_found(kept: Database, keyring: KeyRing, change: str, key: str) -> None:
    async def tamper(tx: Tx) -> None:
        await tx.execute(Sql(change))

    await kept.transact(tamper)

    assert key in [finding.key for finding in await findings(kept, keyring)]
