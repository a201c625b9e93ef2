"""Note answers that are late: each request past its due date gets its own ``overdue`` event, once (DPO-07).

Whether a request is late is read from its date everywhere; the sweep writes down what has happened. It may run on two
replicas at once: every case is looked at again inside its transaction.
"""

from core.clock import Clock
from core.database import Database
from explanations.requests import letters, store
from explanations.requests.errors import StepRefusedError
from explanations.requests.terms import Desk

BATCH = 200


class Deadlines:
    """Sweeps the cases of all tenants."""

    def __init__(self, db: Database, clock: Clock, desk: Desk) -> None:
        """Note at ``clock``'s time."""
        self._db, self._clock, self._desk = db, clock, desk

    async def run(self, _: object = None) -> None:
        """Sweep, as a job."""
        await self.sweep()

    async def sweep(self) -> int:
        """Note everything that is late, batch by batch; return how many cases."""
        swept = 0
        while True:
            now = self._clock.now()
            late = await self._db.read(store.overdue, now, BATCH)
            noted = 0
            for row in late:
                try:
                    noted += await self._db.transact(letters.note_overdue, self._desk, row.tenant, row.id, now)
                except StepRefusedError:
                    continue  # erased meanwhile
            swept += noted
            if len(late) < BATCH or not noted:
                return swept
