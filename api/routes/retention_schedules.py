"""``/v1/retention/schedules``: how long which records are kept, what that would delete, and who agreed (EVI-03)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import etag, retaining
from api.access import requires
from api.etag import IfMatch
from api.schemas.retention import MinimumOut, PreviewOut, ScheduleIn, ScheduleList, ScheduleOut, ScheduleVersionOut
from api.state import state_of
from core.clock import parse_rfc3339, rfc3339
from core.database import Tx
from core.errors import InvalidError
from core.principal import Principal
from disclosures.resolution import legal_day
from oversight.retention import schedules
from oversight.retention.minimums import Where
from oversight.retention.schedules import Standing, Wish
from oversight.retention.store import ScheduleRow

router = APIRouter(prefix="/v1/retention/schedules", tags=["retention-schedules"])
Reading = Annotated[Principal, Depends(requires("retention.read"))]
Writing = Annotated[Principal, Depends(requires("retention.write"))]
RecordType = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]
Period = Annotated[str | None, Query(max_length=40, description="ISO 8601; else that of the schedule.")]


def wish_of(body: ScheduleIn) -> Wish:
    """Return what somebody wants. Raises ``InvalidError`` for an instant that is none."""
    try:
        starts_at = None if body.starts_at is None else parse_rfc3339(body.starts_at)
    except ValueError as error:
        raise InvalidError.field("/starts_at", str(error)) from error
    sectors = None if body.sectors is None else tuple(body.sectors)
    return Wish(body.period, body.reason, Where(tuple(body.places), sectors), tuple(body.set_aside), starts_at)


def _when(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _version(row: ScheduleRow | None) -> ScheduleVersionOut | None:
    if row is None:
        return None
    said: dict[str, Any] = schedules.wish_of(row).document()
    return ScheduleVersionOut(
        **{**said, "starts_at": _when(said["starts_at"])},
        version=row.version,
        proposed_by=row.proposed_by,
        proposed_at=rfc3339(row.proposed_at),
        approved_by=row.approved_by,
        approved_at=_when(row.approved_at),
        seq=row.seq,
    )


def _out(view: Standing, now: int) -> ScheduleOut:
    sort, today = view.sort, legal_day(now)
    return ScheduleOut(
        record_type=sort.key,
        name=sort.name,
        deleted=sort.deleted,
        stays=sort.stays,
        counts_from=sort.counts_from,
        in_force=_version(view.current),
        waiting=_version(view.waiting),
        minimums=[MinimumOut(**one._asdict(), in_force=one.in_force(today)) for one in view.minimums],
        suggested=view.suggested(now),
    )


@router.get("", summary="List retention schedules")
async def list_schedules(request: Request, caller: Reading) -> ScheduleList:
    """List every sort of records that a schedule can delete from, with what rule packs ask of it."""
    state = state_of(request)
    found = await state.db.read(schedules.every, caller.tenant, state.packs)
    return ScheduleList(items=[_out(view, state.clock.now()) for view in found])


@router.get("/{record_type}", summary="Read a retention schedule")
async def read(request: Request, response: Response, record_type: RecordType, caller: Reading) -> ScheduleOut:
    """Read how long records of a sort are kept; the `ETag` is what a change has to name."""
    state = state_of(request)
    view = await state.db.read(schedules.standing, caller.tenant, state.packs, record_type)
    response.headers["ETag"] = etag.of(view.tag)
    return _out(view, state.clock.now())


@router.put("/{record_type}", summary="Change a retention schedule")
async def change(
    request: Request,
    response: Response,
    record_type: RecordType,
    by: Writing,
    body: ScheduleIn,
    if_match: IfMatch = None,
) -> ScheduleOut:
    """Change how long records are kept: longer holds at once, shorter once a second person approves.

    Shorter than a rule in force asks is refused; `errors` names the rule and its source.
    """
    state, wish = state_of(request), wish_of(body)

    async def work(tx: Tx) -> Standing:
        there = await schedules.standing(tx, by.tenant, state.packs, record_type)
        etag.require(if_match, etag.of(there.tag))
        await schedules.propose(tx, by, state.packs, record_type, wish, state.clock.now())
        return await schedules.standing(tx, by.tenant, state.packs, record_type)

    view = await state.db.transact(work)
    response.headers["ETag"] = etag.of(view.tag)
    return _out(view, state.clock.now())


@router.post("/{record_type}/approve", summary="Approve a retention schedule")
async def approve(
    request: Request, response: Response, record_type: RecordType, by: Writing, if_match: IfMatch = None
) -> ScheduleOut:
    """Let the version hold that somebody else proposed; what has run its course by it goes with the next run."""
    state = state_of(request)

    async def work(tx: Tx) -> Standing:
        there = await schedules.standing(tx, by.tenant, state.packs, record_type)
        etag.require(if_match, etag.of(there.tag))
        await schedules.approve(tx, by, state.packs, record_type, state.clock.now())
        return await schedules.standing(tx, by.tenant, state.packs, record_type)

    view = await state.db.transact(work)
    response.headers["ETag"] = etag.of(view.tag)
    return _out(view, state.clock.now())


@router.get("/{record_type}/preview", summary="Preview a deletion")
async def preview(request: Request, record_type: RecordType, caller: Reading, period: Period = None) -> PreviewOut:
    """Count what a schedule, or a period that is only considered, would delete now. Nothing is deleted."""
    state = state_of(request)
    view = await state.db.read(schedules.standing, caller.tenant, state.packs, record_type)
    wish, now = schedules.considered(view, period), state.clock.now()
    terms, seen, complete = await retaining.preview(state, caller.tenant, record_type, wish, now)
    return PreviewOut(
        record_type=record_type,
        periods=list(terms.periods),
        as_of=rfc3339(now),
        cut_off=rfc3339(terms.cut_off),
        due=seen.due,
        held=seen.kept_back,
        oldest=_when(seen.oldest),
        complete=complete,
    )
