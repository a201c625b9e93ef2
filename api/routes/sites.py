"""``/v1/sites``: web properties, their origins, and the keys that prove their customers' tokens."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api import etag
from api.access import requires
from api.auth import api_keys, minting, service
from api.auth.tables import SiteTokenKey
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.schemas.sites import (
    SiteIn,
    SiteList,
    SiteOut,
    SitePatch,
    TokenKeyIn,
    TokenKeyList,
    TokenKeyMade,
    TokenKeyOut,
)
from api.state import state_of
from core import ids
from core.clock import rfc3339
from core.database import Tx
from core.errors import InvalidError
from core.principal import Principal

router = APIRouter(prefix="/v1/sites", tags=["sites"])
Reading = Annotated[Principal, Depends(requires("sites.read"))]
Writing = Annotated[Principal, Depends(requires("sites.write"))]


def _instant(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _site_out(view: service.SiteView) -> SiteOut:
    site = view.site
    return SiteOut(
        id=site.id,
        slug=site.slug,
        name=site.name,
        publishable_key=site.publishable_key,
        languages=view.languages,
        origins=list(view.origins),
        anonymous_choices=site.anonymous_choices,
        created_at=rfc3339(site.created_at),
        retired_at=_instant(site.retired_at),
        version=site.version,
    )


def _token_key_facts(key: SiteTokenKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "kid": key.kid,
        "algorithm": key.algorithm,
        "created_at": rfc3339(key.created_at),
        "retired_at": _instant(key.retired_at),
    }


@router.post("", status_code=201, response_model=SiteOut, summary="Register a site")
async def create(request: Request, by: Writing, body: SiteIn, _: IdempotencyKey = None) -> Response:
    """Register a site of the caller's tenant; its short name must be free."""
    now: int = request.scope["candor.at"]
    site_id, publishable_key = ids.new("site", now), api_keys.new_publishable_key()
    sheet = service.SiteSheet(body.slug, body.name, tuple(body.languages), tuple(body.origins), body.anonymous_choices)

    async def work(tx: Tx) -> Answer:
        made = await service.create_site(tx, by, site_id, publishable_key, sheet, now)
        headers = (("ETag", etag.of(made.site.version)), ("Location", f"/v1/sites/{site_id}"))
        return Answer(201, _site_out(made).model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List sites")
async def list_sites(request: Request, by: Reading) -> SiteList:
    """List the sites within reach, retired ones too."""
    found = await state_of(request).db.read(service.sites, by)
    return SiteList(items=[_site_out(view) for view in found])


@router.get("/{site_id}", summary="Read a site")
async def read(request: Request, response: Response, site_id: str, by: Reading) -> SiteOut:
    """Read one site; its ``ETag`` is what a change has to name."""
    view = await state_of(request).db.read(service.site, by, site_id)
    response.headers["ETag"] = etag.of(view.site.version)
    return _site_out(view)


@router.patch("/{site_id}", summary="Change a site")
async def change(
    request: Request, response: Response, site_id: str, by: Writing, body: SitePatch, if_match: IfMatch = None
) -> SiteOut:
    """Change the fields that are given; ``null`` is no value for any of them."""
    empty = [name for name in body.model_fields_set if getattr(body, name) is None]
    if empty:
        raise InvalidError.field(f"/{empty[0]}", "can't be null: leave it out to keep it")
    now: int = request.scope["candor.at"]
    given = body.model_dump(exclude_unset=True)
    view = await state_of(request).db.transact(service.change_site, by, site_id, if_match, given, now)
    response.headers["ETag"] = etag.of(view.site.version)
    return _site_out(view)


@router.delete("/{site_id}", status_code=204, summary="Retire a site")
async def retire(request: Request, site_id: str, by: Writing, if_match: IfMatch = None) -> Response:
    """Retire a site for good: its keys and its customers' tokens stop working; its records stay."""
    now: int = request.scope["candor.at"]
    await state_of(request).db.transact(service.retire_site, by, site_id, if_match, now)
    return Response(status_code=204)


async def _add_token_key(tx: Tx, by: Principal, row: SiteTokenKey, made: str | None, now: int) -> Answer:
    await service.add_token_key(tx, by, row, now)
    shown = TokenKeyMade(**_token_key_facts(row), secret=made)
    return Answer(201, shown.model_dump_json().encode())


@router.post(
    "/{site_id}/token-keys", status_code=201, response_model=TokenKeyMade, summary="Register a customer-token key"
)
async def add_token_key(
    request: Request, site_id: str, by: Writing, body: TokenKeyIn, _: IdempotencyKey = None
) -> Response:
    """Register a public key or a secret of the site's back-end; two may live at a time."""
    now: int = request.scope["candor.at"]
    row, made = minting.token_key(by, state_of(request).keyring, site_id, now, **body.model_dump())
    return await answer(request, by, partial(_add_token_key, by=by, row=row, made=made, now=now))


@router.get("/{site_id}/token-keys", summary="List a site's customer-token keys")
async def list_token_keys(request: Request, site_id: str, by: Reading) -> TokenKeyList:
    """List the keys, retired ones too."""
    found = await state_of(request).db.read(service.token_keys, by, site_id)
    return TokenKeyList(items=[TokenKeyOut(**_token_key_facts(key)) for key in found])


@router.delete("/{site_id}/token-keys/{key_id}", status_code=204, summary="Retire a customer-token key")
async def retire_token_key(request: Request, site_id: str, key_id: str, by: Writing) -> Response:
    """Retire a key at once; tokens it signed are refused from now on."""
    now: int = request.scope["candor.at"]
    await state_of(request).db.transact(service.retire_token_key, by, site_id, key_id, now)
    return Response(status_code=204)
