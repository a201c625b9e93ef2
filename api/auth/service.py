"""The verbs of tenants, sites and keys; each change stands in the ledger in the same transaction.

Everything random or slow (ids, secrets, sealing) is made beforehand and passed in, because a work may run again.
A caller reaches the sites and keys of his tenant, or of his site if his credential is bound to one; nobody grants
more than he may do himself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api import access, etag
from api.auth import origins, store
from api.auth.errors import (
    GrantRefusedError,
    KeyNotFoundError,
    RetiredError,
    SiteNotFoundError,
    SlugTakenError,
    TenantNotFoundError,
    TooManyLiveKeysError,
)
from api.auth.tables import ApiKey, Site, SiteTokenKey, Tenant
from core import ids
from core.canonical import dumps
from core.database import Reader, Tx
from core.errors import ConflictError, FieldError, InvalidError
from core.principal import Principal, Role
from ledger import service as ledger
from ledger.entries import Entry

LIVE_KEYS = 2
Facts = Mapping[str, str | int | bool | list[str] | None]


@dataclass(frozen=True, slots=True)
class SiteSheet:
    """What a site says of itself; the first language is the default."""

    slug: str
    name: str
    languages: tuple[str, ...]
    origins: tuple[str, ...]
    anonymous_choices: bool = True


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site with its origins."""

    site: Site
    origins: tuple[str, ...]

    @property
    def languages(self) -> list[str]:
        """Return the site's languages, the default first."""
        found: list[str] = json.loads(self.site.languages)
        return found


def operator(tenant: str, at: int) -> Principal:
    """Return the principal of someone who commands the machine itself (`candor keys`, `candor demo`)."""
    reach = access.reach_of(Role.ADMIN)
    return Principal(tenant=tenant, id="operator", role=Role.ADMIN, scopes=reach, authenticated_at=at)


def _record(
    tx: Tx, kind: str, by: Principal, at: int, facts: Facts, *, tenant: str | None = None, restrictive: bool = False
) -> None:
    public = {"by": by.id, "by_role": by.role.value, **facts}
    ledger.append(tx, Entry(kind=kind, tenant=tenant or by.tenant, public=public, at=at, restrictive=restrictive))


async def create_tenant(tx: Tx, by: Principal, tenant_id: str, name: str, at: int) -> Tenant:
    """Make a tenant. Raises ``ConflictError`` if the id is in use."""
    if await store.tenant(tx, tenant_id) is not None:
        raise ConflictError("There is a tenant with this id.")
    made = Tenant(id=tenant_id, name=name, created_at=at)
    tx.add(made)
    _record(tx, "tenant.created", by, at, {"tenant": tenant_id, "name": name}, tenant=tenant_id)
    return made


async def retire_tenant(tx: Tx, by: Principal, tenant_id: str, at: int) -> None:
    """Retire a tenant: all its credentials stop working. Raises ``TenantNotFoundError`` or ``RetiredError``."""
    found = await store.tenant(tx, tenant_id)
    if found is None:
        raise TenantNotFoundError
    if found.retired_at is not None:
        raise RetiredError
    await store.retire_tenant(tx, tenant_id, at)
    _record(tx, "tenant.retired", by, at, {"tenant": tenant_id}, tenant=tenant_id, restrictive=True)


def _check_origins(wanted: Sequence[str]) -> None:
    wrong = tuple(
        FieldError(f"/origins/{place}", reason)
        for place, reason in enumerate(map(origins.why_not, wanted))
        if reason is not None
    )
    if wrong:
        raise InvalidError(fields=wrong)
    if len(set(wanted)) != len(wanted):
        raise InvalidError.field("/origins", "an origin is listed twice")


async def create_site(tx: Tx, by: Principal, site_id: str, publishable_key: str, sheet: SiteSheet, at: int) -> SiteView:
    """Make a site. Raises ``SlugTakenError`` or ``InvalidError``; a caller bound to a site can't."""
    _check_origins(sheet.origins)
    if by.site is not None:
        raise GrantRefusedError
    owner = await store.tenant(tx, by.tenant)
    if owner is None or owner.retired_at is not None:
        raise TenantNotFoundError
    if await store.slug_is_taken(tx, sheet.slug):
        raise SlugTakenError
    made = Site(
        id=site_id,
        tenant=by.tenant,
        slug=sheet.slug,
        name=sheet.name,
        publishable_key=publishable_key,
        languages=dumps(list(sheet.languages)).decode(),
        anonymous_choices=sheet.anonymous_choices,
        created_at=at,
    )
    tx.add(made)
    await store.replace_origins(tx, by.tenant, site_id, sheet.origins)
    _record(tx, "site.created", by, at, {"site": site_id, **_facts(sheet), "publishable_key": publishable_key})
    return SiteView(made, tuple(sorted(sheet.origins)))


def _facts(sheet: SiteSheet) -> Facts:
    return {
        "slug": sheet.slug,
        "name": sheet.name,
        "languages": list(sheet.languages),
        "origins": sorted(sheet.origins),
        "anonymous_choices": sheet.anonymous_choices,
    }


async def _own_site(tx: Reader, by: Principal, site_id: str) -> Site:
    # a text that is no id is not asked for: PostgreSQL takes no NUL in a text
    reachable = ids.is_id(site_id, "site") and by.site in {None, site_id}
    found = await store.site(tx, by.tenant, site_id) if reachable else None
    if found is None:
        raise SiteNotFoundError
    return found


async def _live_site(tx: Reader, by: Principal, site_id: str) -> Site:
    found = await _own_site(tx, by, site_id)
    if found.retired_at is not None:
        raise RetiredError
    return found


async def site(tx: Reader, by: Principal, site_id: str) -> SiteView:
    """Return one site. Raises ``SiteNotFoundError``."""
    found = await _own_site(tx, by, site_id)
    return SiteView(found, tuple((await store.origins(tx, by.tenant)).get(site_id, ())))


async def sites(tx: Reader, by: Principal) -> list[SiteView]:
    """Return the caller's sites, oldest first."""
    registered = await store.origins(tx, by.tenant)
    return [SiteView(found, tuple(registered.get(found.id, ()))) for found in await store.sites(tx, by.tenant, by.site)]


async def change_site(
    tx: Tx, by: Principal, site_id: str, if_match: str | None, given: Mapping[str, Any], at: int
) -> SiteView:
    """Change a site's ``name``, ``languages``, ``origins`` or ``anonymous_choices``; what is not given stays.

    Raises ``SiteNotFoundError``, ``RetiredError``, ``PreconditionRequiredError``, ``StaleError``, ``InvalidError``.
    """
    found = await _live_site(tx, by, site_id)
    etag.require(if_match, etag.of(found.version))
    present = SiteView(found, tuple((await store.origins(tx, by.tenant)).get(site_id, ())))
    sheet = SiteSheet(
        slug=found.slug,
        name=given.get("name", found.name),
        languages=tuple(given.get("languages", present.languages)),
        origins=tuple(given.get("origins", present.origins)),
        anonymous_choices=given.get("anonymous_choices", found.anonymous_choices),
    )
    _check_origins(sheet.origins)
    changed = found.model_copy(
        update={
            "name": sheet.name,
            "languages": dumps(list(sheet.languages)).decode(),
            "anonymous_choices": sheet.anonymous_choices,
            "version": found.version + 1,
        }
    )
    await store.save_site(tx, changed)
    await store.replace_origins(tx, by.tenant, site_id, sheet.origins)
    _record(tx, "site.changed", by, at, {"site": site_id, **_facts(sheet), "version": changed.version})
    return SiteView(changed, tuple(sorted(sheet.origins)))


async def retire_site(tx: Tx, by: Principal, site_id: str, if_match: str | None, at: int) -> None:
    """Retire a site: its key, its customer tokens and its API keys stop working. Raises as ``change_site``."""
    found = await _live_site(tx, by, site_id)
    etag.require(if_match, etag.of(found.version))
    retired = found.model_copy(update={"retired_at": at, "version": found.version + 1})
    await store.save_site(tx, retired)
    _record(tx, "site.retired", by, at, {"site": site_id, "version": retired.version}, restrictive=True)


async def add_token_key(tx: Tx, by: Principal, new: SiteTokenKey, at: int) -> SiteTokenKey:
    """Register a key for customer tokens. Raises ``TooManyLiveKeysError`` if two are live already."""
    await _live_site(tx, by, new.site)
    known = await store.token_keys(tx, by.tenant, new.site)
    live = [key for key in known if key.retired_at is None]
    if len(live) >= LIVE_KEYS:
        raise TooManyLiveKeysError
    if any(key.kid == new.kid for key in known):
        raise ConflictError("This site has, or had, a key with this kid.")
    tx.add(new)
    facts = {"key": new.id, "site": new.site, "kid": new.kid, "algorithm": new.algorithm}
    _record(tx, "key.created", by, at, {**facts, "use": "customer-tokens"})
    return new


async def token_keys(tx: Reader, by: Principal, site_id: str) -> list[SiteTokenKey]:
    """Return a site's keys for customer tokens, retired ones too."""
    await _own_site(tx, by, site_id)
    return await store.token_keys(tx, by.tenant, site_id)


async def retire_token_key(tx: Tx, by: Principal, site_id: str, key_id: str, at: int) -> None:
    """Retire a key for customer tokens; its secret is destroyed. Raises ``KeyNotFoundError``."""
    await _own_site(tx, by, site_id)
    known = {key.id: key for key in await store.token_keys(tx, by.tenant, site_id)}
    if key_id not in known:
        raise KeyNotFoundError
    if known[key_id].retired_at is not None:
        raise RetiredError
    await store.retire_token_key(tx, by.tenant, key_id, at)
    facts = {"key": key_id, "site": site_id, "use": "customer-tokens"}
    _record(tx, "key.retired", by, at, facts, restrictive=True)


async def issue_key(tx: Tx, by: Principal, new: ApiKey, at: int) -> ApiKey:
    """Store an API key of the caller's tenant.

    Raises ``GrantRefusedError`` beyond the caller's own reach, ``SiteNotFoundError`` for a foreign site, and
    ``TooManyLiveKeysError`` if two keys of this name are live: enough for a rotation, and few enough to oversee.
    """
    if not access.may_grant(by, Role(new.role), json.loads(new.scopes)) or new.tenant != by.tenant:
        raise GrantRefusedError
    if by.site is not None and new.site != by.site:
        raise GrantRefusedError if new.site is None else SiteNotFoundError
    if new.site is not None:
        await _live_site(tx, by, new.site)
    if new.expires_at is not None and new.expires_at <= at:
        raise InvalidError.field("/expires_at", "lies in the past")
    same = [key for key in await store.api_keys(tx, by.tenant, new.site) if key.name == new.name]
    if sum(_is_live(key, at) and key.site == new.site for key in same) >= LIVE_KEYS:
        raise TooManyLiveKeysError
    tx.add(new)
    facts: dict[str, str | int | list[str] | None] = {"key": new.id, "site": new.site, "name": new.name}
    facts |= {"role": new.role, "scopes": json.loads(new.scopes), "expires_at": new.expires_at}
    _record(tx, "key.created", by, at, {**facts, "use": "api"})
    return new


def _is_live(key: ApiKey, at: int) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > at)


async def api_keys(tx: Reader, by: Principal) -> list[ApiKey]:
    """Return the API keys within the caller's reach, without their secrets, which nobody has."""
    return await store.api_keys(tx, by.tenant, by.site)


async def api_key(tx: Reader, by: Principal, key_id: str) -> ApiKey:
    """Return one API key. Raises ``KeyNotFoundError``."""
    found = await store.api_key(tx, by.tenant, key_id) if ids.is_id(key_id, "key") else None
    if found is None or by.site not in {None, found.site}:
        raise KeyNotFoundError
    return found


async def revoke_key(tx: Tx, by: Principal, key_id: str, at: int) -> None:
    """Revoke an API key at once. Raises ``KeyNotFoundError``, or ``RetiredError`` if it was revoked before."""
    found = await api_key(tx, by, key_id)
    if found.revoked_at is not None:
        raise RetiredError
    await store.revoke_api_key(tx, by.tenant, key_id, at)
    _record(tx, "key.revoked", by, at, {"key": key_id, "site": found.site, "use": "api"}, restrictive=True)


async def note_uses(tx: Tx, uses: Mapping[str, int]) -> None:
    """Write down when keys were last seen; no legal effect, so no ledger entry."""
    for key_id, at in uses.items():
        await store.note_use(tx, key_id, at)
