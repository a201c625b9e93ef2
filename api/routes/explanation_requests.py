"""``/v1/explanation-requests``: from a person's question to a reviewed answer (GDPR Art. 12, 15, 22; CCPA 7222)."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api import access, acting, case_views, casework, etag
from api.access import requires
from api.etag import IfMatch
from api.idempotency import KEEP_CHOICE, Answer, IdempotencyKey, answer
from api.paging import MOST, CursorText, Limit
from api.schemas.explanation_requests import (
    CaseOut,
    CodeIn,
    ContestIn,
    DraftOut,
    EventOut,
    HistoryOut,
    MailIn,
    OpenedOut,
    RequestIn,
    Sent,
    StatusOut,
    StepIn,
)
from api.state import AppState, state_of
from api.strict_json import BodyRule, accepts
from core import canonical
from core.clock import rfc3339
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Principal, Subject
from explanations.requests import answers, identity, quality, record, reviews, service, store
from explanations.requests.errors import CodeRefusedError, RequestNotFoundError
from explanations.requests.record import Case
from explanations.requests.service import Opening

router = APIRouter(prefix="/v1/explanation-requests", tags=["explanation requests"])
_KNOWN: dict[int | str, dict[str, object]] = {200: {"model": OpenedOut, "description": "This one is open already."}}
OpeningOne = Annotated[Principal, Depends(requires("requests.open"))]
Mailing = Annotated[Principal, Depends(requires("requests.confirm"))]
Reading = Annotated[Principal, Depends(requires("requests.read"))]
Own = Annotated[Principal, Depends(requires("requests.answer.own"))]
Taking = Annotated[Principal, Depends(requires("requests.step"))]
Reviewing = Annotated[Principal, Depends(requires("requests.review"))]
Listing = Annotated[Principal, Depends(requires("requests.list"))]
Figuring = Annotated[Principal, Depends(requires("requests.figures"))]
Annexing = Annotated[Principal, Depends(requires("requests.annex"))]
Id = Annotated[str, Path(max_length=64)]
_UPLOAD = BodyRule(bulk=True, longest_string=700_000)


@router.post("", status_code=201, response_model=OpenedOut, responses=_KNOWN, summary="Ask for an explanation")
async def create(request: Request, by: OpeningOne, body: RequestIn, _: IdempotencyKey = None) -> Response:
    """Open a request: its number comes at once, and the clock of the law starts. The same again gives the first."""
    state = state_of(request)
    wish = _opening(request, state, by, body)

    async def work(tx: Tx) -> Answer:
        made = await service.open_case(tx, state.desk, by, wish, state.clock.now())
        headers = (("Location", f"/v1/explanation-requests/{made.case.row.id}"),)
        out = case_views.opened(state.desk, made)
        return Answer(201 if made.fresh else 200, out.model_dump_json().encode(), headers)

    return await answer(request, by, work, lifetime=KEEP_CHOICE)


@router.post("/mail", status_code=201, response_model=OpenedOut, responses=_KNOWN, summary="Take a request by e-mail")
async def take_mail(request: Request, by: Mailing, body: MailIn) -> Response:
    """Open a request from an e-mail your gateway forwards; who wrote is not yet known. The same writer's next e-mail
    belongs to the same request while it is open and about nothing else.
    """
    state = state_of(request)
    writer = sha256(body.sender.strip().lower().encode()).hexdigest()[:32]
    wish = Opening(
        subject=acting.named(request, by.tenant, "device", writer),
        laws=casework.laws_of(state, body.residence),
        texts={"question": f"{body.subject_line}\n{body.text}".strip()[:2500], "address": body.sender},
        language=body.language or "en",
        channel="email",
        site=by.site,
        place=body.residence or state.settings.requests.place,
    )
    made = await state.db.transact(service.open_case, state.desk, by, wish, state.clock.now())
    out = case_views.opened(state.desk, made).model_dump_json()
    return Response(out, 201 if made.fresh else 200, media_type="application/json")


def _opening(request: Request, state: AppState, by: Principal, body: RequestIn) -> Opening:
    texts = {"question": body.question, "address": body.address}
    if body.agent is not None:
        texts |= {"agent": body.agent.name, "authorisation": body.agent.authorisation}
    browser = acting.is_browser(by)
    return Opening(
        subject=_subject(request, by, body),
        laws=casework.laws_of(state, body.residence),
        decisions=tuple(body.decisions),
        texts={name: text for name, text in texts.items() if text},
        language=body.language or "en",
        channel="widget" if browser else body.channel,
        on_behalf="authorised_agent" if body.agent else ("self" if browser else by.role.value),
        site=by.site,
        place=body.residence or state.settings.requests.place,
        method=_method(by, body),
        known_address=body.address_known and not browser,
    )


def _subject(request: Request, by: Principal, body: RequestIn) -> Subject:
    if acting.is_browser(by):
        if body.subject is not None:
            raise InvalidError.field("/subject", "a browser asks for itself: leave it out")
        return access.own_subject(by)
    if body.subject is None:
        raise InvalidError.field("/subject", "say about whom: your own reference of the person")
    return acting.named(request, by.tenant, body.space, body.subject)


def _method(by: Principal, body: RequestIn) -> str | None:
    if acting.is_browser(by):
        return "customer_token" if by.subject is not None and by.subject.space == "customer" else None
    return "vouched_by_site" if body.vouched and by.role.value == "site" else None


@router.get("/{request_id}", response_model=CaseOut | StatusOut, summary="Read a request")
async def read(request: Request, by: Reading, request_id: Id) -> Response:
    """Return a request: how it stands for the person herself, everything for those who work on it."""
    state = state_of(request)

    async def work(tx: Reader) -> tuple[Case, dict[str, str]]:
        case = await casework.reach(tx, by, request_id)
        return case, await record.intake_of(tx, state.keyring, case.row)

    case, texts = await state.db.read(work)
    if acting.is_browser(by):
        return _json(case_views.status(case).model_dump_json())
    found = _json(case_views.whole(case, texts.get("question"), request.scope["candor.at"]).model_dump_json())
    found.headers["ETag"] = etag.of(case.row.seq)
    return found


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


@router.get("/{request_id}/history", summary="Everything that happened in a request")
async def read_history(
    request: Request,
    by: Listing,
    request_id: Id,
    limit: Limit = MOST,
    cursor: CursorText = None,
) -> HistoryOut:
    """List events with their ledger entries, in order, page by page."""
    state, now = state_of(request), request.scope["candor.at"]
    filters = {"list": "request-history", "request": request_id}
    after = -1 if cursor is None else int(state.cursors.open(cursor, by.tenant, filters, now)[0])

    async def work(tx: Reader) -> list[EventOut]:
        case = await casework.reach(tx, by, request_id)
        return [
            EventOut(
                seq=one.seq,
                kind=one.kind,
                at=rfc3339(one.at),
                facts=canonical.loads(one.facts),
                texts=await record.texts_of(tx, state.keyring, one) if one.sealed is not None else None,
            )
            for one in await store.events_after(tx, case.row.id, after, limit + 1)
        ]

    page = state.cursors.page(await state.db.read(work), limit, lambda one: [one.seq], by.tenant, filters, now)
    return HistoryOut(items=page.items, next_cursor=page.next_cursor)


@router.post("/{request_id}/steps", response_model=CaseOut, summary="Take a step")
@accepts(BodyRule(bulk=True))
async def take_step(
    request: Request, by: Taking, request_id: Id, body: StepIn, _: IdempotencyKey = None, if_match: IfMatch = None
) -> Response:
    """Take the next step. What is missing for it stands in the refusal, all of it.

    With `If-Match` it is taken only over the very version that was read: nobody's change is put over another's.
    """
    state = state_of(request)
    access.check(by, casework.permission_of(body.step))
    said = await casework.said_again(state, by, request_id, body)

    async def work(tx: Tx) -> Answer:
        before = await casework.reach(tx, by, request_id)
        if if_match is not None:
            etag.require(if_match, etag.of(before.row.seq))
        now = state.clock.now()
        case = await casework.take(tx, state.desk, by, request_id, body, now, said)
        texts = await record.intake_of(tx, state.keyring, case.row)
        whole = case_views.whole(case, texts.get("question"), now)
        return Answer(200, whole.model_dump_json().encode(), (("ETag", etag.of(case.row.seq)),))

    return await answer(request, by, work)


async def _document(request: Request, by: Principal, request_id: str, kind: str) -> DraftOut:
    state = state_of(request)

    async def work(tx: Reader) -> dict[str, object]:
        case = await casework.reach(tx, by, request_id)
        found = await answers.current(tx, state.desk, case, kind)
        if found is None:
            raise RequestNotFoundError
        return found

    document = await state.db.read(work)
    sections: list[dict[str, list[dict[str, str]]]] = document["sections"]  # type: ignore[assignment]  # our own paper
    read_as = quality.reading(sentence["text"] for section in sections for sentence in section["sentences"])
    return DraftOut(
        document=document,
        sentences=read_as.sentences,
        words_a_sentence=read_as.words_a_sentence,
        longest_sentence=read_as.longest,
    )


@router.get("/{request_id}/draft", summary="Read the draft")
async def read_draft(request: Request, by: Listing, request_id: Id) -> DraftOut:
    """Return the newest draft: every sentence with its source."""
    return await _document(request, by, request_id, answers.DRAFT)


@router.get("/{request_id}/answer", summary="Read the answer")
async def read_answer(request: Request, by: Reading, request_id: Id) -> DraftOut:
    """Return the released answer."""
    return await _document(request, by, request_id, answers.ANSWER)


@router.post("/{request_id}/contest", summary="Contest the decision")
async def contest(request: Request, by: Own, request_id: Id, body: ContestIn) -> StatusOut:
    """Say what is wrong with the decision: a person who took no part in it looks at it again (GDPR Art. 22(3))."""
    state = state_of(request)

    async def work(tx: Tx) -> Case:
        case = await casework.reach(tx, by, request_id)
        return await reviews.contest(tx, state.desk, by, case, body.view or "", state.clock.now())

    return case_views.status(await state.db.transact(work))


@router.post("/{request_id}/code", summary="Send a code to the address of the request")
async def send_code(request: Request, by: Own, request_id: Id) -> Sent:
    """Have a code sent to the address the request has. The answer is the same whether there is one or not."""
    state = state_of(request)

    async def work(tx: Tx) -> None:
        case = await casework.reach(tx, by, request_id)
        await identity.send_code(tx, state.desk, case, state.clock.now())

    await state.db.transact(work)
    return Sent()


@router.post("/{request_id}/code/check", summary="Give a code back")
async def check_code(request: Request, by: Own, request_id: Id, body: CodeIn) -> StatusOut:
    """Prove with a code that the address is the person's. A few wrong ones void it."""
    state = state_of(request)

    async def work(tx: Tx) -> Case | None:
        case = await casework.reach(tx, by, request_id)
        return await identity.check_code(tx, state.desk, by, case, body.code, state.clock.now())

    case = await state.db.transact(work)  # the attempt is counted even where the code does not hold
    if case is None:
        casework.note_wrong_code(by)
        raise CodeRefusedError
    return case_views.status(case)
