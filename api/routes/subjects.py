"""``/v1/subjects``: what staff and back-ends ask about a person; consents declared invalid; her erasure by two people.

GDPR Art. 7, 15, 17.
"""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api import acting, recorded
from api.access import requires
from api.idempotency import KEEP_CHOICE, Answer, IdempotencyKey, answer
from api.routes.choices import key_of
from api.schemas.choices import StandingOut
from api.schemas.subjects import ErasureIn, ErasureOut, InvalidationIn, InvalidationOut, Lookup, SubjectOut
from api.state import state_of
from consent import choices, standing
from consent.standing import Standing
from core.clock import parse_rfc3339, rfc3339
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Principal, Subject
from oversight import erasure
from oversight.tables import ErasureRequest

router = APIRouter(prefix="/v1/subjects", tags=["subjects"])
Reading = Annotated[Principal, Depends(requires("choices.read"))]
Invalidating = Annotated[Principal, Depends(requires("choices.invalidate"))]
Erasing = Annotated[Principal, Depends(requires("subjects.erase"))]
SubjectId = Annotated[str, Path(pattern=r"^sub_[0-9a-f]{32}$")]
At = Annotated[str | None, Query(max_length=40, description="A past instant (RFC 3339): how things stood then.")]


@router.post("/lookup", summary="Find a person by your own reference")
async def lookup(request: Request, caller: Reading, body: Lookup) -> SubjectOut:
    """Return the pseudonym of a person Candor has records of; 404 for anyone else."""
    subject = acting.named(request, caller.tenant, body.space, body.reference)
    await state_of(request).db.read(standing.must_be_known, caller.tenant, subject.pseudonym)
    return SubjectOut(subject=subject.public_id)


@router.get("/{subject_id}/choices", response_model=StandingOut, summary="How a person's choices stand, or stood")
async def read(request: Request, subject_id: SubjectId, caller: Reading, at: At = None) -> Response:
    """Show current choices and what the gate says to each purpose; with `at` from events alone, as it was then."""
    state, pseudonym = state_of(request), bytes.fromhex(subject_id[4:])
    now = state.clock.now()
    try:
        instant = None if at is None else parse_rfc3339(at)
    except ValueError as error:
        raise InvalidError.field("?at", str(error)) from error

    async def work(tx: Reader) -> Standing:
        await standing.must_be_known(tx, caller.tenant, pseudonym)
        if instant is None:
            return await standing.now_of(tx, state.notary, caller.tenant, pseudonym, now)
        return await standing.at_instant(tx, state.notary, caller.tenant, pseudonym, instant, now)

    found = await state.db.read(work)
    return Response(recorded.standing(subject_id, found, gpc=False), media_type="application/json")


@router.post(
    "/{subject_id}/choices/invalidate", response_model=InvalidationOut, summary="Declare a person's consents invalid"
)
async def invalidate(
    request: Request, subject_id: SubjectId, by: Invalidating, body: InvalidationIn, _: IdempotencyKey = None
) -> Response:
    """Declare consents invalid that were not free, informed or proven. The gate denies at once; nothing undoes it.

    A no of the person stays as it is; what is invalid can only be given anew.
    """
    state = state_of(request)
    # neither space nor reference enter the record: the pseudonym is enough
    how = acting.somebody(by, Subject("", "", bytes.fromhex(subject_id[4:])))

    async def work(tx: Tx) -> Answer:
        made = await choices.invalidate(tx, state.notary, how, state.clock, body.purpose, body.reason)
        return Answer(200, recorded.invalidated(subject_id, made))

    return await answer(request, by, work, key_of=partial(key_of, state=state, how=how), lifetime=KEEP_CHOICE)


def _out(row: ErasureRequest) -> ErasureOut:
    return ErasureOut(
        id=row.id,
        subject=f"sub_{row.subject.hex()}",
        reason=row.reason,
        requested_by=row.requested_by,
        requested_at=rfc3339(row.requested_at),
        approved_by=row.approved_by,
        approved_at=None if row.approved_at is None else rfc3339(row.approved_at),
        seq=row.seq,
    )


@router.post("/{subject_id}/erasure", status_code=201, response_model=ErasureOut, summary="Ask to erase a person")
async def request_erasure(
    request: Request, subject_id: SubjectId, by: Erasing, body: ErasureIn, _: IdempotencyKey = None
) -> Response:
    """Ask for an erasure; another person has to approve it."""
    state = state_of(request)

    async def work(tx: Tx) -> Answer:
        now = state.clock.now()
        made = await erasure.request(tx, state.keyring, by, bytes.fromhex(subject_id[4:]), body.reason, now)
        return Answer(201, _out(made).model_dump_json().encode())

    return await answer(request, by, work)


@router.post("/{subject_id}/erasure/approve", response_model=ErasureOut, summary="Approve an erasure")
async def approve_erasure(request: Request, subject_id: SubjectId, by: Erasing, _: IdempotencyKey = None) -> Response:
    """Erase a person whose erasure somebody else has asked for: her key is destroyed, for good."""
    state = state_of(request)

    async def work(tx: Tx) -> Answer:
        made = await erasure.approve(tx, state.keyring, by, bytes.fromhex(subject_id[4:]), state.clock.now())
        return Answer(200, _out(made).model_dump_json().encode())

    return await answer(request, by, work)
