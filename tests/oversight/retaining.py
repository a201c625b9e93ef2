"""A company that keeps records for a time: what is recorded, how long it is kept, and the job that deletes."""

from core.clock import DAY, FixedClock
from core.database import Database, Sql
from core.keys import KeyRing
from core.principal import Principal, Role
from disclosures.packs.loading import bundled
from explanations.verify import ExplanationCheck
from jobs.retain import Retain
from ledger import service as ledger
from ledger.audit import Finding
from ledger.subjects import SubjectBinding
from ledger.verify import Check, verify
from oversight.retention import holds, schedules
from oversight.retention.holds import Reach
from oversight.retention.minimums import Where
from oversight.retention.schedules import Wish
from oversight.retention.store import HoldRow
from oversight.retention.verify import RetentionCheck
from tests.explanations import deciding

TENANT = deciding.TENANT
DPO = Principal(TENANT, "key_dpo", Role.DPO)
SECOND = Principal(TENANT, "key_second", Role.DPO)
PACKS = bundled()
ORIGIN = "candor.example/ledger"
IRELAND = Where(("IE",), ("other",))


class Company:
    """One tenant's records over one database, in a place and a sector that no rule asks to keep them for."""

    def __init__(self, db: Database, keyring: KeyRing, clock: FixedClock) -> None:
        self.db, self.keyring, self.clock = db, keyring, clock
        self.retain = Retain(db, clock, PACKS)

    async def decide(self, *references: str, subject: str = "customer-1") -> list[str]:
        """Record decisions about a person and return their ids."""
        sheets = [deciding.sheet(self.keyring, reference, subject) for reference in references]
        return [one.id for one in await deciding.record(self.db, self.keyring, self.clock, *sheets)]

    async def keep(self, record_type: str, period: str | None, where: Where = IRELAND) -> None:
        """Put a schedule in force, by two people if it takes two."""
        wish = Wish(period, "no longer needed", where)
        row = await self.db.transact(schedules.propose, DPO, PACKS, record_type, wish, self.clock.now())
        if row.approved_at is None:
            await self.db.transact(schedules.approve, SECOND, PACKS, record_type, self.clock.now())

    async def hold(self, scope: str, record_type: str | None = None, record: str | None = None) -> HoldRow:
        """Hold records; a person is customer-1."""
        subject = deciding.person(self.keyring).pseudonym if scope == "subject" else None
        reach = Reach(scope, record_type, record, subject)
        return await self.db.transact(
            holds.place, self.keyring, DPO, reach, "litigation", "LG-2026-17", self.clock.now()
        )

    async def release(self, hold: HoldRow) -> None:
        """Release a hold."""
        await self.db.transact(holds.release, self.keyring, SECOND, hold.id, "settled", self.clock.now())

    async def left(self, table: str = "decision") -> set[str]:
        """Return the ids of records that still say something."""
        return {row[0] for row in await self.db.fetch(Sql(f"SELECT id FROM {table} WHERE length(sealed) > 0"))}

    def days(self, number: float) -> None:
        """Let days pass."""
        self.clock.advance(int(number * DAY))

    async def verified(self) -> list[Finding]:
        """Return what is wrong with the ledger and the records."""
        await self.db.transact(ledger.seal, self.keyring, ORIGIN, self.clock.now())
        checks: list[Check] = [SubjectBinding(self.keyring), ExplanationCheck(self.keyring), RetentionCheck()]
        known = ledger.verifiers(self.keyring, ORIGIN)
        return (await self.db.read(verify, ORIGIN, known, checks=checks)).findings
