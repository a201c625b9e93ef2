"""Tampering with the register of AI systems is found, and the bad row named."""

import pytest

from core.clock import DAY, FixedClock
from core.database import Database, Sql, Tx
from core.keys import KeyRing
from disclosures import service as systems
from disclosures.verify import RegisterCheck
from ledger import service as ledger
from ledger.audit import Finding
from ledger.verify import verify
from tests.disclosures.test_systems import DPO, system_document

pytestmark = pytest.mark.anyio
ORIGIN = "candor.example/ledger"


@pytest.fixture
async def register(db: Database, clock: FixedClock) -> Database:
    """A register with a changed and a retired system."""
    await db.transact(systems.register, DPO, system_document(), clock.now())
    await db.transact(systems.change, DPO, system_document(owner="Somebody else"), clock.advance(DAY))
    await db.transact(systems.register, DPO, system_document(key="old"), clock.now())
    await db.transact(systems.retire, DPO, "old", clock.advance(DAY))
    return db


async def findings(db: Database, keyring: KeyRing) -> list[Finding]:
    report = await db.read(verify, ORIGIN, ledger.verifiers(keyring, ORIGIN), checks=[RegisterCheck()])
    return report.findings


async def test_an_honest_register_verifies(register: Database, keyring: KeyRing) -> None:
    assert await findings(register, keyring) == []


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE ai_system SET document = '{}' WHERE key = 'support-bot'", "ai_system"),
        ("UPDATE ai_system SET retired_at = NULL", "ai_system"),
        ("DELETE FROM ai_system WHERE key = 'old'", "ai_system"),
        ("UPDATE ai_system_version SET document = '{}' WHERE revision = 1", "ai_system_version"),
        ("UPDATE ai_system_version SET recorded_at = recorded_at - 1", "ai_system_version"),
        ("DELETE FROM ai_system_version WHERE revision = 1", "ai_system_version"),
        ("UPDATE ai_system_version SET revision = 9 WHERE revision = 1", "ai_system_version"),
    ],
)
async def test_tampering_is_found(register: Database, keyring: KeyRing, statement: str, table: str) -> None:
    async def tamper(tx: Tx) -> int:
        return await tx.execute(Sql(statement))

    assert await register.transact(tamper) > 0
    assert table in {finding.table for finding in await findings(register, keyring)}
