"""``/v1/keys``: API keys of machines."""

import json
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.access import requires
from api.auth import minting, service
from api.auth.tables import ApiKey
from api.idempotency import Answer, IdempotencyKey, answer
from api.schemas.keys import KeyIn, KeyList, KeyMade, KeyOut
from api.state import state_of
from core.clock import parse_rfc3339, rfc3339
from core.database import Tx
from core.errors import InvalidError
from core.principal import Principal, Role

router = APIRouter(prefix="/v1/keys", tags=["keys"])
Reading = Annotated[Principal, Depends(requires("keys.read"))]
Writing = Annotated[Principal, Depends(requires("keys.write"))]


def _instant(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _facts(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "scopes": json.loads(key.scopes),
        "site": key.site,
        "created_at": rfc3339(key.created_at),
        "created_by": key.created_by,
        "expires_at": _instant(key.expires_at),
        "revoked_at": _instant(key.revoked_at),
        "last_used_at": _instant(key.last_used_at),
    }


def _ends(text: str | None) -> int | None:
    try:
        return None if text is None else parse_rfc3339(text)
    except ValueError as error:
        raise InvalidError.field("/expires_at", str(error)) from error


async def _issue(tx: Tx, by: Principal, row: ApiKey, token: str, now: int) -> Answer:
    await service.issue_key(tx, by, row, now)
    made = KeyMade(**_facts(row), token=token)
    return Answer(201, made.model_dump_json().encode(), (("Location", f"/v1/keys/{row.id}"),))


@router.post("", status_code=201, response_model=KeyMade, summary="Make an API key")
async def create(request: Request, by: Writing, body: KeyIn, _: IdempotencyKey = None) -> Response:
    """Make a key with a role and scopes within the caller's own reach. Its token is in this answer only."""
    now: int = request.scope["candor.at"]
    row, token = minting.api_key(
        by, body.name, Role(body.role), body.scopes, now, site=body.site, expires_at=_ends(body.expires_at)
    )
    return await answer(request, by, partial(_issue, by=by, row=row, token=token, now=now))


@router.get("", summary="List API keys")
async def list_keys(request: Request, by: Reading) -> KeyList:
    """List the keys within reach, revoked ones too."""
    found = await state_of(request).db.read(service.api_keys, by)
    return KeyList(items=[KeyOut(**_facts(key)) for key in found])


@router.get("/{key_id}", summary="Read an API key")
async def read(request: Request, key_id: str, by: Reading) -> KeyOut:
    """Read what is known of a key; not its token, which nobody knows."""
    return KeyOut(**_facts(await state_of(request).db.read(service.api_key, by, key_id)))


@router.delete("/{key_id}", status_code=204, summary="Revoke an API key")
async def revoke(request: Request, key_id: str, by: Writing) -> Response:
    """Revoke a key at once and for good."""
    now: int = request.scope["candor.at"]
    await state_of(request).db.transact(service.revoke_key, by, key_id, now)
    return Response(status_code=204)
