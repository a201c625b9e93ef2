"""Every statement about tenants, sites, keys and signed-in staff. All but authentication's take the tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete, select, update
from sqlmodel import SQLModel, col

from api.auth.tables import ApiKey, ConsoleSession, Site, SiteOrigin, SiteTokenKey, Tenant
from core.database import Reader, Sql, Tx

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


# --- staff who are signed in -------------------------------------------------------------------------------------

_SESSION_COLUMNS = (
    "digest, tenant, person, name, roles, role, issuer_session, because, authenticated_at, created_at, seen_at, ends_at"
)
_SESSION = Sql(f"SELECT {_SESSION_COLUMNS} FROM console_session WHERE digest = :digest")  # noqa: S608 -- our own columns
_SESSIONS = Sql(
    f"SELECT {_SESSION_COLUMNS} FROM console_session WHERE tenant = :tenant AND ends_at > :at"  # noqa: S608 -- our own columns
    " ORDER BY seen_at DESC LIMIT 500"
)
_SEEN = Sql("UPDATE console_session SET seen_at = :at WHERE digest = :digest")
_BECAUSE = Sql("UPDATE console_session SET because = :because WHERE digest = :digest")
_END = Sql("DELETE FROM console_session WHERE digest = :digest")
_END_OF = Sql("DELETE FROM console_session WHERE tenant = :tenant AND person = :person")
_END_ALL = Sql("DELETE FROM console_session WHERE tenant = :tenant AND digest <> :but")
_END_AT_ISSUER = Sql("DELETE FROM console_session WHERE issuer_session = :issuer_session")
_END_PERSON = Sql("DELETE FROM console_session WHERE person = :person")
_PURGE_SESSIONS = Sql("DELETE FROM console_session WHERE ends_at <= :at")
_PURGE_ONE_TIMES = Sql("DELETE FROM one_time WHERE ends_at <= :at")
_ONE_TIME = Sql("SELECT content FROM one_time WHERE digest = :digest AND ends_at > :at")
_USED = Sql("DELETE FROM one_time WHERE digest = :digest")


def _session(row: Sequence[Any]) -> ConsoleSession:
    names = _SESSION_COLUMNS.split(", ")
    return ConsoleSession(**dict(zip(names, row, strict=True)))


async def session(tx: Reader, digest: bytes) -> ConsoleSession | None:
    """Return a session, ended ones too as long as they are there."""
    row = await tx.row(_SESSION, digest=digest)
    return None if row is None else _session(row)


async def sessions(tx: Reader, tenant: str, at: int) -> list[ConsoleSession]:
    """Return a tenant's sessions, the one used last first."""
    return [_session(row) for row in await tx.rows(_SESSIONS, tenant=tenant, at=at)]


async def note_seen(tx: Tx, digest: bytes, at: int) -> None:
    """Note that a session is used."""
    await tx.execute(_SEEN, digest=digest, at=at)


async def note_because(tx: Tx, digest: bytes, because: str) -> None:
    """Keep why its person reads which records."""
    await tx.execute(_BECAUSE, digest=digest, because=because)


async def end_session(tx: Tx, digest: bytes) -> int:
    """End one session."""
    return await tx.execute(_END, digest=digest)


async def end_sessions_of(tx: Tx, tenant: str, person: str) -> int:
    """End all sessions of one person of a tenant."""
    return await tx.execute(_END_OF, tenant=tenant, person=person)


async def end_other_sessions(tx: Tx, tenant: str, but: bytes) -> int:
    """End all sessions of a tenant but one."""
    return await tx.execute(_END_ALL, tenant=tenant, but=but)


async def end_issuer_session(tx: Tx, issuer_session: str) -> int:
    """End what was opened in one session at the issuer."""
    return await tx.execute(_END_AT_ISSUER, issuer_session=issuer_session)


async def end_person(tx: Tx, person: str) -> int:
    """End all sessions of one person, whatever the tenant."""
    return await tx.execute(_END_PERSON, person=person)


async def purge_sign_ins(tx: Tx, at: int) -> None:
    """Delete sessions and one-time things that are over."""
    await tx.execute(_PURGE_SESSIONS, at=at)
    await tx.execute(_PURGE_ONE_TIMES, at=at)


async def one_time(tx: Reader, digest: bytes, at: int) -> str | None:
    """Return the content of something good for one use, without using it."""
    row = await tx.row(_ONE_TIME, digest=digest, at=at)
    return None if row is None else str(row[0])


async def use_one_time(tx: Tx, digest: bytes, at: int) -> str | None:
    """Use up something good for one use and return its content; nothing if it is not there or was used."""
    content = await one_time(tx, digest, at)
    if content is None or await tx.execute(_USED, digest=digest) != 1:
        return None
    return content
