"""One request to the consoles: who sits there, what the address says, and the tokens of the page's own forms."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import access
from api.auth import sessions
from api.auth.errors import BadCredentialError
from api.auth.sessions import Session
from api.auth.sign_in import SignIn
from api.console.moments import Zone, zone_of
from api.pages.visitors import ForeignFormError, StaleFormError, is_own
from api.state import AppState
from core.crypto import derived_key
from core.errors import InvalidError
from core.principal import Principal

HOME: Final = "/console"
_MOST_FIELDS: Final = 250
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Desk:
    """A request with what the consoles know about it. ``session`` is nothing before somebody signed in."""

    request: Request
    state: AppState
    session: Session | None
    params: Mapping[str, str]
    zone: Zone

    @property
    def now(self) -> int:
        """Return the instant of the request."""
        at: int = self.request.scope["candor.at"]
        return at

    @property
    def signed_in(self) -> Session:
        """Return the session. Raises ``BadCredentialError`` where nobody signed in."""
        if self.session is None:
            raise BadCredentialError("no-session")
        return self.session

    @property
    def principal(self) -> Principal:
        """Return the caller. Raises ``BadCredentialError`` where nobody signed in."""
        return self.signed_in.principal

    @property
    def tenant(self) -> str:
        """Return the caller's tenant."""
        return self.principal.tenant

    @property
    def path(self) -> str:
        """Return the path asked for."""
        path: str = self.request.scope["path"]
        return path

    @property
    def partial(self) -> bool:
        """Tell whether a script on one of our pages asks for a part only."""
        return self.request.headers.get("hx-request") == "true"

    def query(self, name: str, longest: int = 200) -> str:
        """Return a query parameter, empty if it is not there. Raises ``InvalidError`` if it is too long."""
        found = self.request.query_params.get(name, "")
        if len(found) > longest or "\0" in found:
            raise InvalidError.field(f"?{name}", "too long, or not text")
        return found

    def may(self, permission: str) -> bool:
        """Tell whether the caller may do something: what decides what a page offers."""
        return self.session is not None and access.allowed(self.session.principal, permission)

    def token(self, act: str) -> str:
        """Return the token of one of this session's forms: bound to session and address."""
        if self.session is None:
            return ""
        key = derived_key(self.state.keyring.pepper, "console-form/1")
        return hmac.digest(key, self.session.digest + act.encode(), "sha256").hex()[:32]

    async def form(self, *wanted: str) -> dict[str, str]:
        """Return the fields of one of our own forms, ``wanted`` ones at least.

        Raises ``ForeignFormError`` for a form of another site, ``StaleFormError`` for one of another session, and
        ``InvalidError``.
        """
        if not from_own_page(self.request, self.state):
            raise ForeignFormError
        try:
            raw = (await self.request.body()).decode()
            pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError as error:
            raise InvalidError.field("", "not a form") from error
        found = dict(pairs)
        if len(found) != len(pairs) or any(len(value) > _LONGEST or "\0" in value for value in found.values()):
            raise InvalidError.field("", "a field is given twice, too long, or not text")
        if self.session is not None and not hmac.compare_digest(
            found.get("token", "").encode(), self.token(self.path).encode()
        ):
            raise StaleFormError
        for name in wanted:
            if name not in found:
                raise InvalidError.field(f"/{name}", "this field is required")
        return found

    def require_fresh(self) -> None:
        """Raise ``FreshSignInNeededError`` unless the sign-in is minutes old (step-up)."""
        sessions.require_fresh(self.signed_in, self.now, self.state.settings.console)


def sign_in_of(state: AppState) -> SignIn:
    """Return who signs staff in. Raises ``BadCredentialError`` where the consoles are not served."""
    if not isinstance(state.sign_in, SignIn):
        raise BadCredentialError("no-consoles")
    return state.sign_in


def from_own_page(request: Request, state: AppState) -> bool:
    """Tell whether a form was sent by one of our own pages, as the browser says (Fetch Metadata, RFC 6454)."""
    fetched, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if fetched is None and origin is None:
        return False
    return fetched in {None, "same-origin"} and (origin is None or is_own(origin, request, state))


async def desk_of(request: Request, state: AppState, session: Session | None, params: Mapping[str, str]) -> Desk:
    """Return the desk of a request."""
    return Desk(request, state, session, params, zone_of(request.cookies.get("candor_zone", "")))


def go(path: str) -> Response:
    """Return the answer to a form that did its work: look there."""
    return RedirectResponse(path, 303)
