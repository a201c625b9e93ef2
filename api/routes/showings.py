"""``/v1/showings``, ``/v1/turns``, ``/v1/ai-or-human``, ``/v1/gaps``: proof that people were told (DIS-04, DIS-06)."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import acting, speaking
from api.access import requires
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.showings import (
    GapList,
    GapOut,
    HandlerOut,
    IdentityOut,
    Locale,
    Opaque,
    ShowingIn,
    ShowingList,
    ShowingOut,
    SubjectReference,
    TurnIn,
)
from api.state import state_of
from core import subjects
from core.clock import DAY, parse_rfc3339, rfc3339
from core.database import Tx
from core.errors import FieldError, InvalidError
from core.principal import Principal, Subject
from disclosures.documents import KEY_PATTERN
from disclosures.showings import answers, service, store
from disclosures.showings.service import Told
from disclosures.tables import Showing, Speaker

router = APIRouter(tags=["showings"])
Telling = Annotated[Principal, Depends(requires("showings.write"))]
Reading = Annotated[Principal, Depends(requires("showings.read"))]
Speaking = Annotated[Principal, Depends(requires("turns.write"))]
Asking = Annotated[Principal, Depends(requires("identity.ask"))]
_PUBLIC = re.compile(r"sub_[0-9a-f]{32}")
Wanted = Annotated[Opaque | None, Query()]
_AHEAD = 2_000_000


def _instant(text: str | None, name: str, now: int) -> int:
    """Return an instant of the last day. Raises ``InvalidError`` naming the member."""
    if text is None:
        return now
    try:
        found = parse_rfc3339(text)
    except ValueError as error:
        raise InvalidError.field(f"/{name}", str(error)) from error
    if not now - DAY <= found <= now + _AHEAD:
        raise InvalidError.field(f"/{name}", "not in the future, and at most a day ago")
    return min(found, now)


def _out(row: Showing) -> ShowingOut:
    return ShowingOut(
        id=row.id,
        seq=row.seq,
        notice=row.notice,
        version=row.version,
        sha256=row.sha256,
        lang=row.lang,
        surface=row.surface,
        build=row.build,
        site=row.site,
        touchpoint=row.touchpoint,
        session=row.session,
        conversation=row.conversation,
        decision=row.decision,
        subject=None if row.subject is None else f"sub_{row.subject.hex()}",
        position=row.position,
        before_first_turn=row.before_first_turn,
        shown_at=rfc3339(row.shown_at),
        recorded_at=rfc3339(row.recorded_at),
        experiment=row.experiment,
    )


def _whom(request: Request, caller: Principal, body: ShowingIn) -> Subject | None:
    """Return to whom it was displayed. Raises ``InvalidError`` where a browser says what only a back-end can."""
    if acting.is_browser(caller):
        given = [name for name in ("subject", "shown_at") if name in body.model_fields_set]
        if given:
            said = "for back-ends only: leave it out"
            raise InvalidError(fields=tuple(FieldError(f"/{name}", said) for name in given))
    elif body.subject is not None:
        return acting.named(request, caller.tenant, "customer", body.subject)
    return caller.subject


def _told(caller: Principal, body: ShowingIn, subject: Subject | None, now: int) -> Told:
    return Told(
        notice=body.notice,
        version=body.version,
        lang=body.lang,
        surface=body.surface,
        build=body.build,
        session=body.session,
        shown_at=_instant(body.shown_at, "shown_at", now),
        site=caller.site,
        touchpoint=body.touchpoint,
        conversation=body.conversation,
        decision=body.decision,
        position=body.position,
        subject=None if subject is None else subject.pseudonym,
        experiment=body.experiment,
    )


@router.post("/v1/showings", status_code=201, response_model=ShowingOut, summary="Note that a notice was shown")
async def show(request: Request, caller: Telling, body: ShowingIn, _: IdempotencyKey = None) -> Response:
    """Record that a published notice was displayed, spoken or sent: once each time."""
    state = state_of(request)
    subject = _whom(request, caller, body)
    told = _told(caller, body, subject, state.clock.now())

    async def work(tx: Tx) -> Answer:
        if told.experiment is not None and subject is not None:
            # whoever takes part is on record: it can be told to her, and erased with her
            await subjects.ensure(tx, state.keyring, caller.tenant, subject, state.clock.now())
        row = await service.record(tx, state.keyring, caller.tenant, told, state.clock.now())
        return Answer(201, _out(row).model_dump_json().encode())

    return await answer(request, caller, work)


def _pseudonym(request: Request, caller: Principal, reference: str) -> bytes:
    """Return the pseudonym of a person, named by the company's own reference or by ``sub_...`` as records show it."""
    if _PUBLIC.fullmatch(reference):
        return bytes.fromhex(reference[4:])
    return acting.named(request, caller.tenant, "customer", reference).pseudonym


async def _filter(
    request: Request,
    caller: Reading,
    conversation: Wanted = None,
    session: Wanted = None,
    decision: Wanted = None,
    notice: Annotated[str | None, Query(pattern=KEY_PATTERN)] = None,
    subject: Annotated[SubjectReference | None, Query()] = None,
) -> tuple[str, str | bytes]:
    """Return by what showings are listed, and the value. Raises ``InvalidError`` unless exactly one is named."""
    given = {
        "conversation": conversation,
        "session": session,
        "decision": decision,
        "notice": notice,
        "subject": None if subject is None else _pseudonym(request, caller, subject),
    }
    named = [(name, value) for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise InvalidError.field("?conversation", "name one of conversation, session, decision, notice and subject")
    return named[0]


By = Annotated[tuple[str, str | bytes], Depends(_filter)]


@router.get("/v1/showings", summary="List what was shown")
async def list_showings(
    request: Request, caller: Reading, by: By, limit: Limit = 50, cursor: CursorText = None
) -> ShowingList:
    """List the showings of one conversation, session, decision, notice or person, newest first."""
    name, value = by
    state, filters = state_of(request), {"list": "showings", name: value if isinstance(value, str) else value.hex()}
    now: int = request.scope["candor.at"]
    before = store.END if cursor is None else int(state.cursors.open(cursor, caller.tenant, filters, now)[0])
    found = await state.db.read(store.showings, caller.tenant, name, value, before, limit + 1)
    page = state.cursors.page(found, limit, lambda row: [row.seq], caller.tenant, filters, now)
    return ShowingList(items=[_out(row) for row in page.items], next_cursor=page.next_cursor)


def _handler(row: Speaker) -> HandlerOut:
    return HandlerOut.model_validate(
        {
            "conversation": row.conversation,
            "touchpoint": row.touchpoint,
            "handler": row.who,
            "since": rfc3339(row.since),
            "first_ai_turn_at": None if row.first_ai_at is None else rfc3339(row.first_ai_at),
        }
    )


@router.post("/v1/turns", summary="Say who speaks in a conversation")
async def speak(request: Request, caller: Speaking, body: TurnIn) -> HandlerOut:
    """Say who speaks from now on: with the AI's first turn, and whenever a person takes over or hands back."""
    state = state_of(request)
    at = _instant(body.at, "at", state.clock.now())
    row = await state.db.transact(
        service.speak, caller.tenant, body.conversation, body.touchpoint, body.handler, caller.id, at
    )
    return _handler(row)


@router.get("/v1/ai-or-human", summary="Ask whether one talks to a human")
async def ai_or_human(
    request: Request, caller: Asking, conversation: Wanted = None, lang: Annotated[Locale, Query()] = "en"
) -> IdentityOut:
    """Answer truthfully, in words for the person and for the model. Where nobody has said, it is AI."""
    state = state_of(request)
    who, row = await state.db.read(speaking.now, caller.tenant, caller.subject, conversation)
    said = answers.words(who, lang)
    if row is not None:

        async def work(tx: Tx) -> None:
            service.note_answer(tx, caller.tenant, row.conversation, who, said.language, state.clock.now())

        await state.db.transact(work)
    return IdentityOut.model_validate(
        {
            "conversation": conversation,
            "handler": who,
            "since": None if row is None else rfc3339(row.since),
            "answer": said.answer,
            "lang": said.language,
            "prompt": said.prompt,
        }
    )


@router.get("/v1/gaps", summary="List where people were not told in time")
async def list_gaps(request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None) -> GapList:
    """List the conversations in which the AI spoke before the person was told, newest first."""
    state, filters = state_of(request), {"list": "gaps"}
    now: int = request.scope["candor.at"]
    before = store.END if cursor is None else int(state.cursors.open(cursor, caller.tenant, filters, now)[0])
    found = await state.db.read(store.gaps, caller.tenant, before, limit + 1)
    page = state.cursors.page(found, limit, lambda row: [row.seq], caller.tenant, filters, now)
    items = [
        GapOut(
            seq=row.seq,
            conversation=row.conversation,
            touchpoint=row.touchpoint,
            first_ai_turn_at=rfc3339(row.first_ai_at),
            shown_at=None if row.shown_at is None else rfc3339(row.shown_at),
            found_at=rfc3339(row.found_at),
        )
        for row in page.items
    ]
    return GapList(items=items, next_cursor=page.next_cursor)
