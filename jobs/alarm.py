"""Tell the operator's webhook when people wait too long for a person, or an AI goes on after the request (GOV-06).

Each miss is told once for each touchpoint and day, each case once; what is told stands in the ledger first.
"""

from collections.abc import Mapping
from typing import Any, Final

from core import queue
from core.clock import DAY, Clock
from core.database import Database, Reader, Tx
from explanations.alerts import WEBHOOK
from handoff.alarms import service as alarms
from ledger import service as ledger
from ledger.entries import Entry

THRESHOLD: Final = "handoff.threshold-missed"
DEFLECTED: Final = "handoff.deflected"


class Alarm:
    """Looks at the last day of every tenant."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Look at the records in ``db``."""
        self._db = db
        self._clock = clock

    async def run(self, _: object = None) -> None:
        """Tell what has not been told."""
        now = self._clock.now()
        for tenant in await self._db.read(alarms.tenants):
            for key, event, facts in await self._db.read(_found, tenant, now):
                await self._db.transact(_tell, tenant, key, event, facts, now)


async def _found(tx: Reader, tenant: str, now: int) -> list[tuple[str, str, Mapping[str, Any]]]:
    day = now // DAY
    told: list[tuple[str, str, Mapping[str, Any]]] = [
        (f"alarm:{tenant}:{one.queue}:{one.touchpoint}:{day}", THRESHOLD, one._asdict())
        for one in await alarms.missed(tx, tenant, now)
    ]
    told += [(f"alarm:{one.handoff}", DEFLECTED, one._asdict()) for one in await alarms.violated(tx, tenant, now)]
    return told


async def _tell(tx: Tx, tenant: str, key: str, event: str, facts: Mapping[str, Any], now: int) -> None:
    if await queue.state(tx, key) is not None:
        return
    seq = ledger.append(tx, Entry(event, tenant, now, facts))
    payload = {"event": event, "tenant": tenant, "seq": seq, **facts}
    await queue.enqueue(tx, WEBHOOK, payload, now=now, unique_key=key)
