"""Walking a desk's operations to their end over the wire, one call at a time, behind the desk's circuit breaker.

A desk that answers what its adapter does not understand has failed, whatever the adapter raises for it.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from core.clock import Clock
from core.database import Database
from core.keys import KeyRing
from handoff.delivery import setups, store
from handoff.delivery.breaker import Breakers
from handoff.errors import DeskFailedError, DeskNotFoundError
from handoff.port import Call, Desk, Letter, Reply, Walk

NOT_UNDERSTOOD: Final = (KeyError, IndexError, TypeError, AttributeError, ValueError)  # of shapes not expected
T = TypeVar("T")
Post = Callable[[str, Call | Letter], Awaitable[Reply]]


class Walker:
    """Asks desks by their rows; ``breakers`` remembers which failed."""

    def __init__(self, db: Database, clock: Clock, keyring: KeyRing, post: Post) -> None:
        """Send with ``post``."""
        self._db = db
        self._clock = clock
        self._keyring = keyring
        self._post = post
        self.breakers = Breakers()

    async def __call__(self, tenant: str, desk_key: str, act: Callable[[Desk], Walk[T]]) -> T:
        """Return what an operation comes to. Raises ``DeskFailedError``, ``DeskNotFoundError``."""
        now = self._clock.now()
        self.breakers.check(tenant, desk_key, now)
        row = await self._db.read(store.desk, tenant, desk_key)
        if row is None:
            raise DeskNotFoundError
        desk, where = setups.made(self._keyring, row, now)
        try:
            value, asked = await self._walked(where, act(desk))
        except DeskFailedError:
            self.breakers.failed(tenant, desk_key, self._clock.now())
            raise
        if asked:  # a walk without a call says nothing about the desk
            self.breakers.worked(tenant, desk_key)
        return value

    async def _walked(self, where: str, walk: Walk[T]) -> tuple[T, bool]:
        asked = False
        try:
            step = next(walk)
            while True:
                said = await self._post(where, step)
                asked = True
                step = walk.send(said)
        except StopIteration as end:
            value: T = end.value
            return value, asked
        except NOT_UNDERSTOOD as error:
            raise DeskFailedError("It answered what was not understood.") from error
