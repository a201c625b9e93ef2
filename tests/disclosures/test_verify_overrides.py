"""Tampering with a tenant's overrides of rules is found, and the bad row named."""

import pytest

from core.clock import DAY, FixedClock
from core.database import Database, Sql, Tx
from core.keys import KeyRing
from core.principal import Principal, Role
from disclosures.packs import service
from disclosures.packs.loading import bundled
from disclosures.packs.overrides import Change
from disclosures.packs.service import Asked
from disclosures.packs.verify import OverrideCheck
from ledger import service as ledger
from ledger.audit import Finding
from ledger.verify import verify

pytestmark = pytest.mark.anyio
ORIGIN = "candor.example/ledger"
DPO = Principal(tenant="default", id="key_dpo", role=Role.DPO)
ADMIN = Principal(tenant="default", id="key_admin", role=Role.ADMIN)


@pytest.fixture
async def overridden(db: Database, clock: FixedClock) -> Database:
    """Overrides: one stricter, one signed off to be looser, one revoked."""
    at = clock.now()
    stricter = Asked("us-ny", "ny.companion", Change(every_minutes=60), "Promised.", None)
    looser = Asked("us-ny", "ny.companion", Change(switched_off=True), "Out of scope.", at + DAY)
    await db.transact(service.override, ADMIN, bundled(), "ovr_stricter", stricter, at)
    await db.transact(service.override, DPO, bundled(), "ovr_looser", looser, at)
    await db.transact(service.override, ADMIN, bundled(), "ovr_revoked", stricter, at)
    await db.transact(service.revoke, DPO, "us-ny", "ovr_revoked", clock.advance(DAY))
    return db


async def findings(db: Database, keyring: KeyRing) -> list[Finding]:
    report = await db.read(verify, ORIGIN, ledger.verifiers(keyring, ORIGIN), checks=[OverrideCheck()])
    return report.findings


async def test_honest_overrides_verify(overridden: Database, keyring: KeyRing) -> None:
    assert await findings(overridden, keyring) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("UPDATE rule_override SET document = '{}' WHERE id = 'ovr_stricter'", "ovr_stricter"),
        ("UPDATE rule_override SET document = '{' WHERE id = 'ovr_stricter'", "ovr_stricter"),
        ("UPDATE rule_override SET reason = 'Other.' WHERE id = 'ovr_stricter'", "ovr_stricter"),
        ("UPDATE rule_override SET direction = 'looser' WHERE id = 'ovr_stricter'", "ovr_stricter"),
        ("UPDATE rule_override SET created_at = created_at - 1 WHERE id = 'ovr_stricter'", "ovr_stricter"),
        ("UPDATE rule_override SET rule = 'ny.price' WHERE id = 'ovr_stricter'", "ovr_stricter"),
        ("UPDATE rule_override SET expires_at = NULL WHERE id = 'ovr_looser'", "ovr_looser"),
        ("UPDATE rule_override SET signed_off_by = 'key_other' WHERE id = 'ovr_looser'", "ovr_looser"),
        ("UPDATE rule_override SET revoked_at = NULL, revoked_by = NULL WHERE id = 'ovr_revoked'", "ovr_revoked"),
        ("UPDATE rule_override SET revoked_at = 1, revoked_by = 'x' WHERE id = 'ovr_looser'", "ovr_looser"),
        ("UPDATE rule_override SET id = 'ovr_new' WHERE id = 'ovr_looser'", "ovr_new"),
        ("DELETE FROM rule_override WHERE id = 'ovr_looser'", "ovr_looser"),
    ],
    ids=range(12),
)
async def test_tampering_is_found(overridden: Database, keyring: KeyRing, change: str, key: str) -> None:
    async def tamper(tx: Tx) -> int:
        return await tx.execute(Sql(change))

    assert await overridden.transact(tamper) > 0
    found = await findings(overridden, keyring)
    assert key in {finding.key for finding in found}
    assert {finding.table for finding in found} == {"rule_override"}
