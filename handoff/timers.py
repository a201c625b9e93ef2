"""What time does to a case: an offer passes on, a desk that does not answer is replaced, waiting turns into a choice.

A timer is a column of the row (``next_at``), so nothing is lost by a restart; whoever finds it due looks at the case
again inside its own transaction. No timer ends a case.
"""

from core.clock import MICROS
from core.database import Tx
from core.keys import KeyRing
from handoff import cases, placing, routing, service
from handoff.lifecycle import OPEN
from handoff.queues import BUILTIN

_KEEP_PLACE = 15 * 60 * MICROS


async def tick(tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, now: int) -> bool:
    """Do what is due for a case; tells whether anything was."""
    case = await cases.load(tx, keyring, tenant, handoff_id, now)
    row = case.row
    if row.next_at is None or row.next_at > now:
        return False
    if row.state == "offered":
        await service.take_back(case, "system", "timed-out")
    elif row.state == "queued" and row.desk != BUILTIN:
        await placing.fall_back(case, "not-in-time")
        await case.save()
    elif row.state == "queued":
        _offer_another_way(case)
        await case.save()
    elif row.state in {"deferred", "requested"}:
        await _go_on(case)
        await case.save()
    else:
        row.next_at = None
        await case.save()
    if row.state in OPEN:
        await routing.assign(tx, keyring, tenant, now)
    return True


def _offer_another_way(case: cases.Case) -> None:
    """The wait limit: the customer keeps the place and may choose a ticket or a call-back instead."""
    row, hours, now = case.row, case.rules.hours, case.now
    if row.mode == "callback":
        slots = hours.slots(now, case.rules.slot_minutes, 1)
        case.note("callback_missed", "system", slot=row.due_at)
        placing.defer(case, "callback", slots[0] if slots else None, "nobody-free")
        return
    until = now + _KEEP_PLACE if hours.is_open(now) else hours.next_opening(now)
    placing.defer(case, row.choice, until, "nobody-free")


async def _go_on(case: cases.Case) -> None:
    """A deferred case goes on: at its slot, at opening time, or when it has kept its place long enough."""
    row, hours, now = case.row, case.rules.hours, case.now
    if row.mode != "ticket" and not hours.is_open(now):
        placing.defer(case, row.choice, hours.next_opening(now), "closed")
        return
    await placing.enqueue(case)
