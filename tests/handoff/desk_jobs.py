"""The jobs that talk to help desks, run by hand as the runner would."""

from core import canonical
from core.database import Sql, Tx
from handoff.delivery.outgoing import BusyError, Outgoing
from handoff.errors import DeskFailedError
from tests.handoff.floor import Floor

_ROUNDS = 20
_DUE = Sql("SELECT id, kind, payload FROM job WHERE state = 'due' AND run_at <= :now ORDER BY id")
_DONE = Sql("UPDATE job SET state = 'done' WHERE id = :id")


async def work(floor: Floor, outgoing: Outgoing) -> None:
    """Run the jobs that are due until none is left."""
    kinds = {"desk-open": outgoing.open, "desk-push": outgoing.push, "desk-close": outgoing.close}
    for _ in range(_ROUNDS):
        rows = await floor.db.fetch(_DUE, now=floor.clock.now())
        if not rows:
            return
        for job, kind, payload in rows:
            await floor.db.transact(_done, job)
            try:
                await kinds[kind](canonical.loads(payload))
            except (BusyError, DeskFailedError):
                continue


async def _done(tx: Tx, job: str) -> None:
    await tx.execute(_DONE, id=job)
