"""Coming and going: signing in at the provider or by a printed link, signing out, changing the role acted in."""

from urllib.parse import parse_qs, quote

from starlette.responses import RedirectResponse, Response

from api.auth import sessions, store
from api.auth import sign_in as signing
from api.auth.errors import BadCredentialError
from api.auth.sessions import STAFF, Session, Staff
from api.console import rendering
from api.console.desk import HOME, Desk, go, sign_in_of
from api.problems import NotFoundOnWireError
from api.state import AppState
from core.clock import MICROS
from core.database import Tx
from core.errors import InvalidError
from core.principal import Role

_A_YEAR = "public, max-age=31536000, immutable"
_SIGN_IN_COOKIE = "candor_signin"
_TEN_MINUTES = 600
_FIRST = {Role.DPO: "overview", Role.AUDITOR: "overview", Role.ADMIN: "health", Role.AGENT: "mine"}


async def asset(desk: Desk) -> Response:
    """Serve an asset under the name that carries its hash."""
    found = rendering.assets().get(desk.params["name"])
    if found is None:
        raise NotFoundOnWireError
    return Response(
        found[0], media_type=found[1], headers={"Cache-Control": _A_YEAR, "X-Content-Type-Options": "nosniff"}
    )


def keep_name(state: AppState) -> str:
    """Return the name of the session's cookie: bound to this very host behind https."""
    return "__Host-candor" if state.settings.serve.public_url.startswith("https:") else "candor_console"


def _secure(desk: Desk) -> bool:
    return desk.state.settings.serve.public_url.startswith("https:")


def _after(desk: Desk) -> str:
    """Return where to go afterwards: a path of the consoles, never another address."""
    wanted = desk.query("after", 1000)
    inside = wanted == HOME or wanted.startswith((f"{HOME}/", f"{HOME}?"))
    return wanted if inside and "\\" not in wanted and "//" not in wanted else HOME


def keep(desk: Desk, answer: Response, number: str, session: Session) -> Response:
    """Set the cookie of a session; it is read by nobody but the server."""
    answer.set_cookie(
        keep_name(desk.state),
        number,
        max_age=max(1, (session.ends_at - desk.now) // MICROS),
        path="/" if _secure(desk) else HOME,
        secure=_secure(desk),
        httponly=True,
        samesite="lax",
    )
    return answer


def _forget(desk: Desk, answer: Response, name: str) -> Response:
    path = "/" if name.startswith("__Host-") else HOME
    answer.delete_cookie(name, path=path, secure=_secure(desk), httponly=True, samesite="lax")
    return answer


async def signed_out(desk: Desk) -> Response:
    """Say how to sign in."""
    linked = desk.state.settings.console.issuer is None
    served = desk.state.sign_in is not None and (not linked or desk.state.settings.serve.mode == "embedded")
    return rendering.page(desk, "signed_out.html", linked=linked, served=served, after=_after(desk))


async def sign_in(desk: Desk) -> Response:
    """Send the browser to the provider. A link, not a form: ``form-action`` holds for redirects too."""
    return await _to_provider(desk, again=False)


async def again(desk: Desk) -> Response:
    """Ask for a fresh sign-in (step-up) before an export, an erasure or a new key."""
    if desk.state.settings.console.issuer is None:
        return rendering.page(desk, "again.html", after=_after(desk))
    return await _to_provider(desk, again=True)


async def _to_provider(desk: Desk, *, again: bool) -> Response:
    url, cookie = await sign_in_of(desk.state).start(_after(desk), desk.now, again=again)
    answer = RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        _SIGN_IN_COOKIE, cookie, max_age=_TEN_MINUTES, path=HOME, secure=_secure(desk), httponly=True, samesite="lax"
    )
    return answer


async def callback(desk: Desk) -> Response:
    """Take the browser back from the provider and open a session under a new number."""
    cookie = desk.request.cookies.get(_SIGN_IN_COOKIE, "")
    answered = dict(desk.request.query_params)
    staff, after, again = await sign_in_of(desk.state).finish(answered, cookie, desk.now)
    if again and desk.session is not None and desk.session.staff.person != staff.person:
        raise BadCredentialError("another-person")
    number = sessions.new_number()
    role = _role_of(desk.session, staff)
    session = await desk.state.db.transact(_opened, desk, staff, number, role)
    sessions.note("signed-in", session)
    return _forget(desk, keep(desk, go(after), number, session), _SIGN_IN_COOKIE)


def _role_of(before: Session | None, staff: Staff) -> Role:
    if before is not None and before.staff.person == staff.person and before.principal.role in staff.roles:
        return before.principal.role
    return staff.roles[0]


async def _opened(tx: Tx, desk: Desk, staff: Staff, number: str, role: Role) -> Session:
    tenant = await store.tenant(tx, staff.tenant)
    if tenant is None or tenant.retired_at is not None:
        raise BadCredentialError("tenant")
    if desk.session is not None:
        await store.end_session(tx, desk.session.digest)
    return sessions.open_session(tx, staff, number, role, desk.now, desk.state.settings.console)


async def enter(desk: Desk) -> Response:
    """Show what a printed link opens; following it uses nothing up yet."""
    _only_here(desk)
    return rendering.page(desk, "enter.html", code=desk.query("code"), roles=signing.LOCAL.roles)


async def entered(desk: Desk) -> Response:
    """Open the session of a printed link."""
    _only_here(desk)
    form = await _bare_form(desk, "code", "role")
    role = next((role for role in STAFF if role.value == form["role"]), None)
    if role is None:
        raise InvalidError.field("/role", "no role of staff")
    number = sessions.new_number()
    session = await desk.state.db.transact(
        signing.enter_by_link, form["code"], number, role, desk.now, desk.state.settings.console, desk.session
    )
    sessions.note("signed-in", session)
    return keep(desk, go(HOME), number, session)


async def _bare_form(desk: Desk, *wanted: str) -> dict[str, str]:
    """Return a form's fields where no session's token can be asked for: the secret in it is the proof."""
    bare = Desk(desk.request, desk.state, None, desk.params, desk.zone)
    return await bare.form(*wanted)


def _only_here(desk: Desk) -> None:
    settings = desk.state.settings
    if settings.console.issuer is not None or settings.serve.mode != "embedded":
        raise NotFoundOnWireError


async def sign_out(desk: Desk) -> Response:
    """End the session; the provider's own stays, so that page tells how to end it."""
    await desk.form()
    await desk.state.db.transact(store.end_session, desk.signed_in.digest)
    sessions.note("signed-out", desk.signed_in)
    end = None
    if desk.state.settings.console.issuer is not None:
        end = (await sign_in_of(desk.state).provider_endpoints()).end_session
    gone = Desk(desk.request, desk.state, None, desk.params, desk.zone)
    client = desk.state.settings.console.client_id
    link = None if end is None else f"{end}{'&' if '?' in end else '?'}client_id={quote(client, safe='')}"
    answer = rendering.page(gone, "goodbye.html", link=link)
    return _forget(desk, answer, keep_name(desk.state))


async def logged_out(desk: Desk) -> Response:
    """Take a logout token from the provider (OpenID Connect Back-Channel Logout 1.0)."""
    fields = parse_qs((await desk.request.body()).decode("ascii", "replace"), max_num_fields=4)
    try:
        await sign_in_of(desk.state).end_at_issuer(fields.get("logout_token", [""])[0], desk.now)
    except BadCredentialError:
        return Response(status_code=400, headers={"Cache-Control": "no-store"})
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


async def change_role(desk: Desk) -> Response:
    """Act in another of one's roles, under a new number."""
    form = await desk.form("role")
    number = sessions.new_number()
    role = next((role for role in STAFF if role.value == form["role"]), None)
    if role is None:
        raise InvalidError.field("/role", "no role of staff")
    changed = await desk.state.db.transact(
        sessions.act_as, desk.signed_in, role, number, desk.now, desk.state.settings.console
    )
    sessions.note("role-changed", changed)
    return keep(desk, go(HOME), number, changed)


async def home(desk: Desk) -> Response:
    """Go to where this role's day begins."""
    return go(f"{HOME}/{_FIRST[desk.principal.role]}")


async def settings(desk: Desk) -> Response:
    """Show what can be set for this browser."""
    keys = desk.request.cookies.get("candor_keys", "on")
    return rendering.page(desk, "settings.html", keys=keys)


async def keep_settings(desk: Desk) -> Response:
    """Keep zone and shortcuts in this browser."""
    form = await desk.form("zone", "keys")
    answer = go(f"{HOME}/settings")
    for name, value in (("candor_zone", form["zone"][:64]), ("candor_keys", "off" if form["keys"] == "off" else "on")):
        # read by our own script, which fills the zone in; it says nothing that the browser does not know
        answer.set_cookie(
            name, quote(value, safe="/"), max_age=31_536_000, path=HOME, secure=_secure(desk), samesite="lax"
        )
    return answer
