"""``/v1/decisions/{id}/explanations`` and ``/why``: explanations of single decisions (GDPR Art. 15(1)(h), DSA 27)."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api import acting
from api.access import own_subject, requires
from api.schemas.explanations import (
    ExplainIn,
    ExplanationHead,
    ExplanationList,
    ExplanationOut,
    RunOut,
    WhyOut,
)
from api.state import state_of
from core import canonical
from core.clock import rfc3339
from core.database import Reader
from core.principal import Principal
from explanations import service as decisions
from explanations import whys
from explanations.errors import DecisionNotFoundError
from explanations.explaining import Wish
from explanations.kept import service
from explanations.kept.service import KeptView
from explanations.kept.store import KeptRow, RunRow
from explanations.reasons.documents import LANGUAGE_PATTERN

router = APIRouter(prefix="/v1", tags=["explanations"])
Reading = Annotated[Principal, Depends(requires("explanations.read"))]
Writing = Annotated[Principal, Depends(requires("explanations.write"))]
Asking = Annotated[Principal, Depends(requires("explanations.why"))]
_JSON = "application/json"
Id = Annotated[str, Path()]
Language = Annotated[str, Query(pattern=LANGUAGE_PATTERN, max_length=12, examples=["de"])]


def _whole(view: KeptView) -> dict[str, Any]:
    return {
        "id": view.row.id,
        "decision": view.row.decision,
        "seq": view.row.seq,
        "supersedes": view.row.supersedes,
        "origin": view.row.origin,
        "grade": view.row.grade,
        "flags": canonical.loads(view.row.flags),
        "reliable": view.reliable,
        "recorded_at": rfc3339(view.row.recorded_at),
        "recorded_by": view.row.recorded_by,
        "steps": [step._asdict() for step in view.steps],
        "document": None if view.document is None else view.document.document(),
    }


def _head(row: KeptRow) -> ExplanationHead:
    told = {name: getattr(row, name) for name in ("id", "seq", "supersedes", "origin", "grade")}
    return ExplanationHead(**told, flags=canonical.loads(row.flags), recorded_at=rfc3339(row.recorded_at))


def _run(row: RunRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "decision": row.decision,
        "state": row.state,
        "rows_done": row.rows_done,
        "rows_most": row.rows_most,
        "explanation": row.explanation,
        "error": row.error,
        "requested_at": rfc3339(row.requested_at),
        "finished_at": None if row.finished_at is None else rfc3339(row.finished_at),
    }


_OTHERS: dict[int | str, dict[str, Any]] = {
    200: {"model": ExplanationOut, "description": "There was a good one already."},
    202: {"model": RunOut, "description": "It takes long: follow the run at `Location`."},
}


@router.post(
    "/decisions/{decision_id}/explanations",
    status_code=201,
    response_model=ExplanationOut,
    responses=_OTHERS,
    summary="Explain a decision",
)
async def explain(request: Request, decision_id: Id, by: Writing, body: ExplainIn) -> Response:
    """Explain a decision by what was pushed with it, its model's own explainer, or predictions of its model.

    An explanation whose `grade` is `fail` says that nothing reliable can be said: a person explains.
    """
    wish = Wish(body.reference_group, body.again, body.queued, body.language, body.jurisdiction)
    given = await state_of(request).explainer.explain(by, decision_id, wish)
    if given.view is not None:
        headers = {"Location": f"/v1/explanations/{given.view.row.id}"}
        return Response(orjson.dumps(_whole(given.view)), 201 if given.fresh else 200, headers, _JSON)
    assert given.run is not None  # noqa: S101 -- one of the two is always given
    headers = {"Location": f"/v1/explanation-runs/{given.run.id}", "Retry-After": "1"}
    return Response(orjson.dumps(_run(given.run)), 202, headers, _JSON)


@router.get("/decisions/{decision_id}/explanations", summary="List a decision's explanations")
async def list_explanations(request: Request, decision_id: Id, caller: Reading) -> ExplanationList:
    """List the explanations a decision was ever given, newest first."""
    state = state_of(request)

    async def work(tx: Reader) -> list[KeptRow]:
        await decisions.view(tx, state.keyring, caller.tenant, decision_id)
        return await service.history(tx, caller.tenant, decision_id)

    return ExplanationList(items=[_head(row) for row in await state.db.read(work)])


@router.get("/explanations/{explanation_id}", response_model=ExplanationOut, summary="Read an explanation")
async def read(request: Request, explanation_id: Id, caller: Reading) -> Response:
    """Return an explanation as it was given."""
    state = state_of(request)
    view = await state.db.read(service.view, state.keyring, caller.tenant, explanation_id)
    return Response(orjson.dumps(_whole(view)), media_type=_JSON)


@router.get("/explanation-runs/{run_id}", response_model=RunOut, summary="Follow a run")
async def follow(request: Request, run_id: Id, caller: Reading) -> Response:
    """Tell how far an explanation is that takes long."""
    row = await state_of(request).db.read(service.run, caller.tenant, run_id)
    return Response(orjson.dumps(_run(row)), media_type=_JSON)


@router.get("/decisions/{decision_id}/why", response_model=WhyOut, summary="Why did this come out?")
async def why(request: Request, decision_id: Id, caller: Asking, language: Language = "en") -> Response:
    """Answer at once from what is stored, for the person herself or for a back-end that shows it to her."""
    state = state_of(request)
    found = await state.explainer.why(caller.tenant, decision_id, language)
    if acting.is_browser(caller) and own_subject(caller).pseudonym != found.view.row.subject:
        raise DecisionNotFoundError
    return Response(orjson.dumps(whys.answer(found)), media_type=_JSON)
