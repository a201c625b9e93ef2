"""``/t/{site}/{language}/choices``: what AI is used for, and each visitor's say in it. Works without JavaScript.

Every button is a form; every answer to one is 303 to a page that shows what was recorded. Saying yes and no take the
same steps, but for the second step that the law asks for before an express consent (GDPR Art. 9(2)(a), 22(2)(c)).
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api import access
from api.access import NoSubjectError
from api.auth.snapshot import KnownSite
from api.pages import forms, keepsakes, pressing, reading, rendering, showing, visitors
from api.pages.arrival import Arrival, arrive
from api.pages.plainly import NoSuchPageError, in_plain_words
from api.pages.pressing import Pressed, TextChangedError
from api.pages.standing import Person
from api.pages.view import PurposeRow
from api.problems import NotFoundOnWireError, OriginRefusedError
from api.state import AppState
from api.strict_json import FORM, accepts
from consent.lifecycle import ALL
from core.clock import MICROS

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public())])
_PAGE = "/t/{site}/{language}/choices"
_SEQ = re.compile(r"[0-9]{1,15}", re.ASCII)
_HOUR = 3600 * MICROS
_A_YEAR = "public, max-age=31536000, immutable"


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """Serve the stylesheet under the name that carries its hash."""
    text, digest = rendering.stylesheet()
    if name != f"page.{digest}.css":
        raise NotFoundOnWireError
    return Response(text, media_type="text/css", headers={"Cache-Control": _A_YEAR})


@router.get(_PAGE)
@in_plain_words
async def show(request: Request, site: str, language: str) -> Response:
    """Show every use of AI and how it stands for this visitor."""
    arrival = await arrive(request, site, language)
    if arrival.language != language:
        return RedirectResponse(arrival.path, 307)
    visitors.admit(arrival.visitor, request, arrival.state, "choices.read.own")
    before = request.query_params.get("before", "")
    start = int(before) if _SEQ.fullmatch(before) else None
    return await showing.choices_page(arrival, request.query_params.get("done"), start)


@router.post(_PAGE + "/uses/{purpose}")
@accepts(FORM)
@in_plain_words
async def answer_use(request: Request, site: str, language: str, purpose: str) -> Response:
    """Record yes or no to one use of AI."""
    arrival, form = await _pressed(request, site, language, purpose, "version", "text")
    confirms = form.get("confirms")
    use = await _use(arrival, purpose)
    shown = showing.shown_use(arrival, use, unfolded=confirms is not None)
    if form["text"] != shown.notice_hash or form["version"] != str(use.version):
        raise TextChangedError
    notary, clock = arrival.state.notary, arrival.state.clock
    how = arrival.acting(access.own_subject(arrival.visitor.principal))
    button = (purpose, form["answer"])
    came = await arrival.state.db.transact(pressing.press_use, notary, how, clock, button, use.version, shown, confirms)
    if came.pending:
        return _redirect(arrival, f"{arrival.path}/uses/{purpose}/confirm")
    return _back(arrival, came)


@router.get(_PAGE + "/uses/{purpose}/confirm")
@in_plain_words
async def confirm(request: Request, site: str, language: str, purpose: str) -> Response:
    """Ask for the second of two acts; where no first act is open, there is nothing to ask."""
    arrival = await arrive(request, site, language)
    visitors.admit(arrival.visitor, request, arrival.state, "choices.read.own")
    facts, found = await showing.facts_of(arrival)
    view, row = facts.purposes.get(purpose), found.rows.get((purpose, ALL))
    if view is None or row is None or row.state != "requested":
        return RedirectResponse(arrival.path, 303)
    person = showing.person_of(arrival, facts, found)
    use = showing.telling_of(arrival).use(view, facts, person, arrival.state.clock.now())
    until = row.recorded_at + arrival.state.settings.consent.second_step_hours * _HOUR
    return showing.confirm_page(arrival, use, until)


@router.post(_PAGE + "/all")
@accepts(FORM)
@in_plain_words
async def answer_all(request: Request, site: str, language: str) -> Response:
    """Turn all AI off, or take that back."""
    arrival, form = await _pressed(request, site, language, "all")
    return await _answer_wide(arrival, ALL, form["answer"])


@router.post(_PAGE + "/systems/{system}")
@accepts(FORM)
@in_plain_words
async def answer_system(request: Request, site: str, language: str, system: str) -> Response:
    """Turn one AI system off with all its uses, or take that back."""
    arrival, form = await _pressed(request, site, language, f"system {system}")
    facts = await arrival.state.db.read(reading.published, arrival.tenant)
    if system not in facts.systems:
        raise NoSuchPageError
    return await _answer_wide(arrival, system, form["answer"])


@router.get(_PAGE + "/receipts/{receipt}")
@in_plain_words
async def receipt(request: Request, site: str, language: str, receipt: str) -> Response:
    """Hand out one of the visitor's own receipts as a file."""
    arrival = await arrive(request, site, language)
    visitors.admit(arrival.visitor, request, arrival.state, "receipts.read.own")
    found = await keepsakes.receipt_file(arrival, receipt)
    if found is None:
        raise NoSuchPageError
    headers = {"Content-Disposition": f'attachment; filename="{receipt}.json"'}
    return JSONResponse(found, headers=headers)


@router.post(_PAGE + "/session")
@accepts(FORM)
@in_plain_words
async def enter(request: Request, site: str, language: str) -> Response:
    """Take a customer token from a page of the site and keep it in a cookie for as long as it holds."""
    arrival = await arrive(request, site, language)
    _check_sender(request, arrival.state, arrival.site)
    visitors.admit(arrival.visitor, request, arrival.state, "choices.read.own")
    token = (await forms.fields(request, "token"))["token"]
    await visitors.customer(arrival.state, arrival.site, token)
    answer = RedirectResponse(arrival.path, 303)
    visitors.keep_customer(answer, token, arrival.site, arrival.state)
    return answer


@router.post(_PAGE + "/leave")
@accepts(FORM)
@in_plain_words
async def leave(request: Request, site: str, language: str) -> Response:
    """Forget the customer in this browser; her choices stay as they are."""
    arrival = await arrive(request, site, language)
    token = (await forms.fields(request, "token"))["token"]
    visitors.check_form(request, arrival.state, arrival.site, arrival.visitor, "leave", token)
    answer = RedirectResponse(arrival.path, 303)
    visitors.forget_customer(answer, arrival.site, arrival.state)
    return answer


def _check_sender(request: Request, state: AppState, site: KnownSite) -> None:
    origin = request.headers.get("origin")
    if origin is None or (origin not in site.origins and not visitors.is_own(origin, request, state)):
        raise OriginRefusedError


async def _pressed(
    request: Request, site: str, language: str, act: str, *wanted: str
) -> tuple[Arrival, Mapping[str, str]]:
    """Return the visitor, with a device if she had none, and the checked form of one button."""
    arrival = await arrive(request, site, language)
    form = await forms.fields(request, "token", "answer", *wanted)
    visitors.check_form(request, arrival.state, arrival.site, arrival.visitor, act, form["token"])
    arrival = replace(arrival, visitor=visitors.with_device(arrival.visitor, arrival.state, arrival.site))
    visitors.admit(arrival.visitor, request, arrival.state, "choices.write.own")
    if arrival.subject is None:
        raise NoSubjectError
    return arrival, form


async def _use(arrival: Arrival, purpose: str) -> PurposeRow:
    """Return what is said of a use to everybody; how it stands for this visitor does not matter here."""
    facts = await arrival.state.db.read(reading.published, arrival.tenant)
    view = facts.purposes.get(purpose)
    if view is None:
        raise NoSuchPageError
    return showing.telling_of(arrival).use(view, facts, Person({}), arrival.state.clock.now())


async def _answer_wide(arrival: Arrival, system: str, answer: str) -> Response:
    shown = showing.shown_wide(arrival, system)
    how = arrival.acting(access.own_subject(arrival.visitor.principal))
    came = await arrival.state.db.transact(
        pressing.press_wide, arrival.state.notary, how, arrival.state.clock, system, answer, shown
    )
    return _back(arrival, came)


def _back(arrival: Arrival, came: Pressed) -> Response:
    return _redirect(arrival, f"{arrival.path}?done={came.choice or 'same'}")


def _redirect(arrival: Arrival, to: str) -> Response:
    answer = RedirectResponse(to, 303)
    visitors.keep_device(answer, arrival.visitor, arrival.state)
    return answer
