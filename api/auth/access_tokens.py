"""OIDC access tokens of staff and services (RFC 9068, RFC 8725), verified locally.

The issuer is looked up in the configuration before any key is; identity is the pair of ``iss`` and ``sub``.
A role comes from the configured claim. A person who holds several acts in one at a time: the first that the token
lists, or the one named by ``X-Candor-Role``, so that the record says in which capacity something was done.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from api.auth import compact
from api.auth.errors import BadCredentialError
from api.auth.jwks import IssuerKeys
from core.clock import DAY, MICROS, Clock
from core.http import HttpClient
from core.principal import Role
from core.settings import AuthSettings

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "Ed25519", "EdDSA"})
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_ROLES = {role.value: role for role in (Role.AGENT, Role.DPO, Role.AUDITOR, Role.ADMIN, Role.SITE)}
_TENANT_LIMIT = 64


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified token says: ``id`` names the pair (issuer, subject) without showing it."""

    id: str
    tenant: str
    roles: tuple[Role, ...]
    scopes: frozenset[str]
    authenticated_at: int


def _words(claims: dict[str, Any], name: str) -> list[str]:
    """Return a claim that lists words, as an array or as text with spaces (RFC 8693, section 4.2)."""
    found = claims.get(name, [])
    words = found.split() if isinstance(found, str) else found
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadCredentialError("claim-list")
    return words


class AccessTokens:
    """Verifies access tokens of the configured issuers."""

    def __init__(self, settings: AuthSettings, client: HttpClient, clock: Clock) -> None:
        """Prepare one key cache for each issuer."""
        self._settings = settings
        self._clock = clock
        self._issuers = {issuer: IssuerKeys(issuer, client, clock) for issuer in settings.issuers}

    async def verify(self, token: compact.Compact) -> AccessToken:
        """Prove a parsed token. Raises ``BadCredentialError`` or ``IssuerUnreachableError``."""
        kind = token.type.lower()
        if kind not in _TYPES and not (kind == "jwt" and self._settings.allow_plain_jwt_type):
            raise BadCredentialError("type")
        if token.algorithm not in ALGORITHMS:
            raise BadCredentialError("algorithm")
        issuer = token.claims.get("iss")
        keys = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if keys is None:
            raise BadCredentialError("issuer")
        # Cheap refusals first: a token that is late or for another service costs no call to its issuer.
        self._check_audience(token.claims)
        leeway = self._settings.leeway_seconds * MICROS
        compact.check_times(token.claims, self._clock.now(), leeway, DAY)
        subject = compact.text_claim(token.claims, "sub")
        key = await keys.find(token.kid, token.algorithm)
        compact.verify_signature(token, key, ALGORITHMS)
        return self._described(keys.issuer, subject, token.claims)

    def _check_audience(self, claims: dict[str, Any]) -> None:
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if self._settings.audience not in named:
            raise BadCredentialError("audience")

    def _described(self, issuer: str, subject: str, claims: dict[str, Any]) -> AccessToken:
        roles = [word.removeprefix("candor:") for word in _words(claims, self._settings.roles_claim)]
        tenant = "default"
        if self._settings.tenant_claim in claims:
            tenant = compact.text_claim(claims, self._settings.tenant_claim, _TENANT_LIMIT)
        pair = f"{len(issuer)}:{issuer}{subject}".encode()
        return AccessToken(
            id=f"oidc_{sha256(pair).hexdigest()[:32]}",
            tenant=tenant,
            roles=tuple(_ROLES[word] for word in dict.fromkeys(roles) if word in _ROLES),
            scopes=frozenset(_words(claims, "scope")),
            authenticated_at=compact.time_claim(claims, "auth_time") if "auth_time" in claims else 0,
        )
