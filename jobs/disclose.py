"""What disclosures need done by themselves: gaps found within a minute, showings counted, scheduled notices published.

Each may run twice or on two replicas at once: every row is looked at again inside its transaction.
"""

from core.clock import Clock
from core.database import Database
from disclosures.notices import service as notices
from disclosures.notices import store as notice_store
from disclosures.offers import store as offer_store
from disclosures.packs.loading import PackSet
from disclosures.showings import service as showings
from disclosures.showings import store as showing_store
from disclosures.showings import tallies

BATCH = 500


class Disclose:
    """The periodic work of all tenants."""

    def __init__(self, db: Database, clock: Clock, packs: PackSet) -> None:
        """Hold notices against ``packs`` again before they go out."""
        self._db = db
        self._clock = clock
        self._packs = packs

    async def run(self, _: object = None) -> None:
        """Do all of it, as a job."""
        await self.find_gaps()
        await self.count()
        await self.publish_scheduled()
        await self.forget_offers()

    async def find_gaps(self) -> int:
        """Judge conversations in which the AI has spoken; return how many of them had not been told before."""
        found = 0
        while True:
            until = self._clock.now() - showings.PATIENCE
            due = await self._db.read(showing_store.unjudged, until, BATCH)
            for row in due:
                gap = await self._db.transact(showings.judge, row.tenant, row.conversation, self._clock.now())
                found += gap is not None
            if len(due) < BATCH:
                return found

    async def count(self) -> None:
        """Count what was shown, and the gaps, since the last run."""
        while await self._db.transact(tallies.catch_up):
            pass

    async def publish_scheduled(self) -> int:
        """Publish the drafts whose time has come; return how many were."""
        published = 0
        for row in await self._db.read(notice_store.scheduled, self._clock.now(), BATCH):
            published += await self._db.transact(
                notices.publish_scheduled, row.tenant, row.key, self._packs, self._clock.now()
            )
        return published

    async def forget_offers(self) -> None:
        """Forget used offers that have expired anyway."""
        while await self._db.transact(offer_store.purge, self._clock.now(), BATCH) == BATCH:
            pass
