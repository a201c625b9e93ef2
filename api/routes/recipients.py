"""``/v1/recipients``: who is told of each no, with what secret, and what they acknowledge; see docs/propagation.md."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing, recipients
from api.access import requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.recipients import (
    Acknowledged,
    AcknowledgementIn,
    AcknowledgementOut,
    DeliveryList,
    DeliveryOut,
    RecipientIn,
    RecipientList,
    RecipientMade,
    RecipientOut,
    RecipientPatch,
    RotateIn,
    TestOut,
)
from api.state import state_of
from consent.propagation import acknowledgements
from consent.propagation import store as notices
from consent.propagation.acknowledgements import Told
from consent.propagation.recipients import service, store
from consent.propagation.recipients.service import Sheet
from consent.propagation.recipients.store import RecipientRow
from core.clock import parse_rfc3339, rfc3339
from core.database import Tx
from core.errors import InvalidError
from core.principal import Principal

router = APIRouter(prefix="/v1/recipients", tags=["recipients"])
Reading = Annotated[Principal, Depends(requires("recipients.read"))]
Writing = Annotated[Principal, Depends(requires("recipients.write"))]
Acknowledging = Annotated[Principal, Depends(requires("propagation.acknowledge"))]
RecipientId = Annotated[str, Path(pattern=r"^rcv_[0-9a-f]{32}$")]
_LAST = "e"  # sorts after every id of an attempt


def _made(row: RecipientRow, secret: str, status: int) -> Answer:
    made = RecipientMade(**dict(recipients.shown(row)), secret=secret)
    headers = (("ETag", etag.of(row.revision)), ("Location", f"/v1/recipients/{row.id}"))
    return Answer(status, made.model_dump_json().encode(), headers)


@router.post("", status_code=201, response_model=RecipientMade, summary="Register a recipient")
async def create(request: Request, by: Writing, body: RecipientIn, _: IdempotencyKey = None) -> Response:
    """Register a system that is told of each no from now on. Its secret is in this answer only."""
    state = state_of(request)
    told = await recipients.checked(state, Sheet(**body.model_dump()))

    async def work(tx: Tx) -> Answer:
        return _made(*await service.register(tx, state.keyring, by, told, state.clock.now()), 201)

    return await answer(request, by, work)


@router.get("", summary="List recipients")
async def list_recipients(request: Request, by: Reading, limit: Limit = 50, cursor: CursorText = None) -> RecipientList:
    """List who is told, retired ones too, oldest first."""
    page = await listing.by_key(request, by, "recipients", store.after, lambda row: row.id, limit, cursor)
    return RecipientList(items=[recipients.shown(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{recipient_id}", summary="Read a recipient")
async def read(request: Request, response: Response, recipient_id: RecipientId, by: Reading) -> RecipientOut:
    """Read one recipient; its ``ETag`` is what a change has to name."""
    row = await state_of(request).db.read(service.one, by.tenant, recipient_id)
    response.headers["ETag"] = etag.of(row.revision)
    return recipients.shown(row)


@router.patch("/{recipient_id}", summary="Change a recipient")
async def change(
    request: Request,
    response: Response,
    recipient_id: RecipientId,
    by: Writing,
    body: RecipientPatch,
    if_match: IfMatch = None,
) -> RecipientOut:
    """Change the fields that are given; ``null`` is no value for any of them."""
    empty = [name for name in body.model_fields_set if getattr(body, name) is None]
    if empty:
        raise InvalidError.field(f"/{empty[0]}", "can't be null: leave it out to keep it")
    state, given = state_of(request), body.model_dump(exclude_unset=True)
    row = await recipients.changed(state, by, recipient_id, if_match, given, state.clock.now())
    response.headers["ETag"] = etag.of(row.revision)
    return recipients.shown(row)


@router.delete("/{recipient_id}", status_code=204, summary="Retire a recipient")
async def retire(request: Request, recipient_id: RecipientId, by: Writing, if_match: IfMatch = None) -> Response:
    """Tell it nothing more, for good. What it did not acknowledge stays listed."""
    state = state_of(request)

    async def work(tx: Tx) -> None:
        before = await service.live(tx, by.tenant, recipient_id)
        etag.require(if_match, etag.of(before.revision))
        await service.retire(tx, by, before, state.clock.now())

    await state.db.transact(work)
    return Response(status_code=204)


@router.post("/{recipient_id}/secret", response_model=RecipientMade, summary="Rotate a recipient's secret")
async def rotate(
    request: Request, recipient_id: RecipientId, by: Writing, body: RotateIn, _: IdempotencyKey = None
) -> Response:
    """Make a new secret, shown in this answer only; both sign until the overlap ends."""
    state = state_of(request)

    async def work(tx: Tx) -> Answer:
        made = await service.rotate(tx, state.keyring, by, recipient_id, body.overlap_hours, state.clock.now())
        return _made(*made, 200)

    return await answer(request, by, work)


@router.post("/{recipient_id}/test", summary="Send a recipient a test message")
async def test(request: Request, recipient_id: RecipientId, by: Writing) -> TestOut:
    """Send a signed ``recipient.test`` now and say what came of it."""
    sent = await recipients.tested(state_of(request), by, recipient_id)
    told = {"outcome": sent.outcome.kind, "status": sent.outcome.status, "why": sent.why, "millis": sent.millis}
    return TestOut.model_validate(told)


@router.get("/{recipient_id}/deliveries", summary="List attempts to reach a recipient")
async def deliveries(
    request: Request, recipient_id: RecipientId, by: Reading, limit: Limit = 50, cursor: CursorText = None
) -> DeliveryList:
    """List every attempt of the last ninety days, tests too, newest first."""
    state, now = state_of(request), int(request.scope["candor.at"])
    await state.db.read(service.one, by.tenant, recipient_id)
    filters = {"list": f"deliveries {recipient_id}"}
    before = _LAST if cursor is None else str(state.cursors.open(cursor, by.tenant, filters, now)[0])
    found = await state.db.read(notices.deliveries, by.tenant, recipient_id, before, limit + 1)
    page = state.cursors.page(found, limit, lambda row: [row.id], by.tenant, filters, now)
    told = [{**row._asdict(), "at": rfc3339(row.at)} for row in page.items]
    kept = [DeliveryOut(**{name: one[name] for name in DeliveryOut.model_fields}) for one in told]
    return DeliveryList(items=kept, next_cursor=page.next_cursor)


@router.post(
    "/{recipient_id}/acknowledgements", response_model=AcknowledgementOut, summary="Acknowledge what was applied"
)
async def acknowledge(
    request: Request, recipient_id: RecipientId, by: Acknowledging, body: AcknowledgementIn, _: IdempotencyKey = None
) -> Response:
    """Say which notices were applied, in which scopes and when: all of it or nothing; repeating it is harmless."""
    state = state_of(request)
    try:
        told = Told(tuple(body.notices), tuple(body.scope), parse_rfc3339(body.applied_at))
    except ValueError as error:
        raise InvalidError.field("/applied_at", str(error)) from error

    async def work(tx: Tx) -> Answer:
        done = await acknowledgements.take(tx, state.keyring, by, recipient_id, told, state.clock.now())
        items = [
            Acknowledged.model_validate({"notice": row.id, "outcome": what, "stage": row.stage}) for row, what in done
        ]
        return Answer(200, AcknowledgementOut(items=items).model_dump_json().encode())

    return await answer(request, by, work)
