"""``/v1/notices``: drafted, checked, approved by a second person, published as immutable versions (DIS-02)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import etag, listing, told_notices
from api.access import allowed, requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.notices import (
    CheckOut,
    Differences,
    ImpactOut,
    NoticeList,
    NoticeOut,
    NoticeVersions,
    PublicationIn,
    RenderingOut,
    Skeleton,
)
from api.state import state_of
from core.clock import parse_rfc3339
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Principal
from disclosures.documents import KEY_PATTERN
from disclosures.notices import differences, renderings, service, standing
from disclosures.notices.documents import NoticeDocument, NoticeKind
from disclosures.notices.errors import NoNoticeDraftError, NoticeNotFoundError
from disclosures.notices.service import NoticeView
from disclosures.notices.store import VersionRow
from disclosures.packs import service as packs
from disclosures.packs.vocabulary import Channel
from disclosures.showings import store as showings

router = APIRouter(prefix="/v1/notices", tags=["notices"])
Reading = Annotated[Principal, Depends(requires("notices.read"))]
Writing = Annotated[Principal, Depends(requires("notices.write"))]
Approving = Annotated[Principal, Depends(requires("notices.approve"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Wanted = Annotated[str, Query(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", examples=["de"])]
PackNames = Annotated[list[str], Query(max_length=40)]


async def _visible(tx: Reader, caller: Principal, key: str) -> NoticeView:
    """Return a notice; one that was never published is there for its keepers only."""
    view = await service.view(tx, caller.tenant, key)
    if view.published is None and not allowed(caller, "notices.write"):
        raise NoticeNotFoundError
    return view


async def _version(tx: Reader, caller: Principal, key: str, number: int) -> VersionRow:
    """Return a version; one for experiments alone is there only for who may read these."""
    row = await service.version(tx, caller.tenant, key, number)
    if row.aside and not allowed(caller, "experiments.read"):
        raise NoticeNotFoundError
    return row


def _out(caller: Principal, response: Response, view: NoticeView) -> NoticeOut:
    response.headers["ETag"] = etag.of(view.notice.revision)
    return told_notices.notice(view, keeper=allowed(caller, "notices.write"))


async def _checked(tx: Reader, by: Principal, key: str, if_match: str | None) -> int:
    """Return the revision a change applies to. Raises ``StaleError``, ``PreconditionRequiredError``."""
    return etag.matched(if_match, (await service.view(tx, by.tenant, key)).notice.revision)


@router.post("", status_code=201, response_model=NoticeOut, summary="Draft a new notice")
async def create(request: Request, by: Writing, body: NoticeDocument, _: IdempotencyKey = None) -> Response:
    """Draft a notice under a new key. Nobody is shown it before it is approved and published."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> Answer:
        out = told_notices.notice(await service.create(tx, by, body, clock.now()), keeper=True)
        headers = (("ETag", etag.of(out.revision)), ("Location", f"/v1/notices/{body.key}"))
        return Answer(201, out.model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List notices")
async def list_notices(request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None) -> NoticeList:
    """List notices by key; drafts that were never published only for their keepers."""
    keeper = allowed(caller, "notices.write")
    page = await listing.by_key(request, caller, "notices", service.listed, lambda view: view.notice.key, limit, cursor)
    shown = [told_notices.notice(view, keeper=keeper) for view in page.items if keeper or view.published is not None]
    return NoticeList(items=shown, next_cursor=page.next_cursor)


@router.get("/skeleton", summary="Learn what a notice has to say")
async def skeleton(request: Request, _: Reading, kind: NoticeKind, pack: PackNames) -> Skeleton:
    """Return what rule packs want conveyed by a notice of a kind: where to begin writing."""
    installed = state_of(request).packs
    for name in pack:
        packs.pack(installed, name)
    return told_notices.skeleton(kind, pack, installed)


@router.post("/check", summary="Check a notice without keeping it")
async def check(request: Request, caller: Writing, body: NoticeDocument) -> CheckOut:
    """Say what would keep a notice from being published, and how it reads; keeps nothing."""
    state = state_of(request)
    found = await state.db.read(service.check, caller.tenant, body, state.packs, state.clock.now())
    return told_notices.checked(body, found)


@router.get("/{key}", summary="Read a notice")
async def read(request: Request, response: Response, key: Key, caller: Reading) -> NoticeOut:
    """Read a notice; its `ETag` is what a change has to name."""
    return _out(caller, response, await state_of(request).db.read(_visible, caller, key))


@router.get("/{key}/check", summary="Check a draft")
async def check_draft(request: Request, key: Key, caller: Writing) -> CheckOut:
    """Say what keeps the draft from being approved and published, and how it reads."""
    state = state_of(request)
    view = await state.db.read(service.view, caller.tenant, key)
    if view.draft is None:
        raise NoNoticeDraftError
    return told_notices.checked(
        view.draft, await state.db.read(service.check, caller.tenant, view.draft, state.packs, state.clock.now())
    )


@router.get("/{key}/impact", summary="Preview whom a material change concerns")
async def impact(request: Request, key: Key, caller: Writing) -> ImpactOut:
    """Count who was shown this notice: whom a material change would have told anew."""
    state = state_of(request)
    view = await state.db.read(service.view, caller.tenant, key)
    shown, people, sessions = await state.db.read(showings.affected, caller.tenant, key)
    document = view.draft or (standing.document_of(view.published.document) if view.published else None)
    touchpoints = [] if document is None else list(document.touchpoints)
    return ImpactOut(showings=shown, people=people, sessions=sessions, touchpoints=touchpoints)


@router.get("/{key}/versions", summary="List a notice's versions")
async def list_versions(request: Request, key: Key, caller: Reading) -> NoticeVersions:
    """List every version ever published, newest first; those for experiments alone only for who may read these."""
    rows = await state_of(request).db.read(service.versions, caller.tenant, key)
    all_of_them = allowed(caller, "experiments.read")
    return NoticeVersions(items=[told_notices.version(row) for row in rows if all_of_them or not row.aside])


@router.get("/{key}/differences", summary="Compare two versions")
async def compare(
    request: Request,
    key: Key,
    caller: Reading,
    before: Annotated[int, Query(ge=1, le=1_000_000)],
    after: Annotated[int, Query(ge=1, le=1_000_000)],
) -> Differences:
    """List what differs between two published versions, member by member."""
    db = state_of(request).db
    rows = [await db.read(_version, caller, key, number) for number in (before, after)]
    old, new = (standing.document_of(row.document) for row in rows)
    return told_notices.compared(differences.differences(old, new))


@router.get("/{key}/versions/{number}/rendering", summary="Read a version as a channel takes it")
async def rendering(
    request: Request, key: Key, number: Number, caller: Reading, channel: Channel = "web", lang: Wanted = "en"
) -> RenderingOut:
    """Return a published version for a page, a card, a text message, an e-mail or speech."""
    row = await state_of(request).db.read(_version, caller, key, number)
    document = standing.document_of(row.document)
    language = document.nearest(lang)
    return RenderingOut(
        notice=key,
        version=number,
        sha256=row.sha256,
        lang=language,
        channel=channel,
        media_type=renderings.MEDIA[channel],
        content=renderings.render(document.texts[language], channel, language),
    )


@router.put("/{key}", summary="Draft the next version")
async def draft(
    request: Request, response: Response, key: Key, by: Writing, body: NoticeDocument, if_match: IfMatch = None
) -> NoticeOut:
    """Write the draft of the next version; takes away the approval of what stood there before."""
    etag.same_key(key, body.key)
    clock = state_of(request).clock

    async def work(tx: Tx) -> NoticeView:
        return await service.draft(tx, by, body, clock.now(), await _checked(tx, by, key, if_match))

    return _out(by, response, await state_of(request).db.transact(work))


@router.post("/{key}/approve", summary="Approve the draft")
async def approve(request: Request, response: Response, key: Key, by: Approving, if_match: IfMatch = None) -> NoticeOut:
    """Approve the draft as it stands; whoever wrote it can't."""
    state = state_of(request)

    async def work(tx: Tx) -> NoticeView:
        revision = await _checked(tx, by, key, if_match)
        return await service.approve(tx, by, key, state.packs, state.clock.now(), revision)

    return _out(by, response, await state.db.transact(work))


@router.post("/{key}/publish", summary="Publish the approved draft")
async def publish(
    request: Request, response: Response, key: Key, by: Writing, body: PublicationIn, if_match: IfMatch = None
) -> NoticeOut:
    """Publish the approved draft, for ever unchanged; now, or at an instant to come."""
    state = state_of(request)
    try:
        later = None if body.at is None else parse_rfc3339(body.at)
    except ValueError as error:
        raise InvalidError.field("/at", str(error)) from error

    async def work(tx: Tx) -> NoticeView:
        revision = await _checked(tx, by, key, if_match)
        return await service.publish(
            tx, by, key, state.packs, state.clock.now(), material=body.material, later=later, revision=revision
        )

    return _out(by, response, await state.db.transact(work))


@router.post("/{key}/set-aside", summary="Publish the approved draft for experiments alone")
async def set_aside(request: Request, response: Response, key: Key, by: Writing, if_match: IfMatch = None) -> NoticeOut:
    """Publish the approved draft as a version that only an experiment shows; what is in force stays so."""
    state = state_of(request)

    async def work(tx: Tx) -> NoticeView:
        revision = await _checked(tx, by, key, if_match)
        return await service.set_aside(tx, by, key, state.packs, state.clock.now(), revision)

    return _out(by, response, await state.db.transact(work))


@router.delete("/{key}", status_code=204, summary="Retire a notice")
async def retire(request: Request, key: Key, by: Writing, if_match: IfMatch = None) -> Response:
    """End a notice: it is shown to nobody any more; its versions and showings stay on record."""
    clock = state_of(request).clock

    async def work(tx: Tx) -> None:
        await service.retire(tx, by, key, clock.now(), await _checked(tx, by, key, if_match))

    await state_of(request).db.transact(work)
    return Response(status_code=204)
