"""Who may do what: the one table of permissions, and the check that every route has one (docs/access.md).

Deny by default. A permission names the roles that have it and the scope a machine's key needs besides. Whether the
thing asked for is the caller's own is decided by the rooms: every query takes the caller's tenant, site or subject,
and what lies outside is not found.

Refusals are security events at level *warning*. What was allowed is an event at level *info* where staff or a
machine changes something or reads about people, and at *debug* for the mass traffic of customers and the gate.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from fastapi import Request
from fastapi.routing import iter_route_contexts

from api.problems import BadRequestError
from api.state import state_of
from core.errors import ForbiddenError
from core.principal import Principal, Role, Subject
from core.telemetry import logger

_log = logger("security")

_ANYONE = frozenset(Role)
_BROWSER = frozenset({Role.ANONYMOUS, Role.CUSTOMER})
_STAFF = frozenset({Role.AGENT, Role.DPO, Role.AUDITOR, Role.ADMIN})


class PermissionDeniedError(ForbiddenError):
    """The caller is known, but neither his role nor his scopes allow this."""

    code = "permission-denied"
    title = "Your role or key does not allow this."


class NoSubjectError(BadRequestError):
    """The request is about one's own choices, but says nothing of whose they are."""

    code = "no-subject"
    title = "Whose choices? Send a customer token, or a device id where the site allows it."
    advice = "Send `Authorization: Bearer` with a customer token, or 32 hex digits as `X-Candor-Device`."


@dataclass(frozen=True, slots=True)
class Rule:
    """The roles that have a permission, the scope it takes, and whether its use is worth an event."""

    roles: frozenset[Role]
    scope: str
    noted: bool = False


def _rule(scope: str, *roles: Role, noted: bool = False) -> Rule:
    return Rule(frozenset(roles), scope, noted)


PERMISSIONS: dict[str, Rule] = {
    # customers, each for himself only
    "choices.read.own": Rule(_BROWSER, ""),
    "choices.write.own": Rule(_BROWSER, ""),
    "receipts.read.own": Rule(_BROWSER, ""),
    "offers.ask": Rule(_BROWSER, ""),
    # what was displayed, who speaks, and the truth about it
    "showings.write": Rule(_BROWSER | {Role.SITE}, "showings:write"),
    "showings.read": _rule("showings:read", Role.SITE, Role.AGENT, Role.DPO, Role.AUDITOR, noted=True),
    "turns.write": _rule("showings:write", Role.SITE),
    "identity.ask": Rule(_ANYONE, "catalogue:read"),
    # POST /v1/choices: a browser for itself, a back-end or the DPO for somebody
    "choices.record": Rule(_BROWSER | {Role.SITE, Role.DPO}, "choices:write"),
    # choices and receipts of others
    "choices.read": _rule("choices:read", Role.SITE, Role.AGENT, Role.DPO, Role.AUDITOR, noted=True),
    "choices.write": _rule("choices:write", Role.SITE, Role.DPO),
    "choices.invalidate": _rule("choices:write", Role.DPO, noted=True),
    "choices.import": _rule("choices:import", Role.SITE, Role.DPO, noted=True),
    "receipts.read": _rule("choices:read", Role.SITE, Role.AGENT, Role.DPO, Role.AUDITOR, noted=True),
    "permissions.check": _rule("permissions:check", Role.SITE, Role.DPO),
    # decisions of AI systems
    "decisions.write": _rule("decisions:write", Role.SITE),
    "decisions.read": _rule("decisions:read", Role.SITE, Role.AGENT, Role.DPO, Role.AUDITOR, noted=True),
    # explanations of single decisions, and the models that are asked for them
    "explanations.read": _rule("explanations:read", Role.SITE, Role.AGENT, Role.DPO, Role.AUDITOR, noted=True),
    "explanations.write": _rule("explanations:write", Role.SITE, Role.AGENT, Role.DPO, noted=True),
    "explanations.why": Rule(_BROWSER | {Role.SITE, Role.AGENT, Role.DPO}, "explanations:read"),
    "models.read": _rule("models:read", Role.DPO, Role.ADMIN, Role.AUDITOR),
    "models.write": _rule("models:write", Role.DPO, Role.ADMIN, noted=True),
    # people asking for people: browsers for themselves, back-ends for their customers, agents who serve
    "handoffs.ask": Rule(_BROWSER | {Role.SITE, Role.AGENT}, "handoffs:ask"),
    "handoffs.read": Rule(_BROWSER | {Role.SITE, Role.AGENT, Role.DPO, Role.AUDITOR}, "handoffs:read"),
    "handoffs.speak": Rule(_BROWSER | {Role.SITE, Role.AGENT}, "handoffs:ask"),
    "handoffs.serve": _rule("handoffs:serve", Role.AGENT, noted=True),
    "handoffs.context": _rule("handoffs:serve", Role.AGENT, Role.DPO, noted=True),
    "handoffs.figures": _rule("handoffs:figures", Role.AGENT, Role.DPO, Role.AUDITOR, Role.ADMIN),
    "conversations.write": _rule("handoffs:ask", Role.SITE),
    "queues.read": Rule(_ANYONE, "catalogue:read"),
    "queues.write": _rule("queues:write", Role.DPO, Role.ADMIN, noted=True),
    "desks.read": _rule("desks:read", Role.ADMIN, Role.DPO, Role.AUDITOR),
    "desks.write": _rule("desks:write", Role.ADMIN, noted=True),
    # requests for an explanation: people for themselves, back-ends and agents for others
    "requests.open": Rule(_BROWSER | {Role.SITE, Role.AGENT, Role.DPO}, "requests:write"),
    "requests.read": Rule(_BROWSER | {Role.SITE, Role.AGENT, Role.DPO, Role.AUDITOR}, "requests:read", noted=True),
    "requests.answer.own": Rule(_BROWSER | {Role.SITE}, "requests:write"),
    "requests.step": _rule("requests:write", Role.SITE, Role.AGENT, Role.DPO),
    "requests.confirm": _rule("requests:write", Role.SITE, noted=True),
    "requests.work": _rule("requests:write", Role.AGENT, Role.DPO, noted=True),
    "requests.review": _rule("requests:review", Role.AGENT, Role.DPO, noted=True),
    "requests.list": _rule("requests:read", Role.AGENT, Role.DPO, Role.AUDITOR, noted=True),
    "requests.figures": _rule("requests:read", Role.DPO, Role.AUDITOR),
    "requests.annex": _rule("requests:annex", Role.DPO, Role.AUDITOR, noted=True),
    # what staff report about AI systems
    "concerns.report": _rule("concerns:write", Role.AGENT, Role.DPO, noted=True),
    "concerns.read": _rule("concerns:read", Role.AGENT, Role.DPO, Role.AUDITOR, noted=True),
    # training of staff, without which they may not review where the controller says so
    "training.read": _rule("training:read", Role.DPO, Role.ADMIN, Role.AUDITOR),
    "training.write": _rule("training:write", Role.DPO, Role.ADMIN, noted=True),
    # reasons in approved words: whoever wrote on a table can't approve it
    "reasons.read": _rule("reasons:read", Role.AGENT, Role.DPO, Role.AUDITOR, Role.ADMIN),
    "reasons.write": _rule("reasons:write", Role.DPO, Role.ADMIN, noted=True),
    "reasons.approve": _rule("reasons:approve", Role.DPO, noted=True),
    # what is published
    "purposes.read": Rule(_ANYONE, "catalogue:read"),
    "systems.read": Rule(_ANYONE, "catalogue:read"),
    "purposes.write": _rule("catalogue:write", Role.DPO, noted=True),
    "systems.write": _rule("catalogue:write", Role.DPO, Role.ADMIN, noted=True),
    # not for browsers: it names contracts and staff; the public register does not
    "touchpoints.read": Rule(_STAFF | {Role.SITE}, "catalogue:read"),
    "register.export": _rule("catalogue:read", Role.DPO, Role.ADMIN, Role.AUDITOR),
    "labels.make": _rule("catalogue:read", Role.SITE, Role.DPO),
    "touchpoints.write": _rule("catalogue:write", Role.DPO, Role.ADMIN, noted=True),
    "notices.read": Rule(_ANYONE, "catalogue:read"),
    "notices.write": _rule("catalogue:write", Role.DPO, Role.ADMIN, noted=True),
    "notices.approve": _rule("catalogue:write", Role.DPO, noted=True),
    # texts tried out in variants: whoever drafted an experiment can't approve it
    "experiments.read": _rule("catalogue:read", Role.DPO, Role.ADMIN, Role.AUDITOR),
    "experiments.write": _rule("catalogue:write", Role.DPO, Role.ADMIN, noted=True),
    "experiments.approve": _rule("catalogue:write", Role.DPO, noted=True),
    # what the company says its AI can do: what is missing to it is nobody else's business
    "claims.read": _rule("catalogue:read", Role.DPO, Role.ADMIN, Role.AUDITOR),
    "claims.write": _rule("catalogue:write", Role.DPO, noted=True),
    # whether people have to be told anew after a vendor's update
    "disclosure-reviews.read": _rule("catalogue:read", Role.DPO, Role.ADMIN, Role.AUDITOR),
    "disclosure-reviews.open": _rule("catalogue:write", Role.DPO, Role.ADMIN, noted=True),
    "disclosure-reviews.close": _rule("catalogue:write", Role.DPO, noted=True),
    # what laws ask to be disclosed, and what a tenant asks of itself beyond them
    "packs.read": Rule(_ANYONE, "catalogue:read"),
    "overrides.read": _rule("packs:read", Role.DPO, Role.ADMIN, Role.AUDITOR),
    "overrides.write": _rule("packs:write", Role.DPO, Role.ADMIN, noted=True),
    "disclosures.resolve": Rule(_ANYONE, "catalogue:read"),
    # people as a whole
    "subjects.read": _rule("subjects:read", Role.AGENT, Role.DPO, noted=True),
    "subjects.link": _rule("subjects:link", Role.SITE, Role.DPO, noted=True),
    "subjects.erase": _rule("subjects:erase", Role.DPO, noted=True),
    "subjects.restrict": _rule("subjects:restrict", Role.DPO, noted=True),
    # lists about everybody, by pseudonym, in the consoles
    "choices.list": _rule("choices:list", Role.DPO, Role.AUDITOR, noted=True),
    "choices.export": _rule("choices:list", Role.DPO, Role.AUDITOR, noted=True),
    # who else is told of each no, how far that has come, and what a recipient has applied
    "propagation.list": _rule("propagation:read", Role.DPO, Role.AUDITOR, noted=True),
    "propagation.repeat": _rule("propagation:write", Role.DPO, noted=True),
    "propagation.acknowledge": _rule("propagation:acknowledge", Role.SITE, Role.DPO, noted=True),
    "decisions.list": _rule("decisions:list", Role.DPO, Role.AUDITOR, noted=True),
    "figures.read": _rule("figures:read", Role.DPO, Role.AUDITOR),
    # how long what is kept, what is held, and what was deleted
    "retention.read": _rule("retention:read", Role.DPO, Role.AUDITOR),
    "retention.write": _rule("retention:write", Role.DPO, noted=True),
    # evidence
    "ledger.read": _rule("ledger:read", Role.AUDITOR, Role.DPO, noted=True),
    "ledger.export": _rule("ledger:read", Role.AUDITOR, noted=True),
    # running the service
    "sites.read": _rule("sites:read", Role.ADMIN, Role.DPO, Role.AUDITOR),
    "sites.write": _rule("sites:write", Role.ADMIN, noted=True),
    "keys.read": _rule("keys:read", Role.ADMIN, Role.AUDITOR),
    "keys.write": _rule("keys:write", Role.ADMIN, noted=True),
    "recipients.read": _rule("recipients:read", Role.ADMIN, Role.DPO, Role.AUDITOR),
    "recipients.write": _rule("recipients:write", Role.ADMIN, noted=True),
    "consoles.use": Rule(_STAFF, "consoles:use"),
    "staff.read": _rule("staff:read", Role.ADMIN, Role.AUDITOR),
    "staff.write": _rule("staff:write", Role.ADMIN, noted=True),
    "jobs.read": _rule("jobs:read", Role.ADMIN, Role.AUDITOR),
    "jobs.write": _rule("jobs:write", Role.ADMIN, noted=True),
}

# Roles a role may hand out in an API key. Staff roles come from the identity provider, never from a key;
# an administrator makes keys for back-ends and for automation of his own work.
GRANTABLE: dict[Role, frozenset[Role]] = {Role.ADMIN: frozenset({Role.SITE, Role.ADMIN})}


def scopes_of(role: Role) -> frozenset[str]:
    """Return every scope that means something for a role."""
    return frozenset(rule.scope for rule in PERMISSIONS.values() if role in rule.roles and rule.scope)


def reach_of(role: Role) -> frozenset[str]:
    """Return the scopes a role may hold: those it uses itself, and those it may hand out."""
    return scopes_of(role).union(*(scopes_of(granted) for granted in GRANTABLE.get(role, frozenset())))


SCOPES = frozenset(rule.scope for rule in PERMISSIONS.values() if rule.scope)


def allowed(principal: Principal, permission: str) -> bool:
    """HOT PATH. Tell whether a caller has a permission. Raises ``KeyError`` for one that is not in the table."""
    rule = PERMISSIONS[permission]
    if principal.role not in rule.roles:
        return False
    return principal.role in _BROWSER or rule.scope in principal.scopes


def may_grant(principal: Principal, role: Role, scopes: Iterable[str]) -> bool:
    """Tell whether a caller may make a key with this role and these scopes: never more than his own reach."""
    wanted = frozenset(scopes)
    return (
        role in GRANTABLE.get(principal.role, frozenset()) and wanted <= reach_of(role) and wanted <= principal.scopes
    )


def check(principal: Principal, permission: str) -> None:
    """Note the decision as a security event. Raises ``PermissionDeniedError``."""
    granted = allowed(principal, permission)
    note = _log.warning if not granted else _log.info if PERMISSIONS[permission].noted else _log.debug
    note(
        "access-allowed" if granted else "access-denied",
        permission=permission,
        principal=principal.id,
        role=principal.role.value,
        tenant=principal.tenant,
        site=principal.site,
    )
    if not granted:
        raise PermissionDeniedError


def own_subject(principal: Principal) -> Subject:
    """Return whom a browser's request is about. Raises ``NoSubjectError`` where the site key stands alone."""
    if principal.subject is None:
        raise NoSubjectError
    return principal.subject


class Callers(Protocol):
    """Who knows the callers: ``api/auth/directory.py``."""

    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Principal:
        """Return the caller. Raises ``UnauthenticatedError``."""
        ...


T = TypeVar("T")
Dependency = Callable[[Request], Awaitable[Principal]]
_MARK = "candor_permission"
PUBLIC = "public"


def requires(permission: str) -> Dependency:
    """Return the dependency that lets only callers with ``permission`` in, and yields the caller.

    Raises ``KeyError`` when the application is put together with a permission that is not in the table.
    """
    PERMISSIONS[permission]

    async def permitted(request: Request) -> Principal:
        state = state_of(request)
        callers = cast("Callers", state.directory)
        principal = await callers.authenticate(request.scope["headers"])
        state.limiter.charge(request.scope, principal, state.settings.serve.trusted_proxies)
        check(principal, permission)
        return principal

    setattr(permitted, _MARK, permission)
    return permitted


def public() -> Callable[[], Awaitable[None]]:
    """Return the dependency that declares a route open to everyone, on purpose."""

    async def open_to_everyone() -> None:
        """Let in."""

    setattr(open_to_everyone, _MARK, PUBLIC)
    return open_to_everyone


def declared_public(endpoint: T) -> T:
    """Mark an endpoint or an application outside FastAPI's dependencies as open to everyone, on purpose."""
    setattr(endpoint, _MARK, PUBLIC)
    return endpoint


class UndeclaredRouteError(Exception):
    """Some routes declare no permission: the service does not start."""


def permissions_of(app: Any) -> Iterator[tuple[str, str, str | None]]:
    """Yield path, methods and permission of every route, going into applications that are mounted."""
    for route in iter_route_contexts(app.routes):
        mounted = getattr(route.original_route, "app", None) if route.endpoint is None else None
        if getattr(mounted, "routes", None):
            yield from permissions_of(mounted)
            continue
        marked = getattr(route.endpoint, _MARK, None) or getattr(mounted, _MARK, None)
        declared = marked or _declared(getattr(route, "dependant", None))
        yield str(route.path), ",".join(sorted(route.methods or ())), declared


def _declared(dependant: Any) -> str | None:
    for dependency in getattr(dependant, "dependencies", ()):
        found = getattr(dependency.call, _MARK, None) or _declared(dependency)
        if found:
            return str(found)
    return None


def check_every_route(app: Any) -> None:
    """Refuse to start with a route that declares neither a permission nor ``public()``."""
    bare = sorted(f"{methods} {path}" for path, methods, permission in permissions_of(app) if not permission)
    if bare:
        raise UndeclaredRouteError("no permission declared for: " + "; ".join(bare))


def reference_table() -> str:
    """Return docs/access.md's table: each permission, the scope a key needs, and the roles, as Markdown."""
    names = list(Role)
    lines = [
        "| permission | scope | " + " | ".join(names) + " |",
        "|---|---|" + "---|" * len(names),
    ]
    for permission, rule in PERMISSIONS.items():
        marks = " | ".join("yes" if role in rule.roles else "" for role in names)
        lines.append(f"| `{permission}` | {f'`{rule.scope}`' if rule.scope else ''} | {marks} |")
    return "\n".join(lines) + "\n"
