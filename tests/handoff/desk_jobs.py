"""The jobs that talk to help desks, run by hand as the runner would."""

from core import canonical
from core.clock import MICROS
from core.database import Sql, Tx
from handoff.delivery.outgoing import BusyError, Outgoing
from handoff.errors import DeskFailedError
from tests.handoff.floor import Floor

_ROUNDS = 20
_DUE = Sql("SELECT id, kind, payload FROM job WHERE state = 'due' AND run_at <= :now ORDER BY id")
_DONE = Sql("UPDATE job SET state = 'done' WHERE id = :id")
_AGAIN = Sql("UPDATE job SET state = 'due', run_at = :run_at WHERE id = :id")
_BACK_OFF = 5 * MICROS


async def work(floor: Floor, outgoing: Outgoing) -> None:
    """Run the jobs that are due until none is left."""
    kinds = {
        "desk-open": outgoing.open,
        "desk-push": outgoing.push,
        "desk-close": outgoing.close,
        "desk-erase": outgoing.erase,
    }
    for _ in range(_ROUNDS):
        rows = await floor.db.fetch(_DUE, now=floor.clock.now())
        if not rows:
            return
        for job, kind, payload in rows:
            await floor.db.transact(_done, job)
            try:
                await kinds[kind](canonical.loads(payload))
            except (BusyError, DeskFailedError):
                await floor.db.transact(_again, job, floor.clock.now() + _BACK_OFF)


async def _done(tx: Tx, job: str) -> None:
    await tx.execute(_DONE, id=job)


async def _again(tx: Tx, job: str, run_at: int) -> None:
    await tx.execute(_AGAIN, id=job, run_at=run_at)
