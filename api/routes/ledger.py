"""``/v1/ledger``: the tamper-evident log, for auditors and for anyone who keeps its checkpoints (RFC 9162, C2SP).

Checkpoints, consistency proofs and hash tiles say nothing about anybody and are open to all: a log is only as good
as the number of people who hold it to its word. Entries are the tenant's own.
"""

from base64 import b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import PlainTextResponse, Response

from api.access import declared_public, requires
from api.schemas.ledger import ConsistencyOut, EntryList, EntryOut, InclusionOut, LogKeys
from api.state import state_of
from core.clock import rfc3339
from core.principal import Principal
from ledger import service as ledger
from ledger.entries import EntryRow
from ledger.errors import NotSealedYetError
from ledger.export import public_keys

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])
Auditor = Annotated[Principal, Depends(requires("ledger.read"))]
Seq = Annotated[int, Query(ge=0, lt=2**53)]
Size = Annotated[int, Query(ge=1, lt=2**53)]
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOT_YET: dict[int | str, dict[str, Any]] = {409: {"description": "Not sealed yet; ask again in a second."}}


def _base64(hashes: list[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]


def _entry_out(row: EntryRow) -> EntryOut:
    return EntryOut(
        seq=row.seq,
        id=row.id,
        kind=row.kind,
        at=rfc3339(row.at),
        subject=None if row.subject is None else f"sub_{row.subject.hex()}",
        body=row.body,
        leaf=row.leaf.hex(),
    )


@router.get("/checkpoint", responses=_NOT_YET, summary="The newest checkpoint", response_class=PlainTextResponse)
@declared_public
async def checkpoint(request: Request) -> PlainTextResponse:
    """Return the newest signed checkpoint as a C2SP note."""
    sealed = await state_of(request).db.read(ledger.latest_checkpoint)
    if sealed is None:
        raise NotSealedYetError
    return PlainTextResponse(sealed.note)


@router.get("/keys", summary="The keys that sign the log")
@declared_public
async def keys(request: Request) -> LogKeys:
    """Return the log's origin and all its public keys; pin them from another source if you can."""
    state = state_of(request)
    return LogKeys.model_validate(public_keys(state.keyring, state.settings.ledger.origin))


@router.get("/entries", summary="Read entries")
async def entries(
    request: Request,
    auditor: Auditor,
    after: Annotated[int, Query(ge=-1, lt=2**53, description="Return what comes after this seq.")] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> EntryList:
    """Return the tenant's own entries in order."""
    found = await state_of(request).db.read(ledger.entries, after, limit, auditor.tenant)
    more = len(found) == limit
    return EntryList(entries=[_entry_out(row) for row in found], next_after=found[-1].seq if more else None)


@router.get("/proofs/inclusion", responses=_NOT_YET, summary="Prove that an entry is in the log")
async def inclusion(request: Request, auditor: Auditor, seq: Seq) -> InclusionOut:
    """Return the offline proof of one of the tenant's entries against the newest checkpoint."""
    proof = await state_of(request).db.read(ledger.prove, auditor.tenant, seq)
    return InclusionOut(
        leaf_index=proof.leaf_index,
        tree_size=proof.tree_size,
        hashes=_base64(proof.hashes),
        checkpoint=proof.checkpoint,
        entry=proof.entry,
    )


@router.get("/proofs/consistency", summary="Prove that the log only grew")
@declared_public
async def consistency(request: Request, first: Size, second: Size) -> ConsistencyOut:
    """Return the proof between two tree sizes (RFC 9162, section 2.1.4)."""
    hashes = await state_of(request).db.read(ledger.consistency, first, second)
    return ConsistencyOut(first=first, second=second, hashes=_base64(hashes))


@router.get("/tiles/{level}/{number}", summary="A hash tile", response_class=Response)
@declared_public
async def tile(
    request: Request,
    level: Annotated[int, Path(ge=0, le=7)],
    number: Annotated[int, Path(ge=0, lt=2**45)],
    width: Annotated[int, Query(ge=1, le=256, description="Hashes wanted of a tile that is still growing.")] = 256,
) -> Response:
    """Return up to 256 hashes of a level of the tree (C2SP tlog-tiles), 32 bytes each."""
    content = await state_of(request).db.read(ledger.tile, level, number, width)
    return Response(content, media_type="application/octet-stream", headers=_IMMUTABLE)
