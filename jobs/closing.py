"""Close cases that can't be contested any more; what decides is in ``explanations/requests/closing.py``."""

from typing import Any

from core.clock import Clock
from core.database import Database
from explanations.requests import closing
from explanations.requests.terms import Desk


class Closing:
    """Closes one case when its time has come."""

    def __init__(self, db: Database, clock: Clock, desk: Desk) -> None:
        """Close at ``clock``'s time."""
        self._db, self._clock, self._desk = db, clock, desk

    async def run(self, payload: Any) -> None:
        """Close the case that was meant, if it is still to be closed; harmless twice."""
        now = self._clock.now()
        await self._db.transact(closing.close, self._desk, payload["tenant"], payload["request"], now)
