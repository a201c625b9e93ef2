"""Deletes what has run its course, a few records at a time, and certifies it; what decides is in oversight/retention.

It may be killed anywhere and run twice at once: each step reads in its transaction how far the run is.
"""

from core.clock import Clock
from core.database import Database
from disclosures.packs.loading import PackSet
from oversight.retention import certifying, deleting, store
from oversight.retention.certifying import Seen
from oversight.retention.errors import CertificateNotFoundError
from oversight.retention.store import RunRow

_ROUNDS = 2  # a hold may be released behind a run


class Retain:
    """Runs every schedule that is in force, of all tenants."""

    def __init__(self, db: Database, clock: Clock, packs: PackSet) -> None:
        """Delete at ``clock``'s time; never what a rule of ``packs`` in force asks to keep."""
        self._db, self._clock, self._packs = db, clock, packs

    async def run(self, _: object = None) -> None:
        """Run, as a job."""
        await self.everything()

    async def everything(self) -> list[RunRow]:
        """Delete what is due and return the certificates."""
        made = [await self.one(*each) for each in await self._db.read(store.scheduled)]
        return [run for run in made if run is not None]

    async def one(self, tenant: str, record_type: str) -> RunRow | None:
        """Delete what is due of one sort of a tenant's records and return the certificate, if there is one."""
        db, now = self._db, self._clock.now
        run = await db.transact(deleting.begin, self._packs, tenant, record_type, now())
        if run is None:
            return None
        try:
            seen = await self._deleted(tenant, run.id)
            for _ in range(_ROUNDS):
                if not seen.due or not await db.transact(deleting.again, tenant, run.id):
                    break
                seen = await self._deleted(tenant, run.id)
            return await db.transact(certifying.certify, tenant, run.id, seen, now())
        except CertificateNotFoundError:  # another process took the run over and ended it
            return None

    async def _deleted(self, tenant: str, run_id: str) -> Seen:
        """Delete step by step, then look again at everything the run went through."""
        while await self._db.transact(deleting.step, tenant, run_id, self._clock.now()):
            pass
        run = await self._db.read(deleting.under_way, tenant, run_id)
        seen, more, end = Seen(position=run.begins, clear_to=run.begins), run.position > run.begins, run.position + "0"
        while more:
            seen, more = await self._db.read(
                certifying.look, tenant, run.record_type, deleting.terms_in(run), seen, end
            )
        return seen
