"""What a recipient says later: which notices it has applied, in which scopes, and when (CCPA regulations, 7221(m))."""

from typing import NamedTuple

from consent.propagation import service, store
from consent.propagation.errors import InvalidAcknowledgementError
from consent.propagation.recipients import service as recipients
from consent.propagation.recipients.store import RecipientRow
from consent.propagation.store import NoticeRow
from core import canonical
from core.clock import MICROS
from core.database import Reader, Tx
from core.errors import FieldError
from core.keys import KeyRing
from core.principal import Principal

_AHEAD = 60 * MICROS  # how far a recipient's clock may be ahead of ours


class Told(NamedTuple):
    """An acknowledgement as it came in; ``applied_at`` in microseconds."""

    notices: tuple[str, ...]
    scopes: tuple[str, ...]
    applied_at: int


async def take(
    tx: Tx, keyring: KeyRing, by: Principal, recipient: str, told: Told, now: int
) -> list[tuple[NoticeRow, str]]:
    """Record an acknowledgement; return each notice with ``acknowledged``, ``partly`` or ``known``.

    All of it or nothing. Raises ``RecipientNotFoundError``, ``InvalidAcknowledgementError``.
    """
    row = await recipients.one(tx, by.tenant, recipient)
    found, wrong = await _found(tx, row, told)
    wrong += _faults(row, told, now)
    if wrong:
        raise InvalidAcknowledgementError(fields=tuple(wrong))
    done = []
    for notice in found:
        scopes, at = told.scopes, min(told.applied_at, now)
        what = await service.acknowledged(tx, keyring, notice, row, scopes, at, by.id, now)
        done.append((await store.notice(tx, by.tenant, notice.id) or notice, what))
    return done


async def _found(tx: Reader, row: RecipientRow, told: Told) -> tuple[list[NoticeRow], list[FieldError]]:
    found, wrong = [], []
    for place, name in enumerate(told.notices):
        notice = await store.notice(tx, row.tenant, name)
        if notice is None or notice.recipient != row.id:
            wrong.append(FieldError(f"/notices/{place}", "is no notice of this recipient"))
        elif told.applied_at < notice.chosen_at:
            wrong.append(FieldError("/applied_at", f"is before the choice of notice {place}"))
        elif name in told.notices[:place]:
            wrong.append(FieldError(f"/notices/{place}", "is named twice"))
        else:
            found.append(notice)
    return found, wrong


def _faults(row: RecipientRow, told: Told, now: int) -> list[FieldError]:
    asked = canonical.loads(row.scopes)
    wrong = [
        FieldError(f"/scope/{place}", f"is not asked of this recipient: {', '.join(asked)}")
        for place, scope in enumerate(told.scopes)
        if scope not in asked
    ]
    if told.applied_at > now + _AHEAD:
        wrong.append(FieldError("/applied_at", "has not come yet"))
    return wrong
