"""``/v1/explanation-requests/{id}``: documents, evidence and annex of contested decisions (GDPR Art. 22(3))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api import casework
from api.access import requires
from api.schemas.explanation_requests import AnnexIn, DocumentIn, DocumentKept
from api.state import state_of
from api.strict_json import BodyRule, accepts
from core.database import Reader, Tx
from core.principal import Principal
from explanations.requests import record, reviews

router = APIRouter(prefix="/v1/explanation-requests", tags=["explanation requests"])
Own = Annotated[Principal, Depends(requires("requests.answer.own"))]
Reviewing = Annotated[Principal, Depends(requires("requests.review"))]
Annexing = Annotated[Principal, Depends(requires("requests.annex"))]
Id = Annotated[str, Path(max_length=64)]
_UPLOAD = BodyRule(bulk=True, longest_string=700_000)


@router.post("/{request_id}/documents", status_code=201, summary="Send a document along")
@accepts(_UPLOAD)
async def add_document(request: Request, by: Own, request_id: Id, body: DocumentIn) -> DocumentKept:
    """Keep a document with the request, sealed; its first bytes have to be what its media type says."""
    state = state_of(request)
    document = casework.document_of(by, body.media_type, body.content)

    async def work(tx: Tx) -> str:
        case = await casework.reach(tx, by, request_id)
        return await reviews.add_document(tx, state.desk, by, case, document, state.clock.now())

    return DocumentKept(id=await state.db.transact(work))


@router.post("/{request_id}/evidence", summary="Open the evidence of a contested decision")
async def open_evidence(request: Request, by: Reviewing, request_id: Id) -> dict[str, object]:
    """Show the reviewer what the decision rests on. When it was opened is recorded; no review is decided before."""
    state = state_of(request)

    async def work(tx: Tx) -> reviews.Evidence:
        await casework.reach(tx, by, request_id)
        return (await reviews.open_evidence(tx, state.desk, by, request_id, state.clock.now()))[1]

    return _evidence(await state.db.transact(work))


def _evidence(found: reviews.Evidence) -> dict[str, object]:
    return {
        "decisions": [
            {
                "id": view.row.id,
                "reference": view.row.reference,
                "model": {"name": view.row.model, "version": view.row.model_version},
                "outcome": None if found.output_hidden else view.row.outcome,
                "inputs": (view.personal or {}).get("inputs"),
                "output": None if found.output_hidden else (view.personal or {}).get("output"),
                "rationale": None if found.output_hidden else (view.personal or {}).get("rationale"),
            }
            for view in found.decisions
        ],
        "explanations": found.explanations,
        "question": found.intake.get("question"),
        "view": found.view.get("view"),
        "answer": found.answer,
        "documents": [{"id": one.row.id, "media_type": one.row.media_type} for one in found.documents],
        "output_hidden": found.output_hidden,
        "reruns": found.reruns,
    }


@router.get("/{request_id}/documents/{paper_id}", summary="Download a document")
async def read_document(request: Request, by: Reviewing, request_id: Id, paper_id: Id) -> Response:
    """Return a document the person sent, as a file to save and never to show."""
    state = state_of(request)

    async def work(tx: Reader) -> record.Paper:
        case = await casework.reach(tx, by, request_id)
        return await casework.document(tx, state.desk, case, paper_id)

    return casework.as_file(await state.db.read(work))


@router.post("/{request_id}/annex", summary="Hand out what was withheld, for an authority")
async def hand_out_annex(request: Request, by: Annexing, request_id: Id, body: AnnexIn) -> dict[str, object]:
    """Return the sealed annex; who got it for whom is recorded (C-203/22)."""
    state = state_of(request)

    async def work(tx: Tx) -> dict[str, object]:
        await casework.reach(tx, by, request_id)
        return await reviews.annex(tx, state.desk, by, request_id, body.authority, state.clock.now())

    return await state.db.transact(work)
