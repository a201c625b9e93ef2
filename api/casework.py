"""Steps of a request, from the wire to the room that takes them: one place, so that consoles take the same steps."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api import access, acting
from api.laws import notices_at, rights_at
from api.schemas.explanation_requests import (
    Approve,
    AssignReview,
    Clarification,
    ConfirmEffect,
    Decide,
    Doubt,
    DraftIn,
    Extend,
    FirstView,
    Plain,
    Redact,
    Refuse,
    Reopen,
    Rerun,
    ScopeIn,
    SendBack,
    StepIn,
    Transfer,
)
from api.state import AppState
from core import crypto
from core.database import Reader, Tx
from core.principal import Principal, Subject
from core.telemetry import logger
from disclosures import service as systems
from disclosures.errors import SystemNotFoundError
from explanations.correcting import Corrected
from explanations.requests import answers, calendars, papers, record, reviews, service, store
from explanations.requests.deadlines import Law
from explanations.requests.errors import DocumentRefusedError, RequestNotFoundError, StepRefusedError
from explanations.requests.record import Case, Paper
from explanations.requests.store import CaseRow
from explanations.requests.terms import Desk
from oversight.training import service as training

_log = logger("security")
# what a step needs beyond taking part in cases at all; everything else is ordinary work on a case
PERMISSION_OF: Final = {
    "vouch": "requests.confirm",
    "confirm_effect": "requests.confirm",
    **dict.fromkeys(("give_first_view", "rerun", "uphold", "overturn", "overturn_partly"), "requests.review"),
}
_METHODS: Final = {"check_document": "document_check", "vouch": "vouched_by_site"}


def permission_of(step: str) -> str:
    """Return the permission a step takes."""
    return PERMISSION_OF.get(step, "requests.work")


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


async def said_again(state: AppState, by: Principal, request_id: str, body: StepIn) -> Corrected | None:
    """Ask the model again where a step has corrected inputs: before the step, and in no transaction.

    Raises ``StepRefusedError`` before anybody is asked, and what asking a model raises.
    """
    if not isinstance(body, Rerun) or body.corrected is None:
        return None
    args = (by, request_id, body.correction or "", state.clock.now())
    decision = await state.db.read(reviews.before_rerun, *args)
    return await state.explainer.asked_again(by.tenant, decision, body.corrected)


async def take(
    tx: Tx, desk: Desk, by: Principal, request_id: str, body: StepIn, now: int, said: Corrected | None = None
) -> Case:
    """Take the step that ``body`` asks for; ``said`` is what a model answered for it. Raises what the rooms raise."""
    where = (tx, desk, by, request_id)
    match body:
        case DraftIn():
            sections = None if body.sections is None else [one.model_dump() for one in body.sections]
            names = await registered(tx, by.tenant, request_id)
            return await answers.draft(*where, sections, now, names)
        case Redact():
            return await answers.redact(*where, body.section or "", body.sentences, body.ground or "", now)
        case Extend():
            return await answers.extend(*where, body.reason or "", body.letter or "", now)
        case Refuse():
            texts = _given(reasons=body.reasons, remedy=body.remedy)
            return await answers.refuse(*where, body.ground or "", texts, now)
        case ScopeIn():
            person = None if body.subject is None else _person(desk, by.tenant, body.subject)
            return await service.scope_by_staff(*where, body.decisions, person, now)
        case AssignReview():
            named = {**body.model_dump(exclude={"step"}), "reviewer": body.reviewer or by.id}
            trained = await _trained(tx, desk, by.tenant, str(named["reviewer"]), now)
            return await reviews.assign(*where, {**named, **trained}, now)
        case Rerun():
            return await reviews.rerun(*where, body.decision or "", body.correction or "", now, said)
        case Decide():
            told = body.model_dump(exclude={"step", "reasons"}) if body.step != "uphold" else {}
            trained = await _trained(tx, desk, by.tenant, by.id, now)
            return await reviews.decide(*where, body.step, {**told, **trained}, body.reasons or "", now)
        case ConfirmEffect():
            return await reviews.confirm(*where, body.confirmation or "", now)
        case Plain() if body.step == "release":
            return await answers.release(*where, now)
        case _:
            return await service.step(*where, *_simple(body), now)


async def _trained(tx: Reader, desk: Desk, tenant: str, reviewer: str, now: int) -> Mapping[str, Any]:
    """Return how a reviewer's training stands, where the controller asks for one; else nothing is said of it."""
    terms = desk.terms
    return await training.standing(tx, tenant, reviewer, terms.zone, now) if terms.training else {}


async def registered(tx: Reader, tenant: str, request_id: str) -> dict[str, str]:
    """Return the name that a request's AI system is registered under, by its key."""
    case = await store.case(tx, tenant, request_id)
    if case is None or case.system is None:
        return {}
    try:
        view = await systems.view(tx, tenant, case.system)
    except SystemNotFoundError:
        return {}
    return {case.system: view.document.name}


def _simple(body: StepIn) -> tuple[str, Mapping[str, Any], Mapping[str, str]]:
    """Return name, facts and texts of a step that changes nothing beyond the case."""
    match body:
        case Plain() if body.step in _METHODS:
            return "prove_identity", {"method": _METHODS[body.step]}, {}
        case Transfer():
            return body.step, {"to": body.to}, {}
        case Doubt():
            return body.step, {"reason": body.reason}, {}
        case Clarification() if body.step == "clarify":
            return body.step, {"reason": "clarification_answered"}, _given(answer=body.text)
        case Clarification():
            return body.step, {"reason": "clarification_requested"}, _given(question=body.text)
        case SendBack():
            return body.step, {}, _given(notes=body.notes)
        case Approve():
            return body.step, {"checklist": body.checklist, "signed_warnings": body.signed_warnings}, {}
        case Reopen():
            return body.step, {}, _given(reasons=body.reasons)
        case FirstView():
            return body.step, {}, _given(view=body.view)
        case _:
            return body.step, {}, {}


def _person(desk: Desk, tenant: str, reference: str) -> Subject:
    return Subject("customer", reference, crypto.pseudonym(desk.keyring.pepper, tenant, "customer", reference))


async def reach(tx: Reader, by: Principal, request_id: str) -> Case:
    """Return a request within the caller's reach; reaching for another is noted, alike for one that does not exist.

    Raises ``RequestNotFoundError``.
    """
    case = await store.case(tx, by.tenant, request_id)
    if case is None or not _is_within(by, case):
        _log.warning("request-refused", principal=by.id, role=by.role.value, tenant=by.tenant)
        raise RequestNotFoundError
    return record.case_of(case)


def _is_within(by: Principal, case: CaseRow) -> bool:
    if acting.is_browser(by):
        return access.own_subject(by).pseudonym in {case.subject, case.asker}
    return by.site is None or case.site in {None, by.site}


def document_of(by: Principal, media_type: str, content: str) -> papers.Document:
    """Return a document somebody sends; a forged or oversized one is noted. Raises ``DocumentRefusedError``."""
    try:
        return papers.read(media_type, content)
    except DocumentRefusedError:
        _log.warning("document-refused", principal=by.id, role=by.role.value, tenant=by.tenant)
        raise


def note_wrong_code(by: Principal) -> None:
    """Note a code that does not hold."""
    _log.warning("identity-code-refused", principal=by.id, role=by.role.value, tenant=by.tenant)


async def document(tx: Reader, desk: Desk, case: Case, paper_id: str) -> Paper:
    """Return a document that the person sent. Raises ``RequestNotFoundError``, ``StepRefusedError`` once erased."""
    for row in await store.papers(tx, case.row.id):
        if row.id == paper_id and row.kind == reviews.DOCUMENT:
            paper = await record.open_paper(tx, desk.keyring, row)
            if paper.content is None:
                raise StepRefusedError("The person was erased, and the document with her.")
            return paper
    raise RequestNotFoundError


def as_file(paper: Paper) -> Response:
    """Return a document as a file to save and never to show (CWE-434)."""
    headers = {
        "Content-Disposition": f'attachment; filename="{paper.row.id}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(paper.content, media_type="application/octet-stream", headers=headers)


def laws_of(state: AppState, place: str | None) -> tuple[Law, ...]:
    """Return the rights of a place, today, in the controller's time zone."""
    wanted = state.settings.requests
    on = calendars.day_of(state.clock.now(), wanted.time_zone)
    sectors = frozenset(wanted.sectors) if wanted.sectors else None
    return rights_at(state.packs, place or wanted.place, sectors, on)


def notices_of(state: AppState) -> tuple[Law, ...]:
    """Return what an adverse decision has to be followed by, today; nothing unless the settings name places."""
    wanted = state.settings.requests
    if not wanted.notices_for:
        return ()
    on = calendars.day_of(state.clock.now(), wanted.time_zone)
    return notices_at(state.packs, wanted.notices_for, frozenset(wanted.sectors) or None, on)
