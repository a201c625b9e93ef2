"""An issuer's signing keys: OpenID metadata and JWKS (RFC 7517, RFC 8414) through the guarded client.

- The metadata's ``issuer`` must equal the configured one, to the letter.
- Keys are kept 10 minutes; if the issuer can't be reached they serve on for up to 24 hours.
- An unknown ``kid`` asks again at most once in 30 seconds, whoever sends how many; one flight at a time.
- At most 256 KiB and 50 keys; only public signature keys of the allowed kinds and sizes are taken.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from api.auth.compact import strict_object
from api.auth.errors import BadCredentialError
from core.clock import DAY, MICROS, Clock
from core.errors import DomainError, UnavailableError
from core.http import CallFailedError, HttpClient, Limits

FRESH = 600 * MICROS
STALE = DAY
RETRY = 30 * MICROS
_KEYS_LIMIT = 50
_RSA_BITS = 2048
_EDDSA = frozenset({"Ed25519", "EdDSA"})  # two names of one algorithm (RFC 9864)
_METADATA = Limits(seconds=3.0, body_bytes=262_144)
_KEY_SET = Limits(seconds=3.0, body_bytes=262_144, media_types=("application/json", "application/jwk-set+json"))


class IssuerUnreachableError(UnavailableError):
    """The identity provider can't be reached and its keys are not known."""

    code = "issuer-unreachable"
    title = "The identity provider can't be reached right now."


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One public key of an issuer: its id, the algorithms it may prove, and the key."""

    kid: str | None
    algorithms: frozenset[str]
    key: Key


def _algorithms_of(key: Key) -> frozenset[str]:
    if isinstance(key, RSAKey) and key.raw_value.key_size >= _RSA_BITS:
        return frozenset({"RS256", "PS256"})
    if isinstance(key, ECKey) and key.curve_name == "P-256":
        return frozenset({"ES256"})
    if isinstance(key, OKPKey) and key.curve_name == "Ed25519":
        return _EDDSA
    return frozenset()


def read_key(jwk: object) -> IssuerKey | None:
    """Return a usable signature key, or ``None`` for a key of another use, kind or size."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or "d" in jwk or jwk.get("kty") == "oct":
        return None
    operations, kid = jwk.get("key_ops", ["verify"]), jwk.get("kid")
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    if kid is not None and not isinstance(kid, str):
        return None
    try:
        key = import_key({name: jwk[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    algorithms = _algorithms_of(key)
    stated = jwk.get("alg", "")
    if isinstance(stated, str) and stated in _EDDSA:
        algorithms &= _EDDSA
    elif stated != "":
        algorithms &= {stated} if isinstance(stated, str) else set()
    return IssuerKey(kid, algorithms, key) if algorithms else None


class IssuerKeys:
    """The keys of one issuer; keys are never shared between issuers."""

    def __init__(self, issuer: str, client: HttpClient, clock: Clock) -> None:
        """Know where to ask; nothing is fetched before the first token."""
        self.issuer = issuer
        self._client = client
        self._clock = clock
        self._keys: list[IssuerKey] = []
        self._fetched_at: int | None = None
        self._tried_at: int | None = None
        self._flight: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> Key:
        """Return the key for a token's header.

        Raises ``BadCredentialError`` if there is none, ``IssuerUnreachableError`` if that can't be known.
        """
        now = self._clock.now()
        if self._fetched_at is None or now - self._fetched_at > FRESH:
            await self._refresh(now)
        found = self._match(kid, algorithm)
        if found is None:
            await self._refresh(now)
            found = self._match(kid, algorithm)
        if self._fetched_at is None or self._clock.now() - self._fetched_at > STALE:
            raise IssuerUnreachableError
        if found is None:
            raise BadCredentialError("unknown-key")
        return found

    def _match(self, kid: str | None, algorithm: str) -> Key | None:
        if kid is None and len(self._keys) != 1:
            return None
        for known in self._keys:
            if kid in {None, known.kid} and algorithm in known.algorithms:
                return known.key
        return None

    async def _refresh(self, now: int) -> None:
        """Ask the issuer once for all who wait; not again within 30 seconds of the last try."""
        if self._flight is None:
            if self._tried_at is not None and now - self._tried_at < RETRY:
                return
            self._tried_at = now
            self._flight = asyncio.create_task(self._fetch(now), name="candor-jwks")
            self._flight.add_done_callback(self._landed)
        # One waiter that is cancelled must not cancel the flight of the others.
        await asyncio.shield(self._flight)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flight = None

    async def _fetch(self, now: int) -> None:
        try:
            metadata = await self._document(self.issuer.rstrip("/") + "/.well-known/openid-configuration", _METADATA)
            where = metadata.get("jwks_uri")
            if metadata.get("issuer") != self.issuer or not isinstance(where, str):
                return
            listed = (await self._document(where, _KEY_SET)).get("keys")
        except DomainError:
            return  # the keys known so far serve on; find() says when they no longer may
        if isinstance(listed, list) and len(listed) <= _KEYS_LIMIT:
            self._keys = [key for key in map(read_key, listed) if key is not None]
            self._fetched_at = now

    async def _document(self, url: str, limits: Limits) -> dict[str, Any]:
        answer = await self._client.fetch("GET", url, limits=limits)
        if answer.status != 200:
            raise CallFailedError
        return strict_object(answer.body)
