"""Making credentials, before the transaction that stores them: ids, random secrets, digests, sealing."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from api.auth import api_keys, customer_tokens
from api.auth.snapshot import seal_secret
from api.auth.tables import ApiKey, SiteTokenKey
from core import ids
from core.errors import InvalidError
from core.keys import KeyRing
from core.principal import Principal, Role


def api_key(
    by: Principal,
    name: str,
    role: Role,
    scopes: Iterable[str],
    at: int,
    *,
    site: str | None = None,
    expires_at: int | None = None,
) -> tuple[ApiKey, str]:
    """Return the row for ``service.issue_key`` and the token to show once. Times in microseconds."""
    key_id = ids.new("key", at)
    new = api_keys.make(key_id)
    row = ApiKey(
        id=key_id,
        tenant=by.tenant,
        site=site,
        name=name,
        role=role.value,
        scopes=json.dumps(sorted(set(scopes))),
        digest=new.digest,
        created_at=at,
        created_by=by.id,
        expires_at=expires_at,
    )
    return row, new.token


def token_key(
    by: Principal,
    keyring: KeyRing,
    site: str,
    at: int,
    *,
    kid: str | None = None,
    public_key: str | None = None,
    secret: str | None = None,
) -> tuple[SiteTokenKey, str | None]:
    """Return the row for ``service.add_token_key`` and, if the secret was made here, its base64url to show once.

    ``public_key`` is PEM, ``secret`` base64url; with neither a secret is made. Raises ``WeakKeyError`` or
    ``InvalidError``.
    """
    if public_key is not None and secret is not None:
        raise InvalidError.field("/secret", "give a public key or a secret, not both")
    key_id = ids.new("key", at)
    row = SiteTokenKey(id=key_id, tenant=by.tenant, site=site, kid=kid or key_id, algorithm="HS256", created_at=at)
    if public_key is not None:
        row.algorithm, row.public_key = customer_tokens.read_public_key(public_key, "/public_key")
        return row, None
    raw = secrets.token_bytes(customer_tokens.SECRET_BYTES)
    if secret is not None:
        raw = customer_tokens.read_secret(secret, "/secret")
    row.kek_id = keyring.kek_id
    row.sealed_secret = seal_secret(keyring.kek, raw, by.tenant, site, key_id)
    return row, None if secret is not None else urlsafe_b64encode(raw).rstrip(b"=").decode()
