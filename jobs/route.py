"""Look after the waiting: timers that are due, agents who fell silent, cases that could be offered to somebody.

Runs in each process every half second; what it finds it looks at again inside a transaction, so any number of
replicas may do it at once and a restart loses nothing.
"""

from collections.abc import Callable

from core.clock import MICROS, Clock
from core.database import Database
from core.keys import KeyRing
from handoff import presence, routing, store, timers
from handoff.errors import HandoffNotFoundError

_MOST = 200


class Route:
    """Moves what time moves; ``told`` hears of each tenant and handoff that changed."""

    def __init__(self, db: Database, clock: Clock, keyring: KeyRing, told: Callable[[str, str], None]) -> None:
        """Work on all tenants."""
        self._db = db
        self._clock = clock
        self._keyring = keyring
        self._told = told

    async def run(self, _: object = None) -> None:
        """Do all that is due now."""
        now = self._clock.now()
        for agent in await self._db.read(store.silent, now - routing.SILENT_SECONDS * MICROS):
            await self._db.transact(presence.fell_silent, self._keyring, agent, now)
        for tenant, handoff in await self._db.read(store.abandoned, now - presence.GONE_SECONDS * MICROS):
            await self._db.transact(presence.take_over, self._keyring, tenant, handoff, now)
            self._told(tenant, handoff)
        for tenant, handoff in await self._db.read(store.due, now, _MOST):
            try:
                await self._db.transact(timers.tick, self._keyring, tenant, handoff, now)
            except HandoffNotFoundError:
                continue
            self._told(tenant, handoff)
        for tenant in await self._db.read(store.tenants_waiting):
            if await self._db.read(routing.free_agents, tenant, now):
                await self._db.transact(routing.assign, self._keyring, tenant, now)
