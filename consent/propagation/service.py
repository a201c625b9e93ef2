"""The verbs of propagation: note who has to be told, claim and settle an attempt, acknowledge, warn, tell again.

A no that may have been a yes before makes one notice for each recipient it concerns, found by following the log, so
that recording a choice waits for nobody. Of one person a recipient is told in the order of the log. Every step is an
entry of the ledger (GDPR Art. 7(3), 17(2), 19; CCPA regulations, 11 CCR 7026(f), 7221(m)).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from consent import store as choices
from consent.propagation import store
from consent.propagation.errors import NoticeClosedError, NoticeNotFoundError
from consent.propagation.messages import ACKNOWLEDGED, FAILED, REFUSED, TOLD, Outcome
from consent.propagation.recipients import service as recipients
from consent.propagation.recipients import store as recipient_store
from consent.propagation.recipients.store import RecipientRow
from consent.propagation.store import DeliveryRow, NoticeRow
from consent.store import Happened
from core import canonical, ids, queue, subjects
from core.clock import MICROS
from core.database import Reader, Tx
from core.keys import KeyRing
from core.principal import Principal
from ledger import service as ledger
from ledger.entries import Entry

CHUNK: Final = 1000
MOST_ATTEMPTS: Final = 30  # with pauses that grow to six hours: about two days
WAITING: Final = "waiting"
GIVEN_UP: Final = "given_up"
STAGES: Final = (WAITING, TOLD, ACKNOWLEDGED, GIVEN_UP)
_LEASE: Final = 60 * MICROS
# what ends a permission; a refusal does only where there was a yes before
_ENDING: Final = frozenset({"withdrawn", "objected", "restricted", "opted_out", "expired", "invalidated", "superseded"})
_REFUSED: Final = "refused"

Deadlines = Callable[[int], tuple[int, int]]  # of a choice's instant: when to warn, when it is due


class Claimed(NamedTuple):
    """A notice to tell now, to whom, and the tenant's own reference of the person if there is one."""

    notice: NoticeRow
    recipient: RecipientRow
    reference: str | None


class Alarm(NamedTuple):
    """A notice that is late: the event, its entry in the ledger, and what it says."""

    event: str
    seq: int
    tenant: str
    public: dict[str, Any]


async def is_behind(tx: Reader) -> bool:
    """Tell whether there are choices that nobody has looked at yet."""
    return await store.mark(tx) < await choices.newest_seq(tx)


async def catch_up(tx: Tx, deadlines: Deadlines) -> bool:
    """Look at the next choices and note who has to be told; tell whether there may be more."""
    mark, newest = await store.mark(tx), await choices.newest_seq(tx)
    if mark >= newest:
        return False
    known = await recipient_store.live(tx)
    end = min(newest + 1, mark + 1 + CHUNK) if known else newest + 1
    for event in await choices.events_between(tx, mark + 1, end) if known else ():
        if await _ends_a_permission(tx, event):
            for recipient in known:
                await _note(tx, recipient, event, deadlines)
    store.move_mark(tx, end - 1)
    return end <= newest


async def _ends_a_permission(tx: Reader, event: Happened) -> bool:
    if event.state != _REFUSED:
        return event.state in _ENDING
    what = (event.tenant, event.subject, event.purpose, event.system, event.seq)
    return await store.said_yes_before(tx, *what)


async def _note(tx: Tx, recipient: RecipientRow, event: Happened, deadlines: Deadlines) -> None:
    if recipient.tenant != event.tenant or recipient.created_at > event.recorded_at:
        return
    if not recipients.concerns(recipient, event.purpose, event.system):
        return
    if await store.is_noted(tx, recipient.id, event.seq):
        return
    at = event.recorded_at
    warn_at, due_at = deadlines(at)
    row = NoticeRow(
        ids.new("ntc", at),
        event.tenant,
        recipient.id,
        event.seq,
        event.id,
        event.subject,
        event.purpose,
        event.system,
        event.state,
        at,
        due_at,
        WAITING,
        attempts=0,
        next_at=at,
        busy_until=None,
        told_at=None,
        scopes="[]",
        applied_at=None,
        closed_at=None,
        alarm_at=warn_at,
        warned_at=None,
        overdue_at=None,
    )
    store.put(tx, row)


async def claim(tx: Tx, keyring: KeyRing, notice: str, now: int) -> Claimed | None:
    """Take a notice to tell it now; nothing where another does, or something of the same person comes first."""
    row = await store.claimable(tx, notice, now)
    if row is None:
        return None
    recipient = await recipients.one(tx, row.tenant, row.recipient)
    if not recipient.active:
        return None
    store.put(tx, row._replace(busy_until=now + _LEASE))
    return Claimed(row, recipient, await subjects.reference(tx, keyring, row.tenant, row.subject))


async def settle(tx: Tx, keyring: KeyRing, notice: NoticeRow, outcome: Outcome, millis: int, now: int) -> None:
    """Write down what came of an attempt; one that failed is tried again after a growing pause."""
    add_delivery(tx, notice.tenant, notice.recipient, notice.id, outcome, millis, now)
    row = await store.notice(tx, notice.tenant, notice.id)
    if row is None or row.stage != WAITING:
        return  # acknowledged meanwhile, or given up
    if outcome.kind in {REFUSED, FAILED}:
        await _failed(tx, keyring, row, outcome, now)
        return
    row = row._replace(stage=TOLD, told_at=now, attempts=row.attempts + 1, busy_until=None)
    store.put(tx, row)
    await note(tx, keyring, "recipient.told", row, now, status=outcome.status, attempts=row.attempts)
    if outcome.kind == ACKNOWLEDGED:
        recipient = await recipients.one(tx, row.tenant, row.recipient)
        await acknowledged(tx, keyring, row, recipient, outcome.scopes, outcome.applied_at or now, row.recipient, now)


def add_delivery(
    tx: Tx, tenant: str, recipient: str, notice: str | None, outcome: Outcome, millis: int, now: int
) -> None:
    """Keep an attempt to reach a recipient; one without a notice is a test."""
    made = ids.new("dlv", now)
    store.add_delivery(tx, DeliveryRow(made, tenant, recipient, notice, now, millis, outcome.status, outcome.kind))


async def _failed(tx: Tx, keyring: KeyRing, row: NoticeRow, outcome: Outcome, now: int) -> None:
    row = row._replace(attempts=row.attempts + 1, busy_until=None)
    if row.attempts < MOST_ATTEMPTS:
        store.put(tx, row._replace(next_at=now + queue.delay(row.attempts)))
        return
    row = row._replace(stage=GIVEN_UP)
    store.put(tx, row)
    await note(tx, keyring, "recipient.given-up", row, now, status=outcome.status, attempts=row.attempts)


async def acknowledged(
    tx: Tx,
    keyring: KeyRing,
    row: NoticeRow,
    recipient: RecipientRow,
    scopes: Sequence[str],
    applied_at: int,
    by: str,
    now: int,
) -> str:
    """Record that a recipient applied a choice in some scopes; return ``acknowledged``, ``partly`` or ``known``."""
    kept = canonical.loads(row.scopes)
    every = sorted({*kept, *scopes})
    whole = set(canonical.loads(recipient.scopes)) <= set(every)
    if every == kept and whole == (row.closed_at is not None):
        return "known"
    row = row._replace(
        stage=ACKNOWLEDGED if whole else TOLD,
        told_at=row.told_at or now,
        busy_until=None,
        scopes=canonical.dumps(every).decode(),
        applied_at=max(applied_at, row.applied_at or 0),
        closed_at=now if whole else None,
        alarm_at=None if whole else row.alarm_at,
    )
    store.put(tx, row)
    said = {"scope": every, "applied_at": applied_at, "whole": whole, "by": by}
    await note(tx, keyring, "recipient.acknowledged", row, now, **said)
    return ACKNOWLEDGED if whole else "partly"


async def raise_alarm(tx: Tx, keyring: KeyRing, tenant: str, notice: str, now: int) -> Alarm | None:
    """Warn of a notice that nobody acknowledged, or call it overdue; nothing if there is nothing to tell by now."""
    row = await store.notice(tx, tenant, notice)
    if row is None or row.alarm_at is None or row.alarm_at > now:
        return None
    if row.warned_at is None:
        event, row = "recipient.late", row._replace(warned_at=now, alarm_at=row.due_at + 1)
    else:
        event, row = "recipient.overdue", row._replace(overdue_at=now, alarm_at=None)
    store.put(tx, row)
    public = {"stage": row.stage, "due_at": row.due_at}
    return Alarm(event, await note(tx, keyring, event, row, now, **public), tenant, {**_facts(row), **public})


async def tell_again(tx: Tx, keyring: KeyRing, by: Principal, notice: str, now: int) -> NoticeRow:
    """Have a notice sent again that was given up, or told and not acknowledged.

    Raises ``NoticeNotFoundError``, ``NoticeClosedError``, ``RecipientRetiredError``.
    """
    row = await store.notice(tx, by.tenant, notice)
    if row is None:
        raise NoticeNotFoundError
    await recipients.live(tx, by.tenant, row.recipient)
    if row.stage not in {TOLD, GIVEN_UP}:
        raise NoticeClosedError
    row = row._replace(stage=WAITING, attempts=0, next_at=now, busy_until=None)
    store.put(tx, row)
    await note(tx, keyring, "recipient.asked-again", row, now, by=by.id)
    return row


def _facts(row: NoticeRow) -> dict[str, Any]:
    return {
        "notice": row.id,
        "recipient": row.recipient,
        "entry": row.seq,
        "choice": row.choice,
        "purpose": row.purpose,
        "system": row.system,
        "state": row.state,
    }


async def note(tx: Tx, keyring: KeyRing, kind: str, row: NoticeRow, now: int, **more: Any) -> int:
    """Record a step of a notice; it is about the person as long as there is a key of hers. Return its entry."""
    dek = await subjects.known_key(tx, keyring, row.tenant, row.subject)
    whose = None if dek is None else row.subject
    return ledger.append(tx, Entry(kind, row.tenant, now, {**_facts(row), **more}, whose), dek)
