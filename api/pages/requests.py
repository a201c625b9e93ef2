"""``/t/{site}/{language}/explain`` and ``/r/{link}``: ask for an explanation, see how it stands, read and contest it.

Works without JavaScript. A link is 256 random bits: what does not hold is answered like what does not exist, and is an
event in the security log. Nothing on these pages tells whether a case number, a decision or a code exists.
"""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import access, casework
from api.pages import answering, forms, rendering, visitors
from api.pages.arrival import arrive
from api.pages.plainly import NoSuchPageError, in_plain_words
from api.pages.words import Words
from api.state import AppState, state_of
from api.strict_json import FORM, accepts
from core.clock import LATEST
from core.database import Reader, Tx
from core.errors import ConflictError, DomainError
from core.principal import Principal, Role
from core.telemetry import logger
from explanations.errors import DecisionNotFoundError
from explanations.requests import answers, facts, identity, links, reviews, service
from explanations.requests.errors import RequestNotFoundError
from explanations.requests.record import Case
from explanations.requests.service import Opened, Opening
from explanations.requests.wording import Wording

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public())])
_FORM = "/t/{site}/{language}/explain"
_LINK = "/r/{secret}"
_DECISION = re.compile(r"dec_[0-9a-f]{32}")
_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9.-]{1,189}")
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_CODE = re.compile(r"[0-9]{6}")
_TOLD = frozenset({"sent", "code_sent", "code_wrong", "code_good"})
_log = logger("security")


def _page(template: str, words: Wording, status: int = 200, **more: object) -> Response:
    return rendering.page(template, Words("en"), status, t=words, say=answering.saying(words), **more)


@router.get(_FORM)
@in_plain_words
async def show_form(request: Request, site: str, language: str) -> Response:
    """Show the form; `decision` in the address fills it in."""
    arrival = await arrive(request, site, language)
    visitors.admit(arrival.visitor, request, arrival.state, "requests.read")
    given = request.query_params.get("decision", "")
    token = visitors.form_token(arrival.state, arrival.site, arrival.visitor, "explain")
    path = f"/t/{arrival.site.slug}/{arrival.language}/explain"
    decision = given if _DECISION.fullmatch(given) else ""
    return _page(
        "request_form.html",
        Wording(arrival.language),
        site=arrival.site.name,
        path=path,
        token=token,
        decision=decision,
    )


@router.post(_FORM)
@accepts(FORM)
@in_plain_words
async def send_form(request: Request, site: str, language: str) -> Response:
    """Open a request and show its number; a decision that is not the visitor's own is noted as text, no more."""
    arrival = await arrive(request, site, language)
    form = await forms.fields(request, "token", "question", "decision", "address", "place")
    visitors.check_form(request, arrival.state, arrival.site, arrival.visitor, "explain", form["token"])
    arrival = replace(arrival, visitor=visitors.with_device(arrival.visitor, arrival.state, arrival.site))
    visitors.admit(arrival.visitor, request, arrival.state, "requests.open")
    by = arrival.visitor.principal
    wish = _opening(arrival.state, by, arrival.language, form)
    decision = form["decision"].strip()
    named = (decision,) if _DECISION.fullmatch(decision) else ()
    made = await _open(arrival.state, by, wish, named, decision)
    words = Wording(arrival.language)
    due = made.case.row.due_at
    answer = _page(
        "request_done.html",
        words,
        number=made.case.row.number,
        link=None if made.link is None else f"/r/{made.link}",
        date=None if due == LATEST else words.date(due),
    )
    visitors.keep_device(answer, arrival.visitor, arrival.state)
    return answer


def _opening(state: AppState, by: Principal, language: str, form: Any) -> Opening:
    address, place = form["address"].strip(), form["place"].strip().upper()
    texts = {"question": form["question"].strip()[:2000]}
    if _ADDRESS.fullmatch(address):
        texts["address"] = address
    residence = place if _PLACE.fullmatch(place) else None
    subject = access.own_subject(by)
    return Opening(
        subject=subject,
        laws=casework.laws_of(state, residence),
        texts={name: text for name, text in texts.items() if text},
        language=language,
        channel="page",
        site=by.site,
        place=residence or state.settings.requests.place,
        method="customer_token" if subject.space == "customer" else None,
    )


async def _open(state: AppState, by: Principal, wish: Opening, named: tuple[str, ...], written: str) -> Opened:
    """Open with the decision if it is the visitor's own; whoever looks sees no difference."""
    now = state.clock.now()
    if named:
        try:
            return await state.db.transact(service.open_case, state.desk, by, wish._replace(decisions=named), now)
        except DecisionNotFoundError:
            _log.warning("foreign-decision-named", principal=by.id, tenant=by.tenant)
    texts = {**wish.texts, **({"decision": written[:64]} if written else {})}
    return await state.db.transact(service.open_case, state.desk, by, wish._replace(texts=texts), now)


def _holder(tenant: str, secret: str) -> Principal:
    """Return the caller a link makes: the person it was sent to, by the link alone."""
    return Principal(tenant, f"lnk_{sha256(secret.encode()).hexdigest()[:16]}", Role.ANONYMOUS)


async def _case(request: Request, tx: Reader, secret: str) -> Case:
    state = state_of(request)
    try:
        return await links.find(tx, state.keyring, secret[:100], state.clock.now())
    except RequestNotFoundError:
        _log.warning("link-refused", address=(request.client.host if request.client else None))
        raise NoSuchPageError from None


def _charge(request: Request, secret: str) -> None:
    state = state_of(request)
    state.limiter.charge(request.scope, _holder("", secret), state.settings.serve.trusted_proxies)


@router.get(_LINK)
@in_plain_words
async def show_status(request: Request, secret: str) -> Response:
    """Show how a request stands."""
    _charge(request, secret)
    state = state_of(request)

    async def work(tx: Reader) -> tuple[Case, bool]:
        case = await _case(request, tx, secret)
        return case, await answers.current(tx, state.desk, case, answers.ANSWER) is not None

    case, has_answer = await state.db.read(work)
    row, known = case.row, case.facts
    words = Wording(known.language)
    told = request.query_params.get("done", "")
    contestable = row.state in {"released", "refused"} and (known.contest_until or 0) >= state.clock.now()
    return _page(
        "request_status.html",
        words,
        row=row,
        path=f"/r/{secret}",
        told=told if told in _TOLD else "",
        due=words.date(row.due_at) if row.owed and row.due_at != LATEST else None,
        has_answer=has_answer,
        can_contest=contestable,
        can_prove=row.owed and not facts.at_least(known.identity, known.needed),
    )


@router.get(f"{_LINK}/answer")
@in_plain_words
async def show_answer(request: Request, secret: str) -> Response:
    """Show the released answer."""
    document = await _answer(request, secret)
    return answering.page(document, state_of(request).settings.controller.name, f"/r/{secret}")


@router.get(f"{_LINK}/answer.pdf")
@in_plain_words
async def download_answer(request: Request, secret: str) -> Response:
    """Hand the released answer out as tagged PDF."""
    document = await _answer(request, secret)
    if not answering.has_pdf():
        raise NoSuchPageError
    content = await answering.pdf(document, state_of(request).settings.controller.name)
    headers = {
        "Content-Disposition": f'attachment; filename="{document["number"]}.pdf"',
        "Cache-Control": "no-store",
        "Content-Language": str(document["language"]),
    }
    return Response(content, media_type="application/pdf", headers=headers)


async def _answer(request: Request, secret: str) -> dict[str, Any]:
    _charge(request, secret)
    state = state_of(request)

    async def work(tx: Reader) -> dict[str, Any] | None:
        case = await _case(request, tx, secret)
        return await answers.current(tx, state.desk, case, answers.ANSWER)

    found = await state.db.read(work)
    if found is None:
        raise NoSuchPageError
    return found


@router.post(f"{_LINK}/contest")
@accepts(FORM)
@in_plain_words
async def contest(request: Request, secret: str) -> Response:
    """Contest the decision."""
    _charge(request, secret)
    state = state_of(request)
    form = await forms.fields(request, "view")

    async def work(tx: Tx) -> Case:
        case = await _case(request, tx, secret)
        by = _holder(case.row.tenant, secret)
        return await reviews.contest(tx, state.desk, by, case, form["view"].strip()[:2000], state.clock.now())

    await state.db.transact(work)
    return RedirectResponse(f"/r/{secret}?done=sent", 303)


@router.post(f"{_LINK}/code")
@accepts(FORM)
@in_plain_words
async def send_code(request: Request, secret: str) -> Response:
    """Have a code sent; the page says the same whether one was."""
    _charge(request, secret)
    state = state_of(request)

    async def work(tx: Tx) -> None:
        await identity.send_code(tx, state.desk, await _case(request, tx, secret), state.clock.now())

    try:
        await state.db.transact(work)
    except ConflictError:
        _log.warning("too-many-codes")
    return RedirectResponse(f"/r/{secret}?done=code_sent", 303)


@router.post(f"{_LINK}/code/check")
@accepts(FORM)
@in_plain_words
async def check_code(request: Request, secret: str) -> Response:
    """Take a code."""
    _charge(request, secret)
    state = state_of(request)
    code = (await forms.fields(request, "code"))["code"].strip()

    async def work(tx: Tx) -> Case | None:
        case = await _case(request, tx, secret)
        if not _CODE.fullmatch(code):
            return None
        by = _holder(case.row.tenant, secret)
        return await identity.check_code(tx, state.desk, by, case, code, state.clock.now())

    proven: object = None
    try:
        proven = await state.db.transact(work)
    except NoSuchPageError:
        raise
    except DomainError:
        proven = None
    if proven is None:
        _log.warning("identity-code-refused")
    return RedirectResponse(f"/r/{secret}?done={'code_wrong' if proven is None else 'code_good'}", 303)
