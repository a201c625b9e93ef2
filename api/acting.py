"""Who acts, how, and for whom, as the record of a choice will say: from the caller and the request."""

from starlette.requests import HTTPConnection

from api.access import own_subject
from api.state import state_of
from consent import signals
from consent.asked import Circumstances
from core import crypto
from core.errors import FieldError, InvalidError
from core.principal import Principal, Role, Subject

BROWSERS = frozenset({Role.ANONYMOUS, Role.CUSTOMER})


def is_browser(caller: Principal) -> bool:
    """Tell whether a caller acts for himself only."""
    return caller.role in BROWSERS


def own(request: HTTPConnection, caller: Principal, method: str = "button") -> Circumstances:
    """Return the circumstances of a browser that acts for itself. Raises ``NoSubjectError`` if nobody is named."""
    return Circumstances(
        tenant=caller.tenant,
        subject=own_subject(caller),
        actor="subject",
        actor_ref=caller.id,
        method=method,
        channel="web",
        site=caller.site,
        gpc=signals.is_on(request.scope["headers"]),
    )


def named(request: HTTPConnection, tenant: str, space: str, reference: str) -> Subject:
    """Return the subject behind a tenant's own reference."""
    pepper = state_of(request).keyring.pepper
    return Subject(space, reference, crypto.pseudonym(pepper, tenant, space, reference))


def somebody(
    caller: Principal,
    subject: Subject,
    *,
    actor: str | None = None,
    method: str | None = None,
    channel: str | None = None,
    evidence: tuple[str, ...] = (),
    note: str | None = None,
) -> Circumstances:
    """Return the circumstances of a back-end or of staff acting for somebody.

    A back-end says who acted at its own page (the person by default); staff act as staff and say nothing else.
    """
    if caller.role is not Role.SITE and actor is not None:
        raise InvalidError(fields=(FieldError("/actor", "staff act as staff: leave it out"),))
    acting = (actor or "subject") if caller.role is Role.SITE else "staff"
    return Circumstances(
        tenant=caller.tenant,
        subject=subject,
        actor=acting,
        actor_ref=caller.id,
        method=method or "api",
        channel=channel or "api",
        site=caller.site,
        evidence=evidence,
        note=note,
    )
