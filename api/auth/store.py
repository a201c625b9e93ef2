"""Every statement about tenants, sites and keys. All but the directory's take the tenant they may reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import delete, select, update
from sqlmodel import SQLModel, col

from api.auth.tables import ApiKey, Site, SiteOrigin, SiteTokenKey, Tenant
from core.database import Reader, Tx

LIST_LIMIT = 1000
T = TypeVar("T", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Everything:
    """All that authentication needs to know, of all tenants."""

    tenants: Sequence[Tenant]
    sites: Sequence[Site]
    origins: Sequence[SiteOrigin]
    token_keys: Sequence[SiteTokenKey]
    api_keys: Sequence[ApiKey]


async def everything(tx: Reader) -> Everything:
    """Return all live tenants, sites and keys."""
    return Everything(
        await tx.all(select(Tenant).where(col(Tenant.retired_at).is_(None))),
        await tx.all(select(Site).where(col(Site.retired_at).is_(None))),
        await tx.all(select(SiteOrigin)),
        await tx.all(select(SiteTokenKey).where(col(SiteTokenKey.retired_at).is_(None))),
        await tx.all(select(ApiKey).where(col(ApiKey.revoked_at).is_(None))),
    )


async def tenant(tx: Reader, tenant_id: str) -> Tenant | None:
    """Return a tenant."""
    found: Tenant | None = await tx.one(select(Tenant).where(col(Tenant.id) == tenant_id))
    return found


async def site(tx: Reader, tenant_id: str, site_id: str) -> Site | None:
    """Return a site of a tenant."""
    found: Site | None = await tx.one(select(Site).where(col(Site.tenant) == tenant_id, col(Site.id) == site_id))
    return found


async def sites(tx: Reader, tenant_id: str, only: str | None) -> list[Site]:
    """Return a tenant's sites, oldest first; just one if ``only`` names it."""
    wanted = select(Site).where(col(Site.tenant) == tenant_id).order_by(col(Site.id)).limit(LIST_LIMIT)
    return await tx.all(wanted if only is None else wanted.where(col(Site.id) == only))


async def slug_is_taken(tx: Reader, slug: str) -> bool:
    """Tell whether any site, of any tenant, has this short name."""
    return await tx.row(select(Site).where(col(Site.slug) == slug)) is not None


async def origins(tx: Reader, tenant_id: str) -> dict[str, list[str]]:
    """Return the registered origins of each of a tenant's sites."""
    wanted = select(SiteOrigin).where(col(SiteOrigin.tenant) == tenant_id).order_by(col(SiteOrigin.origin))
    found: dict[str, list[str]] = {}
    row: SiteOrigin
    for row in await tx.all(wanted):
        found.setdefault(row.site, []).append(row.origin)
    return found


async def replace_origins(tx: Tx, tenant_id: str, site_id: str, wanted: Sequence[str]) -> None:
    """Make ``wanted`` the site's origins."""
    await tx.execute(delete(SiteOrigin).where(col(SiteOrigin.tenant) == tenant_id, col(SiteOrigin.site) == site_id))
    for origin in wanted:
        tx.add(SiteOrigin(site=site_id, origin=origin, tenant=tenant_id))


async def save_site(tx: Tx, changed: Site) -> None:
    """Write a site's changeable columns."""
    await tx.execute(
        update(Site)
        .where(col(Site.tenant) == changed.tenant, col(Site.id) == changed.id)
        .values(
            name=changed.name,
            languages=changed.languages,
            anonymous_choices=changed.anonymous_choices,
            retired_at=changed.retired_at,
            version=changed.version,
        )
    )


async def retire_tenant(tx: Tx, tenant_id: str, at: int) -> None:
    """Mark a tenant retired."""
    await tx.execute(
        update(Tenant).where(col(Tenant.id) == tenant_id).values(retired_at=at, version=Tenant.version + 1)
    )


async def token_keys(tx: Reader, tenant_id: str, site_id: str) -> list[SiteTokenKey]:
    """Return a site's keys for customer tokens, retired ones too, oldest first."""
    wanted = select(SiteTokenKey).where(col(SiteTokenKey.tenant) == tenant_id, col(SiteTokenKey.site) == site_id)
    return await tx.all(wanted.order_by(col(SiteTokenKey.id)))


async def retire_token_key(tx: Tx, tenant_id: str, key_id: str, at: int) -> None:
    """Mark a token key retired and destroy its secret."""
    await tx.execute(
        update(SiteTokenKey)
        .where(col(SiteTokenKey.tenant) == tenant_id, col(SiteTokenKey.id) == key_id)
        .values(retired_at=at, sealed_secret=None)
    )


async def api_key(tx: Reader, tenant_id: str, key_id: str) -> ApiKey | None:
    """Return an API key of a tenant."""
    found: ApiKey | None = await tx.one(select(ApiKey).where(col(ApiKey.tenant) == tenant_id, col(ApiKey.id) == key_id))
    return found


async def api_keys(tx: Reader, tenant_id: str, site_id: str | None) -> list[ApiKey]:
    """Return a tenant's API keys, oldest first; only those of one site if named."""
    wanted = select(ApiKey).where(col(ApiKey.tenant) == tenant_id).order_by(col(ApiKey.id)).limit(LIST_LIMIT)
    return await tx.all(wanted if site_id is None else wanted.where(col(ApiKey.site) == site_id))


async def revoke_api_key(tx: Tx, tenant_id: str, key_id: str, at: int) -> None:
    """Mark an API key revoked."""
    await tx.execute(
        update(ApiKey).where(col(ApiKey.tenant) == tenant_id, col(ApiKey.id) == key_id).values(revoked_at=at)
    )


async def note_use(tx: Tx, key_id: str, at: int) -> None:
    """Note when a key was last seen; approximate, for finding keys nobody uses."""
    await tx.execute(update(ApiKey).where(col(ApiKey.id) == key_id).values(last_used_at=at))
