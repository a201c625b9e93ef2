"""``/v1/propagation``: who was told of which no, who has acknowledged it, and what is overdue; docs/propagation.md."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from api import recipients
from api.access import requires
from api.paging import CursorText, Limit
from api.schemas.recipients import NoticeList, NoticeOut
from api.state import state_of
from consent.propagation import service, store
from consent.propagation.errors import NoticeNotFoundError
from core.principal import Principal

router = APIRouter(prefix="/v1/propagation", tags=["propagation"])
Listing = Annotated[Principal, Depends(requires("propagation.list"))]
Repeating = Annotated[Principal, Depends(requires("propagation.repeat"))]
NoticeId = Annotated[str, Path(pattern=r"^ntc_[0-9a-f]{32}$")]
State = Annotated[
    Literal["waiting", "told", "acknowledged", "given_up", "overdue"] | None,
    Query(description="How far it has come; `overdue` lists what is not acknowledged after business day 15."),
]
Recipient = Annotated[str | None, Query(pattern=r"^rcv_[0-9a-f]{32}$", description="Only this recipient's.")]
Subject = Annotated[str | None, Query(pattern=r"^sub_[0-9a-f]{32}$", description="Only about this person.")]


@router.get("", summary="List what recipients are told")
async def list_notices(
    request: Request,
    by: Listing,
    state: State = None,
    recipient: Recipient = None,
    subject: Subject = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> NoticeList:
    """List notices, newest choice first."""
    here, now = state_of(request), int(request.scope["candor.at"])
    filters = {"list": "propagation", "state": state, "recipient": recipient, "subject": subject}
    place = (store.NEWEST, "") if cursor is None else tuple(here.cursors.open(cursor, by.tenant, filters, now))
    narrowing = store.narrowing(state, recipient, None if subject is None else bytes.fromhex(subject[4:]))
    found = await here.db.read(store.listed, by.tenant, narrowing, place, limit + 1)
    page = here.cursors.page(found, limit, lambda row: [row.seq, row.recipient], by.tenant, filters, now)
    return NoticeList(items=[recipients.notice(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{notice_id}", summary="Read what a recipient is told")
async def read(request: Request, notice_id: NoticeId, by: Listing) -> NoticeOut:
    """Read one notice and how far it has come."""
    row = await state_of(request).db.read(store.notice, by.tenant, notice_id)
    if row is None:
        raise NoticeNotFoundError
    return recipients.notice(row)


@router.post("/{notice_id}/redeliver", summary="Send a notice again")
async def redeliver(request: Request, notice_id: NoticeId, by: Repeating) -> NoticeOut:
    """Send a notice again that was given up, or told and not acknowledged; it goes out within seconds."""
    here = state_of(request)
    return recipients.notice(await here.db.transact(service.tell_again, here.keyring, by, notice_id, here.clock.now()))
