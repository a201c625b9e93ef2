"""Recipients and notices as the API and the consoles show, write and test them; see docs/propagation.md."""

from collections.abc import Mapping
from typing import Any

from api import etag
from api.schemas.recipients import NoticeOut, RecipientOut
from api.showing import when
from api.state import AppState
from consent.propagation import messages, sending, service
from consent.propagation.recipients import service as recipients
from consent.propagation.recipients.service import Sheet
from consent.propagation.recipients.store import RecipientRow
from consent.propagation.sending import Message, Sent
from consent.propagation.store import NoticeRow
from core import canonical, ids
from core.clock import rfc3339
from core.database import Tx
from core.errors import InvalidError
from core.http import CallFailedError
from core.principal import Principal


def shown(row: RecipientRow) -> RecipientOut:
    """Return a recipient as the wire has it, without its secret."""
    return RecipientOut(
        id=row.id,
        name=row.name,
        url=row.url,
        purposes=canonical.loads(row.purposes),
        systems=canonical.loads(row.systems),
        scopes=canonical.loads(row.scopes),
        active=row.active,
        both_until=when(row.both_until),
        created_at=rfc3339(row.created_at),
        retired_at=when(row.retired_at),
        version=row.revision,
    )


def notice(row: NoticeRow) -> NoticeOut:
    """Return a notice as the wire has it."""
    return NoticeOut.model_validate(
        {
            "id": row.id,
            "recipient": row.recipient,
            "entry": row.seq,
            "choice": row.choice,
            "subject_id": f"sub_{row.subject.hex()}",
            "purpose": row.purpose,
            "system": row.system,
            "state": row.state,
            "chosen_at": rfc3339(row.chosen_at),
            "due_at": rfc3339(row.due_at),
            "stage": row.stage,
            "attempts": row.attempts,
            "told_at": when(row.told_at),
            "scope": canonical.loads(row.scopes),
            "applied_at": when(row.applied_at),
            "acknowledged_at": when(row.closed_at),
            "warned_at": when(row.warned_at),
            "overdue_at": when(row.overdue_at),
        }
    )


async def checked(state: AppState, told: Sheet) -> Sheet:
    """Return what is said of a recipient once it can be.

    Raises ``InvalidError``, also for an address whose name nobody knows, and ``UrlRefusedError`` for one not allowed.
    """
    for field, keys in (("purposes", told.purposes), ("systems", told.systems)):
        if "*" in keys and len(keys) > 1:
            raise InvalidError.field(f"/{field}", "`*` stands alone: it means all")
    try:
        await state.telling.check(told.url)
    except CallFailedError as error:
        raise InvalidError.field("/url", "its name can't be resolved") from error
    return told


async def changed(
    state: AppState, by: Principal, recipient: str, if_match: str | None, given: Mapping[str, Any], now: int
) -> RecipientRow:
    """Change a recipient. Raises what ``checked`` raises, ``StaleError``, ``RecipientNotFoundError`` and -Retired."""
    before = await state.db.read(recipients.live, by.tenant, recipient)
    etag.require(if_match, etag.of(before.revision))
    await checked(state, recipients.sheet_of(before)._replace(**given))

    async def work(tx: Tx) -> RecipientRow:
        present = await recipients.live(tx, by.tenant, recipient)
        etag.require(if_match, etag.of(present.revision))
        return await recipients.change(tx, by, present, given, now)

    return await state.db.transact(work)


async def tested(state: AppState, by: Principal, recipient: str) -> Sent:
    """Send a test message now and keep what came of it. Raises ``RecipientNotFoundError`` and -Retired."""
    row = await state.db.read(recipients.live, by.tenant, recipient)
    now = state.clock.now()
    message = Message(ids.new("tst", now), messages.test_body(row.id, now), now)
    sent = await sending.send(state.telling, state.keyring, state.clock, row, message)

    async def work(tx: Tx) -> None:
        service.add_delivery(tx, row.tenant, row.id, None, sent.outcome, sent.millis, state.clock.now())

    await state.db.transact(work)
    return sent
