"""Counts new choices for the figures, a chunk at a time, until all are counted."""

from core.database import Database
from oversight import tallies


class Tally:
    """Counts what was recorded since the last run."""

    def __init__(self, db: Database) -> None:
        """Count in ``db``."""
        self._db = db

    async def run(self, _: object) -> None:
        """Count until nothing is left."""
        while await self._db.transact(tallies.catch_up):
            pass
