"""Signing in to the consoles: authorization code with PKCE (RFC 6749, 7636, 9700; OpenID Connect Core), or a link.

What a sign-in under way needs (state, nonce, verifier) follows from two random numbers: one goes to the provider as
``state``, the other stays in the browser's cookie. The records hold the digest of the first and are used up by the
first answer, so neither a foreign browser nor a second answer gets in. Where no provider is configured, a link
printed on the machine itself opens one session within ten minutes.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from api.auth import compact, sessions, store
from api.auth.errors import BadCredentialError
from api.auth.provider import Endpoints, Provider
from api.auth.sessions import STAFF, Session, Staff
from core import crypto
from core.clock import MICROS
from core.database import Database, Tx
from core.keys import KeyRing
from core.principal import Role
from core.settings import AuthSettings, ConsoleSettings

_TEN_MINUTES = 600 * MICROS
_LEEWAY = 30 * MICROS
_MOST_NAME = 80
_MOST_STATE = 200


@dataclass(frozen=True, slots=True)
class SignIn:
    """Signs staff in; made in the composition root."""

    db: Database
    keyring: KeyRing
    provider: Provider | None
    console: ConsoleSettings
    auth: AuthSettings
    redirect_uri: str

    def _derived(self, cookie: str, use: str) -> str:
        key = crypto.derived_key(self.keyring.pepper, "sign-in/1")
        return hmac.digest(key, f"{use}:{cookie}".encode(), "sha256").hex()

    async def start(self, after: str, now: int, *, again: bool = False) -> tuple[str, str]:
        """Return where to send the browser and what its cookie is to hold.

        ``after`` is the path to come back to; ``again`` asks for a fresh sign-in although there is a session.
        Raises ``IssuerUnreachableError``.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415 -- 60 ms only sign-in needs
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415 -- the same

        provider = self._needed()
        endpoints = await provider.endpoints()
        state, cookie = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        content = {"after": after, "again": again, "began": now, "cookie": sha256(cookie.encode()).hexdigest()}
        await self.db.transact(_kept, state, content, now + _TEN_MINUTES)
        url: str = prepare_grant_uri(
            endpoints.authorization,
            provider.client_id,
            "code",
            redirect_uri=self.redirect_uri,
            scope=self.console.scope,
            state=state,
            nonce=self._derived(cookie, "nonce"),
            code_challenge=create_s256_code_challenge(self._derived(cookie, "verifier")),
            code_challenge_method="S256",
            prompt="login" if again else None,
            max_age="0" if again else str(self.console.longest_hours * 3600),  # makes the provider tell when
        )
        return url, cookie

    async def finish(self, answered: Mapping[str, str], cookie: str, now: int) -> tuple[Staff, str, bool]:
        """Return who came back from the provider, the path to go to, and whether a fresh sign-in was asked for.

        Raises ``BadCredentialError`` or an ``UnavailableError``; the sign-in is used up either way.
        """
        provider = self._needed()
        state = answered.get("state", "")
        if not state or len(state) > _MOST_STATE:
            raise BadCredentialError("state")
        kept = await self.db.transact(sessions.use_one_time, "sign-in", state, now)
        if not hmac.compare_digest(sha256(cookie.encode()).hexdigest(), str(kept["cookie"])):
            raise BadCredentialError("foreign-browser")
        named = (await provider.endpoints()).names_itself
        if (named or "iss" in answered) and answered.get("iss") != provider.issuer:
            raise BadCredentialError("issuer")
        code = answered.get("code")
        if not code or "error" in answered:
            raise BadCredentialError("provider-refused")
        raw = await provider.exchange(code, self._derived(cookie, "verifier"), self.redirect_uri)
        claims = await provider.verified_id_token(raw, self._derived(cookie, "nonce"))
        staff = self.staff_of(claims, provider.issuer, now)
        if kept["again"] and staff.authenticated_at < kept["began"] - _LEEWAY:
            raise BadCredentialError("not-signed-in-again")
        return staff, str(kept["after"]), bool(kept["again"])

    def staff_of(self, claims: Mapping[str, Any], issuer: str, now: int) -> Staff:
        """Return who an ID token is about, with roles by the settings' mapping. Raises ``BadCredentialError``."""
        subject = compact.text_claim(dict(claims), "sub")
        roles = mapped_roles(claims.get(self.auth.roles_claim, []), self.console.role_map)
        if not roles:
            raise BadCredentialError("no-role")
        tenant = claims.get(self.auth.tenant_claim, "default")
        name = next((claims[key] for key in ("name", "preferred_username") if isinstance(claims.get(key), str)), "")
        told = compact.time_claim(dict(claims), "auth_time") if "auth_time" in claims else 0
        return Staff(
            tenant=tenant if isinstance(tenant, str) else "",
            person=person_id(issuer, subject),
            name=str(name)[:_MOST_NAME] or "Signed-in staff",
            roles=roles,
            authenticated_at=min(told, now),
            issuer_session=issuer_session(issuer, claims),
        )

    async def end_at_issuer(self, raw: str, now: int) -> int:
        """End what a logout token names and return how many sessions that were; a token counts once.

        Raises ``BadCredentialError`` or ``IssuerUnreachableError``.
        """
        provider = self._needed()
        claims = await provider.verified_logout_token(raw)
        return await self.db.transact(_ended, claims, provider.issuer, now)

    async def provider_endpoints(self) -> Endpoints:
        """Return the provider's addresses. Raises ``IssuerUnreachableError``."""
        return await self._needed().endpoints()

    def _needed(self) -> Provider:
        if self.provider is None:
            raise BadCredentialError("no-provider")
        return self.provider


async def _kept(tx: Tx, state: str, content: dict[str, Any], ends_at: int) -> None:
    sessions.keep_one_time(tx, "sign-in", state, content, ends_at)


async def _ended(tx: Tx, claims: Mapping[str, Any], issuer: str, now: int) -> int:
    digest = sessions.one_time_digest("logout", f"{len(issuer)}:{issuer}{claims['jti']}")
    if await store.one_time(tx, digest, now) is not None:
        raise BadCredentialError("logout-token-replayed")
    sessions.keep_one_time(tx, "logout", f"{len(issuer)}:{issuer}{claims['jti']}", {}, now + _TEN_MINUTES)
    named = issuer_session(issuer, claims)
    if named is not None:
        return await store.end_issuer_session(tx, named)
    return await store.end_person(tx, person_id(issuer, str(claims["sub"])))


def person_id(issuer: str, subject: str) -> str:
    """Return the name of a person at an issuer, the same as an access token's: it shows neither."""
    return f"oidc_{sha256(f'{len(issuer)}:{issuer}{subject}'.encode()).hexdigest()[:32]}"


def issuer_session(issuer: str, claims: Mapping[str, Any]) -> str | None:
    """Return the name of a session at the issuer (its ``sid``), if it told one."""
    sid = claims.get("sid")
    return sha256(f"{len(issuer)}:{issuer}{sid}".encode()).hexdigest() if isinstance(sid, str) and sid else None


def mapped_roles(claim: object, mapping: tuple[str, ...]) -> tuple[Role, ...]:
    """Return the staff roles that the words of a claim stand for, in their order.

    ``mapping`` holds ``word=role``; without it a word is a role's own name, with or without ``candor:`` before it.
    """
    words = claim.split() if isinstance(claim, str) else claim
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return ()
    known = dict(pair.rpartition("=")[::2] for pair in mapping)
    named = [known.get(word, "") if mapping else word.removeprefix("candor:") for word in words]
    return tuple(role for word in dict.fromkeys(named) for role in STAFF if role.value == word)


# --- without a provider ------------------------------------------------------------------------------------------

LOCAL = Staff("default", "local_operator", "Local operator", (Role.ADMIN, Role.DPO, Role.AUDITOR, Role.AGENT), 0)


async def make_link(db: Database, now: int) -> str:
    """Return the path of a link that opens one session within ten minutes."""
    code = secrets.token_urlsafe(32)
    await db.transact(_linked, code, now + _TEN_MINUTES)
    return f"/console/enter?code={code}"


async def _linked(tx: Tx, code: str, ends_at: int) -> None:
    sessions.keep_one_time(tx, "link", code, {}, ends_at)


async def enter_by_link(
    tx: Tx, code: str, number: str, role: Role, now: int, settings: ConsoleSettings, before: Session | None = None
) -> Session:
    """Use a printed link up and open its session; one that stood before ends. Raises ``BadCredentialError``."""
    await sessions.use_one_time(tx, "link", code, now)
    if before is not None:
        await store.end_session(tx, before.digest)
    staff = Staff(LOCAL.tenant, LOCAL.person, LOCAL.name, LOCAL.roles, now)
    return sessions.open_session(tx, staff, number, role, now, settings)
