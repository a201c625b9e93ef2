"""What has to be told at once of handing over: waits beyond what the law in force asks for, and an AI that goes on.

A threshold is a queue's: a share of people within some seconds (Spain, Ley 10/2025: 95 % within 180 s). Whoever still
waits beyond it counts as missed already. More than one turn of an AI after a request for a human is too many (HND-07).
"""

from typing import Final, NamedTuple

from core.clock import DAY, MICROS
from core.database import Reader
from handoff import rulebook
from handoff.alarms import store
from handoff.alarms.store import Violated
from handoff.figures import FEWEST

_TOLERATED: Final = 1


class Missed(NamedTuple):
    """A threshold that was missed at a touchpoint in the last day."""

    queue: str
    touchpoint: str
    requests: int
    share: float
    threshold_share: float
    threshold_seconds: int


async def tenants(tx: Reader) -> list[str]:
    """Return the tenants that have handoffs."""
    found: list[str] = []
    while (after := await store.next_tenant(tx, found[-1] if found else "")) is not None:
        found.append(after)
    return found


async def missed(tx: Reader, tenant: str, now: int) -> list[Missed]:
    """Return the thresholds missed in the last day; of fewer than five requests nothing is said."""
    found = []
    for rules in await rulebook.every(tx, tenant):
        limit = rules.threshold_seconds * MICROS
        for touchpoint, many, within in await store.waits(tx, tenant, rules.key, now - DAY, now - limit, limit):
            share = round(within / many, 4)
            if many >= FEWEST and share < rules.threshold_share:
                told = (rules.key, touchpoint, many, share, rules.threshold_share, rules.threshold_seconds)
                found.append(Missed(*told))
    return found


async def violated(tx: Reader, tenant: str, now: int) -> list[Violated]:
    """Return the cases of the last day in which the AI went on more than once."""
    return await store.violated(tx, tenant, now - DAY, _TOLERATED)
