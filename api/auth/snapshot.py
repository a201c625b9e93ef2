"""All live tenants, sites and keys as one immutable picture, indexed by what callers present."""

import json
from collections import defaultdict
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from joserfc.errors import JoseError

from api.auth import customer_tokens, store
from api.auth.tables import ApiKey, Site, SiteTokenKey
from core.clock import LATEST
from core.crypto import seal, unseal
from core.database import Reader
from core.keys import KeyFileError, KeyRing
from core.principal import Principal, Role
from core.telemetry import logger

_log = logger("security")


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A live site as authentication and pages need it."""

    id: str
    tenant: str
    slug: str
    name: str
    publishable_key: str
    languages: tuple[str, ...]
    anonymous_choices: bool
    origins: frozenset[str]
    token_keys: tuple[customer_tokens.TokenKey, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything by what it is found by; API keys by the digest of their token, with the instant they end."""

    tenants: frozenset[str]
    sites_by_id: dict[str, KnownSite]
    sites_by_key: dict[str, KnownSite]
    sites_by_slug: dict[str, KnownSite]
    origins: frozenset[str]
    api_keys: dict[bytes, tuple[Principal, int]]

    @classmethod
    def empty(cls) -> "Snapshot":
        """Return the picture in which nobody is known."""
        return cls(frozenset(), {}, {}, {}, frozenset(), {})


def _place(tenant: str, site: str, key_id: str) -> str:
    return f"{tenant}|{site}|site_token_key|sealed_secret|{key_id}"


def seal_secret(kek: bytes, secret: bytes, tenant: str, site: str, key_id: str) -> bytes:
    """Seal a site's shared secret so that it opens only in its own row."""
    return seal(kek, secret, _place(tenant, site, key_id))


def _material(row: SiteTokenKey, keyring: KeyRing) -> bytes:
    if row.sealed_secret is None or row.kek_id is None:
        return (row.public_key or "").encode()
    return unseal(keyring.kek_by_id(row.kek_id), row.sealed_secret, _place(row.tenant, row.site, row.id))


def _token_key(row: SiteTokenKey, keyring: KeyRing) -> customer_tokens.TokenKey | None:
    try:
        key = customer_tokens.verifying_key(row.algorithm, _material(row, keyring))
    except (KeyFileError, InvalidTag, JoseError, ValueError):
        # One site's unreadable key must not lock everybody out; its own customers stay out.
        _log.error("token-key-unreadable", key_id=row.id, site=row.site, tenant=row.tenant)
        return None
    return customer_tokens.TokenKey(row.id, row.kid, row.algorithm, key)


def _api_key(row: ApiKey) -> tuple[Principal, int]:
    principal = Principal(
        tenant=row.tenant,
        id=row.id,
        role=Role(row.role),
        site=row.site,
        scopes=frozenset(json.loads(row.scopes)),
    )
    return principal, row.expires_at if row.expires_at is not None else LATEST


def _site(row: Site, origins: set[str], keys: list[customer_tokens.TokenKey]) -> KnownSite:
    return KnownSite(
        id=row.id,
        tenant=row.tenant,
        slug=row.slug,
        name=row.name,
        publishable_key=row.publishable_key,
        languages=tuple(json.loads(row.languages)),
        anonymous_choices=row.anonymous_choices,
        origins=frozenset(origins),
        token_keys=tuple(keys),
    )


async def load(tx: Reader, keyring: KeyRing) -> Snapshot:
    """Read the picture. What belongs to a retired tenant or site is not in it."""
    rows = await store.everything(tx)
    tenants = frozenset(row.id for row in rows.tenants)
    origins: dict[str, set[str]] = defaultdict(set)
    for origin in rows.origins:
        origins[origin.site].add(origin.origin)
    keys: dict[str, list[customer_tokens.TokenKey]] = defaultdict(list)
    for row in rows.token_keys:
        key = _token_key(row, keyring)
        if key is not None:
            keys[row.site].append(key)
    sites = [_site(site, origins[site.id], keys[site.id]) for site in rows.sites if site.tenant in tenants]
    by_id = {site.id: site for site in sites}
    return Snapshot(
        tenants=tenants,
        sites_by_id=by_id,
        sites_by_key={site.publishable_key: site for site in sites},
        sites_by_slug={site.slug: site for site in sites},
        origins=frozenset().union(*(site.origins for site in sites)),
        api_keys={
            row.digest: _api_key(row)
            for row in rows.api_keys
            if row.tenant in tenants and (row.site is None or row.site in by_id)
        },
    )
