"""Cases end by themselves: once nobody can contest an answer any more, its case is closed and the person told.

The job is enqueued with the answer, for the end of its window. When it runs, what happened meanwhile decides: a case
that was contested or opened again has another state, or a later window, and stays as it is.
"""

from core import queue
from core.clock import DAY
from core.database import Tx
from explanations.requests import record, service
from explanations.requests.errors import RequestNotFoundError, StepRefusedError
from explanations.requests.record import Case
from explanations.requests.terms import Desk

CLOSING = "request-closing"
_ENDED = frozenset({"released", "refused", "upheld"})


async def later(tx: Tx, desk: Desk, case: Case, now: int) -> None:
    """Have an answered case closed when the time to contest it is over."""
    until = max(case.facts.contest_until or 0, now + desk.terms.contest_days * DAY)
    payload = {"tenant": case.row.tenant, "request": case.row.id}
    await queue.enqueue(
        tx, CLOSING, payload, now=now, run_at=until + 1, unique_key=f"closing:{case.row.id}:{case.row.seq}"
    )


async def close(tx: Tx, desk: Desk, tenant: str, request: str, now: int) -> bool:
    """Close a case whose window is over, and tell the person; return whether it was."""
    try:
        case = await record.load(tx, tenant, request)
        if case.row.state not in _ENDED:
            return False
        asked = service.asked_by_itself("close", case, now)
        moved = await record.take(tx, desk.keyring, case, asked)
    except (RequestNotFoundError, StepRefusedError):  # the window is open again, or the person was erased
        return False
    await service.send(tx, moved, "closed", now)
    return True
