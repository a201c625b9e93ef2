"""Explanations that take long: runs nobody works on any more are ended, and old ones are forgotten."""

from core.clock import DAY, Clock
from core.database import Database
from explanations.kept import service, store

KEPT_DAYS = 30
_MOST = 1000


class Runs:
    """Looks after the runs of all tenants."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Look after the runs in ``db``."""
        self._db = db
        self._clock = clock

    async def run(self, _: object = None) -> None:
        """End what was given up, then forget what ended a month ago; the explanations stay."""
        now = self._clock.now()
        await self._db.transact(service.give_up, now, now)
        while await self._db.transact(store.purge_runs, now - KEPT_DAYS * DAY, _MOST) == _MOST:
            pass
