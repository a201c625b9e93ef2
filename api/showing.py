"""A handoff as its customer and its agents see it: the wire shapes, made from the row and its events."""

from collections.abc import Sequence
from typing import Any

import orjson

from api.state import AppState
from core import canonical, subjects
from core.clock import rfc3339
from core.database import Reader
from handoff import cases, lifecycle, routing, store
from handoff.lifecycle import ai_may_speak, handler
from handoff.rows import HandoffRow
from handoff.store import Event

_WAITING = frozenset({"requested", "queued", "offered"})


def when(at: int | None) -> str | None:
    """Write an instant, if there is one."""
    return None if at is None else rfc3339(at)


async def view(tx: Reader, state: AppState, row: HandoffRow, *, staff: bool) -> dict[str, Any]:
    """Return how a handoff stands, with what the customer can do next."""
    now = state.clock.now()
    rules = await cases.rules_for(tx, row.tenant, row.queue)
    here, wait, position = 0, None, None
    if row.state in _WAITING:
        here, wait = await routing.outlook(tx, row.tenant, row.queue, rules.target_seconds, now)
        position = 1 + await store.ahead(tx, row)
    waits = row.state in lifecycle.WAITING
    reopen_until = None if row.ended_at is None else rules.reopen_until(row.ended_at)
    if reopen_until is not None and (reopen_until < now or row.end_reason == "customer_left"):
        reopen_until = None
    steps = lifecycle.steps(
        row.state, due_at=row.due_at, reopen_until=reopen_until, asked=row.return_asked_at is not None
    )
    return {
        "id": row.id,
        "reference": row.reference,
        "state": row.state,
        "mode": row.mode,
        "handler": handler(row.state, ever_accepted=row.accepted_at is not None),
        "name": row.alias if row.state == "active" else None,
        "ai_may_speak": ai_may_speak(row.state),
        "position": position,
        "wait_seconds": wait,
        "agents_here": here if row.state in _WAITING else None,
        "is_open": rules.hours.is_open(now),
        "next_opening": when(rules.hours.next_opening(now)),
        "due_at": when(row.due_at),
        "choice": row.choice,
        "slots": [rfc3339(slot) for slot in rules.hours.slots(now, rules.slot_minutes)] if waits else [],
        "steps": [{"code": step.code, "until": when(step.until)} for step in steps],
        "conversation": row.conversation,
        "language": row.language,
        "agent_speaks_it": row.agent_language if row.state == "active" else None,
        "return_proposed": row.return_asked_at is not None,
        "opened_at": rfc3339(row.opened_at),
        "accepted_at": when(row.accepted_at),
        "ended_at": when(row.ended_at),
        "outcome": row.outcome,
        "end_reason": row.end_reason,
        "last_seq": row.last_seq,
        "case": _case(row) if staff else None,
    }


def _case(row: HandoffRow) -> dict[str, Any]:
    """Return what only agents and the operator see."""
    return {
        "subject": f"sub_{row.subject.hex()}",
        "queue": row.queue,
        "touchpoint": row.touchpoint,
        "system": row.system,
        "decision": row.decision,
        "trigger": row.trigger,
        "rule": row.rule,
        "because": canonical.loads(row.because),
        "skills": canonical.loads(row.skills),
        "priority": row.priority,
        "assignee": row.assignee,
        "alias": row.alias,
        "offer_until": when(row.offer_until),
        "desk": row.desk,
        "delivery": row.delivery,
        "hops": row.hops,
        "violations": row.violations,
        "reasked": row.reasked,
        "pack_hash": row.pack_hash,
        "jurisdiction": row.jurisdiction,
    }


def event(row: HandoffRow, dek: bytes | None, one: Event, *, staff: bool) -> dict[str, Any]:
    """Return one event as it is sent; credentials of agents only to staff."""
    facts = canonical.loads(one.public)
    return {
        "seq": one.seq,
        "kind": one.kind,
        "actor": one.actor,
        "name": facts.pop("alias", None),
        "at": rfc3339(one.at),
        "text": cases.opened(row, dek, one),
        "facts": facts,
        "internal": one.visibility != cases.PUBLIC,
        "by": one.actor_ref if staff else None,
    }


async def events(
    state: AppState, row: HandoffRow, after: int, most: int, *, staff: bool
) -> tuple[list[dict[str, Any]], int]:
    """HOT PATH. Return what happened after a sequence number, opened, and the last number seen."""
    found: Sequence[Event] = await store.events_now(state.db, row.id, after, most, internal=staff)
    if not found:
        return [], after
    dek = None
    if any(one.sealed is not None for one in found):
        dek = await state.db.read(subjects.data_key, state.keyring, row.tenant, row.subject)
    return [event(row, dek, one, staff=staff) for one in found], found[-1].seq


def dumped(value: object) -> bytes:
    """Return JSON bytes."""
    return orjson.dumps(value)
