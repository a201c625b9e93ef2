"""Note consents whose time has come: each yes past its end gets its own ``expired`` event (EDPB 05/2020, 110).

The gate needs none of this, it reads the end itself; the sweep writes down what has happened. It may run twice or on
two replicas at once: every row is looked at again inside its transaction.
"""

import asyncio

from consent import choices, store
from consent.asked import Circumstances
from consent.errors import SubjectNotFoundError
from consent.notary import Notary
from consent.store import PRESENT, Present
from core import subjects
from core.clock import Clock
from core.database import Database
from core.principal import Subject

BATCH = 500


class Expire:
    """Sweeps all tenants."""

    def __init__(self, db: Database, clock: Clock, notary: Notary) -> None:
        """Record with ``notary``; sweeps sign nothing."""
        self._db = db
        self._clock = clock
        self._notary = notary

    async def run(self, _: object = None) -> None:
        """Sweep, as a job."""
        await self.sweep()

    async def sweep(self) -> int:
        """Sweep everything that is due, batch by batch; return how many consents were noted as expired."""
        swept = 0
        while True:
            due = await self._db.read(store.due, self._clock.now(), BATCH)
            people = list(dict.fromkeys((one.tenant, one.subject, one.space) for one in due))
            noted = sum(await asyncio.gather(*(self._person(*person) for person in people)))
            swept += noted
            if len(due) < BATCH or not noted:
                return swept

    async def _person(self, tenant: str, pseudonym: bytes, space: str) -> int:
        how = Circumstances(tenant, Subject(space, "", pseudonym), "system", None, "sweep", "job")
        place = (tenant, pseudonym)
        try:
            recorded = await self._db.transact_prefetched(
                ((subjects.KEYS, place), (PRESENT, place)),
                choices.lapse,
                self._notary,
                how,
                self._clock,
                "expired",
                _over,
            )
        except SubjectNotFoundError:
            return 0  # erased meanwhile
        return len(recorded.chosen)


def _over(row: Present, now: int) -> bool:
    return row.valid_until is not None and row.valid_until <= now
