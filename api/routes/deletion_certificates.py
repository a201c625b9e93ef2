"""``/v1/retention/certificates``: what schedules deleted, held against the ledger (EVI-03; GDPR Art. 5(2))."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from api.access import requires
from api.paging import CursorText, Limit
from api.schemas.ledger import InclusionOut
from api.schemas.retention import CertificateList, CertificateOut
from api.state import state_of
from core.clock import rfc3339
from core.database import Reader
from core.principal import Principal
from ledger import service as ledger
from ledger.service import InclusionProof
from oversight.retention import certifying, store
from oversight.retention.store import RunRow

router = APIRouter(prefix="/v1/retention/certificates", tags=["deletion-certificates"])
Reading = Annotated[Principal, Depends(requires("retention.read"))]
CertificateId = Annotated[str, Path(pattern=r"^rtr_[0-9a-f]{32}$")]
_NOT_YET: dict[int | str, dict[str, Any]] = {409: {"description": "Not sealed yet; ask again in a second."}}


def _out(run: RunRow) -> CertificateOut:
    told = certifying.document(run)
    told["id"] = told.pop("certificate")
    for name in ("as_of", "cut_off", "verified_at"):
        told[name] = None if told[name] is None else rfc3339(told[name])
    return CertificateOut.model_validate({**told, "seq": run.seq})


@router.get("", summary="List certificates of deletion")
async def list_certificates(
    request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None
) -> CertificateList:
    """List what schedules deleted, newest first."""
    state, filters, now = state_of(request), {"list": "certificates"}, request.scope["candor.at"]
    before = store.LAST if cursor is None else str(state.cursors.open(cursor, caller.tenant, filters, now)[0])
    found = await state.db.read(store.certificates, caller.tenant, before, limit + 1)
    page = state.cursors.page(found, limit, lambda run: [run.id], caller.tenant, filters, now)
    return CertificateList(items=[_out(run) for run in page.items], next_cursor=page.next_cursor)


@router.get("/{certificate_id}", summary="Read a certificate of deletion")
async def read(request: Request, certificate_id: CertificateId, caller: Reading) -> CertificateOut:
    """Read what a run deleted, what holds kept, and the ledger entry that says the same."""
    return _out(await state_of(request).db.read(certifying.certificate, caller.tenant, certificate_id))


@router.get("/{certificate_id}/proof", responses=_NOT_YET, summary="Prove a certificate of deletion")
async def proof(request: Request, certificate_id: CertificateId, caller: Reading) -> InclusionOut:
    """Return the offline proof that the certificate's entry is in the log, against the newest checkpoint."""

    async def work(tx: Reader) -> InclusionProof:
        run = await certifying.certificate(tx, caller.tenant, certificate_id)
        return await ledger.prove(tx, caller.tenant, -1 if run.seq is None else run.seq)

    return InclusionOut.model_validate((await state_of(request).db.read(work)).document())
