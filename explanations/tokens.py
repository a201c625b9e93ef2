"""Access tokens for endpoints behind an authorization server: OAuth 2.0 client credentials (RFC 6749, section 4.4).

The credentials of such an endpoint are named ``oauth2-token-url``, ``oauth2-client-id``, ``oauth2-client-secret`` and,
where they are needed, ``oauth2-scope`` and ``oauth2-audience``. They go to the token URL only, through the same guarded
client as everything else; the model sees the token. Tokens live in memory until a minute before they end.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlencode

import orjson

from core.http import CallFailedError, HttpClient, Limits, UrlRefusedError
from explanations.errors import MalformedAnswerError, ModelRejectedError, ModelUnavailableError

PREFIX = "oauth2-"
_URL, _ID, _SECRET = "oauth2-token-url", "oauth2-client-id", "oauth2-client-secret"
_EARLY = 60.0
_SHORTEST, _USUAL = 1.0, 300.0
_MOST = 1000
Monotonic = Callable[[], float]


class Grant(NamedTuple):
    """Where a token comes from, and for what."""

    url: str
    client: str
    secret: str
    asked: tuple[tuple[str, str], ...]

    @property
    def name(self) -> bytes:
        """Return what tells grants apart without holding the secret."""
        return sha256(repr(tuple(self)).encode()).digest()


def grant_in(credentials: Mapping[str, str]) -> Grant | None:
    """Return the grant among an endpoint's credentials, if they are a client's."""
    named = {name.lower(): value for name, value in credentials.items()}
    if not {_URL, _ID, _SECRET} <= named.keys():
        return None
    asked = tuple((name, named[PREFIX + name]) for name in ("scope", "audience") if PREFIX + name in named)
    return Grant(named[_URL], named[_ID], named[_SECRET], asked)


class Tokens:
    """The tokens of one process."""

    def __init__(self, client: HttpClient, monotonic: Monotonic) -> None:
        """Ask through ``client``; ``monotonic`` tells the age of tokens."""
        self._client = client
        self._monotonic = monotonic
        self._held: dict[bytes, tuple[str, float]] = {}

    async def bearer(self, grant: Grant, seconds: float) -> str:
        """Return a token that is still good. Raises ``ModelError``."""
        token, until = self._held.get(grant.name, ("", 0.0))
        if self._monotonic() < until:
            return token
        token, lifetime = await self._asked(grant, seconds)
        if len(self._held) >= _MOST:
            self._held.clear()
        self._held[grant.name] = (token, self._monotonic() + max(_SHORTEST, lifetime - _EARLY))
        return token

    def forget(self, grant: Grant) -> None:
        """Drop a token that was refused."""
        self._held.pop(grant.name, None)

    async def _asked(self, grant: Grant, seconds: float) -> tuple[str, float]:
        login = f"{quote(grant.client, safe='')}:{quote(grant.secret, safe='')}"  # RFC 6749, section 2.3.1
        headers = {
            "Authorization": "Basic " + b64encode(login.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode([("grant_type", "client_credentials"), *grant.asked]).encode()
        try:
            answer = await self._client.fetch("POST", grant.url, headers=headers, body=body, limits=Limits(seconds))
        except UrlRefusedError:
            raise ModelRejectedError("The URL of its token service is not one Candor may call.") from None
        except CallFailedError:
            raise ModelUnavailableError("Its token service did not answer well in time.") from None
        if answer.status >= 500 or answer.status == 429:
            raise ModelUnavailableError("Its token service did not answer well in time.")
        if answer.status != 200:
            raise ModelRejectedError("Its token service refuses the credentials.")
        return _read(answer.body)


def _read(body: bytes) -> tuple[str, float]:
    """Return a token and how long it lives, in seconds. Raises ``MalformedAnswerError``."""
    try:
        told = orjson.loads(body)
        token, lifetime = told["access_token"], told.get("expires_in", _USUAL)
        bearer = str(told.get("token_type", "Bearer")).casefold() == "bearer"
        good = bearer and isinstance(token, str) and token.isascii() and token.isprintable() and bool(token)
        return (token, float(lifetime)) if good else _refuse()
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return _refuse()


def _refuse() -> tuple[str, float]:
    raise MalformedAnswerError("The answer of its token service can't be understood.")
