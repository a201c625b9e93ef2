"""The identity provider of the consoles: its metadata, its token endpoint, the proofs it signs (OpenID Connect Core).

Authlib builds what is sent and reads what comes back to the browser; every call goes through the guarded client, and
every signature is checked by the same strict reader as access tokens (``compact``). Authlib is imported with the
first sign-in, not at start.
"""

from pathlib import Path
from typing import Any, NamedTuple

from api.auth import compact
from api.auth.compact import Compact
from api.auth.errors import BadCredentialError
from api.auth.jwks import IssuerKeys, IssuerUnreachableError
from core.clock import DAY, MICROS, Clock
from core.errors import DomainError
from core.http import HttpClient, Limits
from core.settings import ConsoleSettings

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "Ed25519", "EdDSA"})
_FRESH = 600 * MICROS
_LEEWAY = 30 * MICROS
_LIMITS = Limits(seconds=5.0, body_bytes=262_144)
_ID_TOKEN = frozenset({"", "jwt"})
_LOGOUT_TOKEN = frozenset({"", "jwt", "logout+jwt"})
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Endpoints(NamedTuple):
    """Where the provider takes what; ``end_session`` only if it offers to end its own session."""

    authorization: str
    token: str
    end_session: str | None
    names_itself: bool  # sends `iss` with the code (RFC 9207)


class Provider:
    """One OpenID provider; made in the composition root, silent until the first sign-in."""

    def __init__(self, settings: ConsoleSettings, client: HttpClient, clock: Clock) -> None:
        """Know the issuer. Raises ``ValueError`` without one."""
        if settings.issuer is None:
            raise ValueError("the consoles have no issuer")
        self.issuer = settings.issuer
        self.client_id = settings.client_id
        self._secret_file: Path | None = settings.client_secret_file
        self._client = client
        self._clock = clock
        self._keys = IssuerKeys(settings.issuer, client, clock)
        self._found: tuple[int, Endpoints] | None = None

    async def endpoints(self) -> Endpoints:
        """Return the provider's addresses, at most ten minutes old. Raises ``IssuerUnreachableError``."""
        now = self._clock.now()
        if self._found is None or now - self._found[0] > _FRESH:
            url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                answer = await self._client.fetch("GET", url, limits=_LIMITS)
                self._found = (now, self._read(compact.strict_object(answer.body) if answer.status == 200 else {}))
            except (DomainError, BadCredentialError) as error:
                raise IssuerUnreachableError from error
        return self._found[1]

    def _read(self, metadata: dict[str, Any]) -> Endpoints:
        authorization, token = metadata.get("authorization_endpoint"), metadata.get("token_endpoint")
        if metadata.get("issuer") != self.issuer or not isinstance(authorization, str) or not isinstance(token, str):
            raise IssuerUnreachableError
        end = metadata.get("end_session_endpoint")
        named = metadata.get("authorization_response_iss_parameter_supported") is True
        return Endpoints(authorization, token, end if isinstance(end, str) else None, named)

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Return the ID token for an authorization code. Raises ``BadCredentialError`` or an ``UnavailableError``."""
        from authlib.oauth2.auth import ClientAuth  # noqa: PLC0415 -- 60 ms that only sign-in needs
        from authlib.oauth2.rfc6749.parameters import prepare_token_request  # noqa: PLC0415 -- the same

        secret = None
        if self._secret_file is not None:
            secret = self._secret_file.read_text(encoding="utf-8").strip()
        body = prepare_token_request("authorization_code", "", redirect_uri, code=code, code_verifier=verifier)
        auth = ClientAuth(self.client_id, secret, "client_secret_basic" if secret else "none")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        url, headers, body = auth.prepare("POST", (await self.endpoints()).token, headers, body)
        answer = await self._client.fetch("POST", url, headers=headers, body=body.encode(), limits=_LIMITS)
        if answer.status != 200:
            raise BadCredentialError("code")
        token = compact.strict_object(answer.body).get("id_token")
        if not isinstance(token, str):
            raise BadCredentialError("no-id-token")
        return token

    async def verified_id_token(self, raw: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token meant for us (OpenID Connect Core, 3.1.3.7). Raises as ``exchange``."""
        token = await self._proven(raw, _ID_TOKEN)
        claims = token.claims
        if claims.get("nonce") != nonce:
            raise BadCredentialError("nonce")
        audience = claims.get("aud")
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.client_id:
            raise BadCredentialError("azp")
        compact.text_claim(claims, "sub")
        return claims

    async def verified_logout_token(self, raw: str) -> dict[str, Any]:
        """Return the claims of a logout token (Back-Channel Logout 1.0, 2.6). Raises as ``exchange``."""
        claims = (await self._proven(raw, _LOGOUT_TOKEN)).claims
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict) or "nonce" in claims:
            raise BadCredentialError("logout-token")
        if "sid" not in claims and "sub" not in claims:
            raise BadCredentialError("logout-token")
        compact.text_claim(claims, "jti")
        return claims

    async def _proven(self, raw: str, types: frozenset[str]) -> Compact:
        token = compact.parse(raw, type_needed=False)
        if token.type.lower() not in types:
            raise BadCredentialError("type")
        if token.algorithm not in ALGORITHMS or token.claims.get("iss") != self.issuer:
            raise BadCredentialError("issuer")
        audience = token.claims.get("aud")
        if self.client_id not in (audience if isinstance(audience, list) else [audience]):
            raise BadCredentialError("audience")
        compact.check_times(token.claims, self._clock.now(), _LEEWAY, DAY)
        key = await self._keys.find(token.kid, token.algorithm)
        compact.verify_signature(token, key, ALGORITHMS)
        return token
