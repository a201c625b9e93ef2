"""What an erasure (GDPR Art. 17) does to a person's handoffs, here and at the desks of others (Art. 17(2), 19).

Words die with the person's key. What is open is closed, so that nobody goes on serving someone who is no longer known,
and every desk that received a case is asked to delete its copy. What came of that is an event and a ledger entry; a
desk that offers no deletion is named, for people to do it by hand.
"""

from core import queue
from core.database import Tx
from core.keys import KeyRing
from handoff import cases, service, store
from handoff.cases import INTERNAL
from handoff.delivery import store as desks
from handoff.lifecycle import OPEN

_MOST = 1000


async def forget(tx: Tx, keyring: KeyRing, tenant: str, subject: bytes, now: int) -> int:
    """Close a person's open handoffs and have desks delete theirs; return how many deletions were asked for."""
    asked = 0
    for row in await store.of_subject(tx, tenant, subject, _MOST):
        case = await cases.case_of(tx, keyring, row, now)
        if row.state in OPEN:
            await service.ended(case, "customer", "", "cancel", "erased")
        for at in await desks.remotes(tx, row.id):
            payload = {"tenant": tenant, "handoff": row.id, "desk": at.desk}
            await queue.enqueue(tx, "desk-erase", payload, now=now)
            case.note("erasure_asked", "system", visible=INTERNAL, desk=at.desk)
            asked += 1
        await case.save()
    return asked


async def erased_there(tx: Tx, keyring: KeyRing, tenant: str, handoff: str, desk: str, now: int, *, done: bool) -> None:
    """Note whether a desk has deleted its copy, or people have to."""
    case = await cases.load(tx, keyring, tenant, handoff, now)
    case.note("erased_there" if done else "erase_by_hand", "system", visible=INTERNAL, desk=desk)
    case.fact("handoff.erased-there" if done else "handoff.erase-by-hand", desk=desk)
    await case.save()
