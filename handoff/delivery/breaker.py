"""Circuit breakers: a desk that failed three times in a row is asked nothing for half a minute, then once.

In memory of one process: every replica finds out for itself, which costs three calls.
"""

from core.clock import MICROS
from handoff.errors import DeskFailedError

_FAILURES = 3
_PAUSE = 30 * MICROS


class Breakers:
    """One breaker for each (tenant, desk)."""

    def __init__(self) -> None:
        """Start closed."""
        self._failures: dict[tuple[str, str], int] = {}
        self._until: dict[tuple[str, str], int] = {}

    def is_open(self, tenant: str, desk: str, now: int) -> bool:
        """Tell whether a desk is left alone."""
        return self._until.get((tenant, desk), 0) > now

    def check(self, tenant: str, desk: str, now: int) -> None:
        """Let a call through. Raises ``DeskFailedError`` while the breaker is open."""
        if self.is_open(tenant, desk, now):
            raise DeskFailedError("It failed too often just now.", after=_PAUSE / MICROS)

    def failed(self, tenant: str, desk: str, now: int) -> None:
        """Count a failure; after the pause a single one opens the breaker again."""
        where = (tenant, desk)
        self._failures[where] = self._failures.get(where, 0) + 1
        if self._failures[where] >= _FAILURES:
            self._until[where] = now + _PAUSE

    def worked(self, tenant: str, desk: str) -> None:
        """Forget all failures."""
        self._failures.pop((tenant, desk), None)
        self._until.pop((tenant, desk), None)
