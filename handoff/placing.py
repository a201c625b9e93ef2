"""Where a case goes: which desk of the chain, queue or later; and what a customer's choice of another way does to it.

The chain goes live desk, built-in queue, ticket, e-mail. The built-in queue takes whatever no other desk took, so a
broken help desk never leaves a customer without a reference number and a next step.
"""

from core import canonical, queue
from core.clock import MICROS
from handoff import store
from handoff.cases import INTERNAL, Case
from handoff.queues import BUILTIN
from handoff.routing import WEIGHT

_CALLBACK_BOOST = 10


async def candidates(case: Case) -> list[str]:
    """Return the desks that can serve the case's mode, in the chain's order, the built-in one among them."""
    known = {key: set(canonical.loads(document).get("modes", ())) for key, document in (await _desks(case)).items()}
    mode = case.row.mode
    fit = [key for key in case.rules.desks if key != BUILTIN and mode in known.get(key, ())]
    if mode == "ticket":
        return [*fit, BUILTIN]  # in writing the built-in queue comes last: it may have nobody to read for hours
    return [key for key in case.rules.desks if key == BUILTIN or key in fit]


async def _desks(case: Case) -> dict[str, str]:
    if case.rules.desks == (BUILTIN,):
        return {}
    return await store.desk_documents(case.tx, case.row.tenant)


async def place(case: Case) -> None:
    """Put a fresh or returning case where it belongs now: queue, or later with a choice."""
    row, rules, now = case.row, case.rules, case.now
    if row.mode == "callback" and row.due_at is not None and row.due_at > now:
        defer(case, "callback", row.due_at, "booked")
        return
    if row.mode == "live" and not rules.hours.is_open(now):
        defer(case, row.choice, rules.hours.next_opening(now), "closed")
        return
    await enqueue(case)


def defer(case: Case, choice: str | None, until: int | None, reason: str, actor: str = "system") -> None:
    """Move a case to later; without a choice of the customer's it keeps its place and goes on by itself."""
    row = case.row
    case.move("defer", actor)
    row.assignee, row.alias, row.offer_until = None, None, None
    row.choice = choice
    row.due_at = until if until is not None else case.now + 3600 * MICROS
    row.next_at = row.due_at
    case.note("deferred", actor, reason=reason, choice=choice, due_at=row.due_at)
    case.fact("handoff.deferred", reason=reason, choice=choice, due_at=row.due_at)


async def enqueue(case: Case, actor: str = "system") -> None:
    """Queue a case and give it to the first desk that can serve it."""
    row, now = case.row, case.now
    if row.state != "queued":
        case.move("queue", actor)
    row.queued_at = now
    row.assignee, row.alias, row.offer_until, row.due_at = None, None, None, None
    row.declined = "[]"
    row.weight = WEIGHT[row.mode]
    if row.mode == "callback":
        row.rank = case.rules.rank(now, row.priority + _CALLBACK_BOOST)
    case.note("queued", "system", mode=row.mode)
    await give(case, 0)


async def give(case: Case, at: int) -> None:
    """Give a queued case to the ``at``-th desk of the chain that can serve it."""
    row = case.row
    chain = await candidates(case)
    row.chain_at = min(at, len(chain) - 1)
    row.desk = chain[row.chain_at]
    if row.desk == BUILTIN:
        row.delivery, row.desk_by = "none", None
        row.next_at = wait_limit(case)
        return
    row.delivery = "pending"
    row.desk_by = case.now + case.rules.desk_seconds * MICROS
    row.next_at = row.desk_by
    payload = {"tenant": row.tenant, "handoff": row.id, "desk": row.desk}
    await queue.enqueue(case.tx, "desk-open", payload, now=case.now)


async def fall_back(case: Case, why: str) -> None:
    """Go on with the next desk after one that did not take the case; the customer is told that it goes on."""
    row = case.row
    failed = row.desk
    if row.delivery == "delivered":
        await close_remote(case, "elsewhere")
    chain = await candidates(case)
    behind = chain[chain.index(failed) + 1 :] if failed in chain else []
    case.note("remote_failed", "system", visible=INTERNAL, desk=failed, why=why)
    if behind:
        await give(case, chain.index(behind[0]))
    else:
        await give(case, chain.index(BUILTIN))
    case.note("passed_on", "system", why="desk-unreachable")


def wait_limit(case: Case) -> int | None:
    """Return when a waiting case is offered another way; tickets wait as long as they must."""
    if case.row.mode == "ticket":
        return None
    return case.now + case.rules.wait_limit_seconds * MICROS


async def choose(case: Case, choice: str, slot: int | None) -> None:
    """Do what the customer chose while waiting: a ticket, a call-back at ``slot``, or to keep the place."""
    row = case.row
    case.note("chose", "customer", choice=choice, slot=slot)
    row.choice = choice
    if choice == "ticket":
        row.mode = "ticket"
        await _withdraw_offer(case)
        await enqueue(case, "customer")
    elif choice == "callback" and slot is not None:
        row.mode = "callback"
        await _withdraw_offer(case)
        defer(case, "callback", slot, "booked", "customer")
        case.note("callback_booked", "customer", slot=slot)
    elif row.state == "deferred":
        row.mode = "live"
        defer(case, "keep_place", row.due_at, "kept", "customer")


async def _withdraw_offer(case: Case) -> None:
    """Take an offer back from whoever has it, and close the case where another company's desk has it."""
    row = case.row
    if row.state == "offered":
        case.move("decline", "system")
        case.note("declined", "system", visible=INTERNAL, reason="customer-chose")
    if row.desk != BUILTIN:
        await close_remote(case, "customer-chose")


async def close_remote(case: Case, reason: str) -> None:
    """Have the case closed where another company's desk has it."""
    row = case.row
    if row.desk != BUILTIN:
        payload = {"tenant": row.tenant, "handoff": row.id, "desk": row.desk, "reason": reason}
        await queue.enqueue(case.tx, "desk-close", payload, now=case.now)


async def push(case: Case) -> None:
    """Have the customer's words sent to the desk that has the case."""
    row = case.row
    payload = {"tenant": row.tenant, "handoff": row.id, "desk": row.desk}
    await queue.enqueue(case.tx, "desk-push", payload, now=case.now)
