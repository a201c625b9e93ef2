"""``/v1/desks``: help desks of others: how they are reached, and whether they answer; see docs/desks.md."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api import showing
from api.access import requires
from api.schemas.desks import CheckOut, DeskIn, DeskOut, DesksOut
from api.state import AppState, state_of
from core import canonical
from core.database import Tx
from core.errors import DomainError, InvalidError
from core.http import HttpClient
from core.principal import Principal
from handoff import registry
from handoff.delivery import setups, store
from handoff.delivery.posting import Posting
from handoff.delivery.store import DeskRow
from handoff.errors import DeskFailedError, DeskNotFoundError
from handoff.port import Desk
from handoff.queues import BUILTIN
from ledger import service as ledger
from ledger.entries import Entry

router = APIRouter(prefix="/v1/desks", tags=["desks"])
Reads = Annotated[Principal, Depends(requires("desks.read"))]
Writes = Annotated[Principal, Depends(requires("desks.write"))]
DeskKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


def _out(state: AppState, row: DeskRow) -> dict[str, Any]:
    document = canonical.loads(row.document)
    desk, _ = setups.made(state.keyring, row, 0)
    return {
        "key": row.key,
        "kind": row.kind,
        "url": document["url"],
        "modes": document["modes"],
        "options": document["options"],
        "secrets": sorted(setups.secrets_of(state.keyring, row)),
        "caps": sorted(desk.caps),
        "hook": f"{state.settings.serve.public_url.rstrip('/')}/hooks/{row.tenant}/{row.key}",
        "version": row.version,
    }


@router.get("", response_model=DesksOut, summary="Help desks")
async def list_desks(request: Request, by: Reads) -> Response:
    """List every desk without its secrets, and the kinds that are installed."""
    state = state_of(request)
    rows = await state.db.read(store.desks, by.tenant)
    made = {"items": [_out(state, row) for row in rows], "kinds": registry.kinds()}
    return Response(showing.dumped(made), media_type="application/json")


@router.put("/{desk_key}", response_model=DeskOut, summary="Write a help desk")
async def write(request: Request, desk_key: DeskKey, by: Writes, body: DeskIn) -> Response:
    """Write how a desk is reached. It serves once a queue names it in its chain."""
    state = state_of(request)
    if desk_key == BUILTIN:
        raise InvalidError.field("/kind", "the built-in queue needs no desk")
    registry.maker(body.kind)
    if body.url.startswith("http"):
        await _client(state).check(body.url)
    document = {"url": body.url, "modes": sorted(set(body.modes)), "options": dict(body.options)}

    async def work(tx: Tx) -> DeskRow:
        known, now = await store.desk(tx, by.tenant, desk_key), state.clock.now()
        kept = {} if known is None else setups.secrets_of(state.keyring, known)
        secrets = kept if body.secrets is None else dict(body.secrets)
        row = setups.row_of(state.keyring, by.tenant, desk_key, body.kind, document, secrets)
        row = row._replace(version=1 if known is None else known.version + 1, changed_at=now)
        store.put_desk(tx, row)
        public = {"desk": desk_key, "kind": body.kind, "url": body.url, "version": row.version, "by": by.id}
        ledger.append(tx, Entry("desk.changed", by.tenant, now, public))
        return row

    made = _out(state, await state.db.transact(work))
    return Response(showing.dumped(made), media_type="application/json")


@router.delete("/{desk_key}", status_code=204, summary="Remove a help desk")
async def remove(request: Request, desk_key: DeskKey, by: Writes) -> Response:
    """Remove a desk; cases it has go on with the next of the chain."""
    state = state_of(request)

    async def work(tx: Tx) -> None:
        if not await store.drop_desk(tx, by.tenant, desk_key):
            raise DeskNotFoundError
        ledger.append(tx, Entry("desk.removed", by.tenant, state.clock.now(), {"desk": desk_key, "by": by.id}))

    await state.db.transact(work)
    return Response(status_code=204)


@router.post("/{desk_key}/check", response_model=CheckOut, summary="Does it answer?")
async def check(request: Request, desk_key: DeskKey, by: Writes) -> Response:
    """Ask the desk now."""
    state = state_of(request)
    row = await state.db.read(store.desk, by.tenant, desk_key)
    if row is None:
        raise DeskNotFoundError
    desk, where = setups.made(state.keyring, row, state.clock.now())
    try:
        up, why = await _asked(state, desk, where), None
    except DeskFailedError as error:
        up, why = False, error.detail
    except DomainError as error:
        up, why = False, error.title
    return Response(showing.dumped({"up": up, "why": why}), media_type="application/json")


def _client(state: AppState) -> HttpClient:
    if state.calling is None:
        raise RuntimeError("this Candor was composed without a way to call desks")
    return state.calling


async def _asked(state: AppState, desk: Desk, where: str) -> bool:
    post = Posting(_client(state), state.settings.handoff.mail_from)
    walk = desk.health()
    try:
        step = next(walk)
        while True:
            step = walk.send(await post(where, step))
    except StopIteration as end:
        return bool(end.value)
