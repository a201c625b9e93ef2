"""``/v1/receipts``: what became of a receipt, its proof, and whether it is ours. Whoever has the id may ask."""

from base64 import b64encode
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from api.access import declared_public
from api.schemas.receipts import (
    ChoiceStatusOut,
    ProofOut,
    ReceiptIn,
    ReceiptProof,
    ReceiptStatusOut,
    Verified,
)
from api.state import AppState, state_of
from consent import receipts, status
from consent.errors import ReceiptNotFoundError
from consent.status import ReceiptStatus
from core.clock import rfc3339
from ledger import jws
from ledger import service as ledger

router = APIRouter(prefix="/v1/receipts", tags=["receipts"])
ReceiptId = Annotated[str, Path(pattern=r"^rcp_[0-9a-f]{32}$")]
Profile = Annotated[
    Literal["27560"] | None, Query(description="`27560`: as a record of ISO/IEC TS 27560 in JSON-LD (DPV).")
]


def _out(found: ReceiptStatus) -> ReceiptStatusOut:
    choices = [
        ChoiceStatusOut(
            choice=one.choice,
            purpose=one.purpose,
            system=one.system,
            state=one.state,
            now=one.now,
            recorded_at=rfc3339(one.recorded_at),
            valid_until=None if one.valid_until is None else rfc3339(one.valid_until),
        )
        for one in found.choices
    ]
    return ReceiptStatusOut.model_validate(
        {
            "id": found.id,
            "kind": found.kind,
            "issued_at": rfc3339(found.issued_at),
            "state": found.state,
            "choices": choices,
        }
    )


@router.get("/{receipt_id}", response_model=ReceiptStatusOut, summary="What became of a receipt")
@declared_public
async def read(request: Request, receipt_id: ReceiptId, profile: Profile = None) -> Response:
    """Tell whether the choices of a receipt still stand. The id is enough; the answer names no one."""
    state = state_of(request)
    if profile is not None:
        record = await state.db.read(status.record_27560, state.notary, receipt_id)
        return JSONResponse(record, media_type="application/ld+json")
    found = await state.db.read(status.status, receipt_id, state.clock.now())
    return Response(_out(found).model_dump_json(), media_type="application/json")


@router.get(
    "/{receipt_id}/proof",
    summary="A receipt with the proof of its entry",
    responses={409: {"description": "Not sealed yet; ask again in a second."}},
)
@declared_public
async def proof(request: Request, receipt_id: ReceiptId) -> ReceiptProof:
    """Return the file that the stand-alone verifier takes; ready within a second of the choice."""
    state = state_of(request)
    token, found = await state.db.read(status.proof, receipt_id)
    vkey = ledger.verifiers(state.keyring, state.settings.ledger.origin)[-1].vkey()
    return ReceiptProof(
        receipt=token,
        proof=ProofOut(
            leaf_index=found.leaf_index,
            tree_size=found.tree_size,
            hashes=[b64encode(one).decode() for one in found.hashes],
            checkpoint=found.checkpoint,
            entry=found.entry,
        ),
        keys=jws.key_set(state.keyring),
        vkey=vkey,
    )


@router.post("/verify", summary="Verify a receipt")
@declared_public
async def verify(request: Request, body: ReceiptIn) -> Verified:
    """Tell whether a receipt was signed here and is unchanged, and what became of it."""
    state = state_of(request)
    try:
        payload = receipts.verified(state.keyring, body.receipt)
    except jws.JwsError as error:
        return Verified(valid=False, reason=str(error), payload=None, status=None)
    return Verified(valid=True, reason=None, payload=payload, status=await _status(state, payload))


async def _status(state: AppState, payload: dict[str, Any]) -> ReceiptStatusOut | None:
    try:
        return _out(await state.db.read(status.status, str(payload.get("jti")), state.clock.now()))
    except ReceiptNotFoundError:
        return None  # signed here, and the record is gone: the caller sees both
