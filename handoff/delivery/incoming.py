"""What desks tell us, applied: once each, in the desk's own order, without our echoes.

Deliveries come twice, late and out of order. Words are always kept; a change of state older than one already applied
is noted and ignored. A person has accepted when the desk says so or when a person there speaks.
"""

from collections.abc import Sequence

from core.database import Tx
from core.keys import KeyRing
from handoff import cases, placing, service
from handoff.cases import INTERNAL, Case
from handoff.delivery import store
from handoff.delivery.store import RemoteRow
from handoff.delivery.walking import NOT_UNDERSTOOD
from handoff.errors import UnreadableDeliveryError
from handoff.lifecycle import OPEN
from handoff.port import Desk, Hook, Received, RemoteEvent
from handoff.service import Words

_STATES = frozenset({"accepted", "released", "resolved", "reopened", "failed"})


def believed(desk: Desk, hook: Hook) -> Received:
    """Return what a delivery tells. Raises ``BadSignatureError``, ``UnreadableDeliveryError``."""
    try:
        return desk.receive(hook)
    except NOT_UNDERSTOOD as error:
        raise UnreadableDeliveryError from error


async def apply(
    tx: Tx, keyring: KeyRing, tenant: str, desk: str, told: Sequence[tuple[str, RemoteEvent]], now: int
) -> list[str]:
    """Apply what a desk told; return the handoffs that changed."""
    changed: list[str] = []
    for remote_id, event in sorted(told, key=lambda one: (one[1].order is None, one[1].order or 0)):
        row = await store.by_remote(tx, tenant, desk, remote_id)
        if row is None or await store.seen(tx, tenant, desk, event.key):
            continue
        store.note_seen(tx, tenant, desk, event.key, now)
        case = await cases.load(tx, keyring, tenant, row.handoff, now)
        if await _apply(case, desk, row, event):
            changed.append(row.handoff)
    return changed


async def _apply(case: Case, desk: str, at: RemoteRow, event: RemoteEvent) -> bool:
    if case.row.desk != desk:
        case.note("remote_event_ignored", "remote", desk, visible=INTERNAL, what=event.kind, why="elsewhere-by-now")
        await case.save()
        return False
    late = event.order is not None and at.last_order is not None and event.order <= at.last_order
    if event.kind in _STATES and late:
        case.note("remote_event_ignored", "remote", desk, visible=INTERNAL, what=event.kind, why="older-than-known")
        await case.save()
        return False
    if event.kind in _STATES and event.order is not None:
        store.put_remote(case.tx, at._replace(last_order=event.order))
    if event.kind == "message":
        return await _words(case, event)
    return await _moved(case, event)


async def _words(case: Case, event: RemoteEvent) -> bool:
    if not event.text or case.dek is None:
        return False
    if case.row.state in {"queued", "offered"}:
        _accepted(case, event)
    service.spoken(case, Words("remote", event.actor or "", event.text))
    await case.save()
    return True


def _accepted(case: Case, event: RemoteEvent) -> None:
    service.became_active(case, "remote", f"{case.row.desk}:{event.actor or 'agent'}", _name(event), speaks=None)


def _name(event: RemoteEvent) -> str:
    return event.actor or "Agent"


async def _moved(case: Case, event: RemoteEvent) -> bool:
    row = case.row
    if event.kind == "accepted" and row.state == "queued":
        _accepted(case, event)
        await case.save()
        return True
    if event.kind == "accepted" and row.state == "active" and row.alias != _name(event):
        row.alias = _name(event)
        case.note("disclosed", "system", handler="human", alias=row.alias, language=None)
        await case.save()
        return True
    if event.kind == "released" and row.state == "active":
        case.move("transfer", "remote")
        row.assignee, row.alias = None, None
        row.hops += 1
        row.next_at = placing.wait_limit(case)
        case.note("transferred", "remote", queue=row.queue, hops=row.hops)
        await case.save()
        return True
    if event.kind == "resolved" and row.state in {"queued", "active"}:
        if row.state == "queued":
            _accepted(case, event)
        await service.ended(case, "remote", row.assignee or "", "resolve", "resolved", "answered")
        return True
    if event.kind == "reopened" and row.state == "resolved":
        await service.reopened_there(case)
        return True
    if event.kind == "failed" and row.state in OPEN and row.state == "queued":
        await placing.fall_back(case, "desk-gave-it-back")
        await case.save()
        return True
    return False
