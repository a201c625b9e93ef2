"""The consoles' way in: finds the page, the session and the permission, and puts errors into plain words.

What a role may not do is neither shown nor reachable: the same table of permissions guards page and button here and
the API elsewhere. Nothing of this module is loaded before the first request to the consoles.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import access, problems
from api.auth import sessions, store
from api.auth.errors import BadCredentialError
from api.auth.sessions import FreshSignInNeededError, Session
from api.console import plan, rendering
from api.console.desk import HOME, Desk, desk_of
from api.console.doors import keep_name
from api.console.plan import Page
from api.problems import EdgeError, MethodNotAllowedError, NotFoundOnWireError
from api.state import AppState, state_of
from core.errors import DomainError, Kind
from core.principal import Principal, Role
from core.telemetry import logger

_log = logger("security")
_NOBODY = Principal(tenant="", id="nobody", role=Role.ANONYMOUS)
_KEPT = {
    Kind.NOT_FOUND: "Nothing was changed.",
    Kind.FORBIDDEN: "Nothing was changed.",
    Kind.CONFLICT: "Nothing was saved.",
    Kind.INVALID: "Nothing was saved.",
    Kind.UNAVAILABLE: "Nothing was changed.",
}
_STALE = frozenset(
    {
        "stale-version",
        "purpose-changed",
        "system-changed",
        "notice-changed",
        "touchpoint-changed",
        "model-endpoint-changed",
    }
)


async def serve(request: Request) -> Response:
    """Answer one request to the consoles."""
    state = state_of(request)
    found = plan.find(request.method, request.scope["path"])
    session = await session_of(request, state)
    desk = await desk_of(request, state, session, found[1] if isinstance(found, tuple) else {})
    try:
        if not isinstance(found, tuple):
            raise NotFoundOnWireError if found is None else MethodNotAllowedError(headers={"Allow": found})
        request.scope["candor.route"] = found[0].pattern
        return await _serve(desk, found[0])
    except (DomainError, EdgeError) as error:
        return trouble(desk, error)


async def _serve(desk: Desk, page: Page) -> Response:
    state, session = desk.state, desk.session
    caller = _NOBODY if session is None else session.principal
    state.limiter.charge(desk.request.scope, caller, state.settings.serve.trusted_proxies)
    if page.permission is None:
        return await page.endpoint(desk)
    if session is None:
        if page.method == "GET" and not desk.partial:
            asked = desk.path + (f"?{desk.request.url.query}" if desk.request.url.query else "")
            return RedirectResponse(f"{HOME}/signed-out?after={quote(asked, safe='/')}", 303)
        raise BadCredentialError("no-session")
    access.check(session.principal, page.permission)
    if page.fresh:
        desk.require_fresh()
    if sessions.due_to_note(session, desk.now):
        await state.db.transact(store.note_seen, session.digest, desk.now)
    return await page.endpoint(desk)


async def session_of(request: Request, state: AppState) -> Session | None:
    """Return the live session of a request's cookie, of a live tenant."""
    number = request.cookies.get(keep_name(state), "")
    if not number or len(number) > 64:
        return None
    return await state.db.read(sessions.find, number, request.scope["candor.at"], state.settings.console)


def trouble(desk: Desk, error: DomainError | EdgeError) -> Response:
    """Return the page that tells of an error: what happened, what was kept, what to do."""
    desk.request.scope["candor.problem"] = error.code
    if isinstance(error, BadCredentialError):
        _log.warning("console-refused", code=error.reason)
    kept = _KEPT[error.kind] if isinstance(error, DomainError) else "Nothing was changed."
    back = desk.query("after") if "after" in desk.request.query_params else ""
    answer = rendering.page(
        desk,
        "trouble.html",
        problems.status_of(error),
        error=error,
        kept=kept,
        stale=error.code in _STALE,
        fresh=isinstance(error, FreshSignInNeededError),
        back=back if back.startswith(HOME) else _back_of(desk),
    )
    if isinstance(error, EdgeError):
        answer.headers.update({name: text for name, text in error.headers.items() if name != "WWW-Authenticate"})
    return answer


def _back_of(desk: Desk) -> str:
    """Return the page a form was on, as the browser tells it, if it is one of ours."""
    _, mark, path = desk.request.headers.get("referer", "").partition(HOME)
    return f"{HOME}{path}" if mark else HOME
