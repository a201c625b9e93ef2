"""Who looks at a hosted page: a known customer, a device, or nobody yet; and whether the page's own buttons spoke.

- A customer's token stands in a short-lived cookie of its site, never in a URL (RFC 6750, 5.3).
- A device is a random number in one cookie, set with the first choice and never before (ePrivacy Directive 5(3)).
- Forms are ours if the browser says so (``Sec-Fetch-Site``, ``Origin``) and they carry an HMAC over visitor and act.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api import access
from api.auth import compact
from api.auth.credentials import DEVICE, DEVICE_COOKIE
from api.auth.directory import Directory
from api.auth.errors import BadCredentialError
from api.auth.snapshot import KnownSite
from api.state import AppState
from core.clock import MICROS
from core.crypto import derived_key
from core.errors import ForbiddenError
from core.principal import Principal

CUSTOMER_COOKIE: Final = "candor_customer"
_DEVICE_SECONDS: Final = 400 * 86_400  # the longest that browsers keep a cookie
_LONGEST_TOKEN: Final = 4096


class ForeignFormError(ForbiddenError):
    """A form that another site made the browser send (cross-site request forgery)."""

    code = "foreign-form"
    title = "This request did not come from a page of ours."
    advice = "Open the choices page and press the button there."


class StaleFormError(ForbiddenError):
    """A form made for another visitor, or before this one signed in or out."""

    code = "stale-form"
    title = "This form was made for another visitor."
    advice = "Open the choices page again; its buttons work for whoever looks at it now."


@dataclass(frozen=True, slots=True)
class Visitor:
    """A caller of the page. ``mark`` is what forms are bound to; ``new_device`` a number to be set as a cookie."""

    principal: Principal
    mark: str
    new_device: str | None = None

    @property
    def who(self) -> str:
        """Return the key of the words that tell the visitor how she is seen."""
        if self.principal.subject is None:
            return "nobody"
        return self.principal.subject.space


def directory_of(state: AppState) -> Directory:
    """Return the directory that knows sites by their short names."""
    found = state.directory
    if not isinstance(found, Directory):
        raise TypeError("hosted pages need the directory of sites")
    return found


async def recognise(request: Request, state: AppState, site: KnownSite) -> Visitor:
    """Return the visitor; a cookie that does not hold any more counts as none."""
    directory = directory_of(state)
    token = request.cookies.get(CUSTOMER_COOKIE, "")
    if token and len(token) <= _LONGEST_TOKEN:
        try:
            return Visitor(await customer(state, site, token), "customer:" + sha256(token.encode()).hexdigest())
        except BadCredentialError:
            pass
    device = request.cookies.get(DEVICE_COOKIE, "")
    if DEVICE.fullmatch(device) is None:
        return Visitor(directory.anonymous(site, None), "nobody")
    return Visitor(directory.anonymous(site, device), "device:" + device)


async def customer(state: AppState, site: KnownSite, token: str) -> Principal:
    """Return the customer a token vouches for. Raises ``BadCredentialError``."""
    if not token.isascii():
        raise BadCredentialError("scheme")
    offered = ((b"authorization", b"Bearer " + token.encode()), (b"x-candor-site", site.publishable_key.encode()))
    principal = await directory_of(state).authenticate(offered)
    if principal.site != site.id or principal.subject is None:
        raise BadCredentialError("site")
    return principal


def with_device(visitor: Visitor, state: AppState, site: KnownSite) -> Visitor:
    """Return the visitor with a subject: a fresh device if she is nobody yet."""
    if visitor.principal.subject is not None:
        return visitor
    device = secrets.token_hex(16)
    return Visitor(directory_of(state).anonymous(site, device), visitor.mark, device)


def admit(visitor: Visitor, request: Request, state: AppState, permission: str) -> None:
    """Check permission and rate. Raises ``PermissionDeniedError`` or ``TooManyRequestsError``."""
    access.check(visitor.principal, permission)
    state.limiter.charge(request.scope, visitor.principal, state.settings.serve.trusted_proxies)


def form_token(state: AppState, site: KnownSite, visitor: Visitor, act: str) -> str:
    """Return the token of one form: bound to visitor, site and act."""
    key = derived_key(state.keyring.pepper, "page-form/1")
    return hmac.digest(key, f"{visitor.mark}|{site.id}|{act}".encode(), "sha256").hex()[:32]


def check_form(request: Request, state: AppState, site: KnownSite, visitor: Visitor, act: str, given: str) -> None:
    """Let only the page's own forms through. Raises ``ForeignFormError`` or ``StaleFormError``."""
    if not _from_own_page(request, state):
        raise ForeignFormError
    if not hmac.compare_digest(given.encode(), form_token(state, site, visitor, act).encode()):
        raise StaleFormError


def _from_own_page(request: Request, state: AppState) -> bool:
    fetched = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if fetched is None and origin is None:
        return False
    return fetched in {None, "same-origin"} and (origin is None or is_own(origin, request, state))


def is_own(origin: str, request: Request, state: AppState) -> bool:
    """Tell whether an origin is this service's own, by its public address or by the host that was asked."""
    if origin == state.settings.serve.public_url.rstrip("/"):
        return True
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc == request.headers["host"]


def _secure(state: AppState) -> bool:
    return state.settings.serve.public_url.startswith("https:")


def keep_device(answer: Response, visitor: Visitor, state: AppState) -> None:
    """Set the cookie of a new device, with its first choice."""
    if visitor.new_device is not None:
        answer.set_cookie(
            DEVICE_COOKIE,
            visitor.new_device,
            max_age=_DEVICE_SECONDS,
            path="/t",
            secure=_secure(state),
            httponly=True,
            samesite="lax",
        )


def keep_customer(answer: Response, token: str, site: KnownSite, state: AppState) -> None:
    """Set the cookie of a known customer for as long as her token holds; for this site only."""
    ends = compact.time_claim(compact.parse(token).claims, "exp")
    answer.set_cookie(
        CUSTOMER_COOKIE,
        token,
        max_age=max(0, (ends - state.clock.now()) // MICROS),
        path=f"/t/{site.slug}",
        secure=_secure(state),
        httponly=True,
        samesite="lax",
    )


def forget_customer(answer: Response, site: KnownSite, state: AppState) -> None:
    """Delete the cookie of a known customer."""
    answer.delete_cookie(CUSTOMER_COOKIE, path=f"/t/{site.slug}", secure=_secure(state), httponly=True, samesite="lax")
