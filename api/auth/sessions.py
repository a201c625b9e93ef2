"""Staff sessions: 256 random bits in a cookie, their SHA-256 in the records, everything else on the server.

A session ends when nobody uses it for a while, after some hours in any case, when its person signs out, when the
issuer says so (OpenID Connect Back-Channel Logout), or when an administrator ends it. A new number is given at every
sign-in and whenever somebody changes the role acted in. Sign-in is kept apart from the rest by its age: exports and
erasures ask for a fresh one.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from api import access
from api.auth import store
from api.auth.errors import BadCredentialError
from api.auth.tables import ConsoleSession, OneTime
from core import canonical
from core.clock import MICROS
from core.database import Reader, Tx
from core.errors import ForbiddenError
from core.principal import Principal, Role
from core.settings import ConsoleSettings
from core.telemetry import logger

_log = logger("security")
STAFF = (Role.AGENT, Role.DPO, Role.AUDITOR, Role.ADMIN)
_MINUTE = 60 * MICROS
_NOTED_EVERY = _MINUTE
_REASON_LASTS = 30 * _MINUTE
_MOST_REASONS = 20


class FreshSignInNeededError(ForbiddenError):
    """This takes a sign-in of the last minutes: step-up."""

    code = "fresh-sign-in-needed"
    title = "Sign in again to do this."
    advice = "Exports and erasures need a sign-in of the last minutes."


class RoleNotHeldError(ForbiddenError):
    """Nobody acts in a role that his identity provider does not give him."""

    code = "role-not-held"
    title = "You don't have this role."


@dataclass(frozen=True, slots=True)
class Staff:
    """Who signed in: ``person`` names issuer and subject without showing them; ``roles`` in the issuer's order."""

    tenant: str
    person: str
    name: str
    roles: tuple[Role, ...]
    authenticated_at: int
    issuer_session: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A live session with the caller it stands for."""

    digest: bytes
    staff: Staff
    principal: Principal
    created_at: int
    seen_at: int
    ends_at: int
    because: dict[str, Any]

    def reason(self, subject: bytes, at: int) -> str | None:
        """Return why this person's record is being read, if that was said within the last half hour."""
        held = self.because.get(subject.hex())
        return str(held[0]) if held is not None and at - int(held[1]) < _REASON_LASTS else None


def digest_of(number: str) -> bytes:
    """Return what is stored of a cookie's number."""
    return sha256(b"console-session:" + number.encode()).digest()


def _session(row: ConsoleSession) -> Session:
    roles = tuple(Role(word) for word in canonical.loads(row.roles))
    staff = Staff(row.tenant, row.person, row.name, roles, row.authenticated_at, row.issuer_session)
    role = Role(row.role)
    principal = Principal(
        tenant=row.tenant,
        id=row.person,
        role=role,
        scopes=access.reach_of(role),
        authenticated_at=row.authenticated_at,
    )
    because = canonical.loads(row.because)
    return Session(row.digest, staff, principal, row.created_at, row.seen_at, row.ends_at, because)


def open_session(tx: Tx, staff: Staff, number: str, role: Role, now: int, settings: ConsoleSettings) -> Session:
    """Open a session whose cookie holds ``number``. Raises ``RoleNotHeldError``."""
    if role not in staff.roles:
        raise RoleNotHeldError
    row = ConsoleSession(
        digest=digest_of(number),
        tenant=staff.tenant,
        person=staff.person,
        name=staff.name,
        roles=canonical.dumps([held.value for held in staff.roles]).decode(),
        role=role.value,
        issuer_session=staff.issuer_session,
        because="{}",
        authenticated_at=staff.authenticated_at,
        created_at=now,
        seen_at=now,
        ends_at=now + settings.longest_hours * 60 * _MINUTE,
    )
    tx.add(row)
    return _session(row)


async def opened(tx: Tx, staff: Staff, number: str, role: Role, now: int, settings: ConsoleSettings) -> Session:
    """Do the same as a work of its own."""
    return open_session(tx, staff, number, role, now, settings)


def new_number() -> str:
    """Make the number of a session: 256 random bits."""
    return secrets.token_urlsafe(32)


async def find(tx: Reader, number: str, now: int, settings: ConsoleSettings) -> Session | None:
    """Return the live session of a cookie; nothing for one that ended or was left unused."""
    row = await store.session(tx, digest_of(number))
    if row is None or row.ends_at <= now or row.seen_at + settings.idle_minutes * _MINUTE <= now:
        return None
    return _session(row)


def due_to_note(session: Session, now: int) -> bool:
    """Tell whether this use of a session should be written down: once a minute is enough."""
    return now - session.seen_at >= _NOTED_EVERY


async def act_as(tx: Tx, session: Session, role: Role, number: str, now: int, settings: ConsoleSettings) -> Session:
    """Go on in another of one's roles, under a new number. Raises ``RoleNotHeldError``."""
    fresh = open_session(tx, session.staff, number, role, now, settings)
    await store.end_session(tx, session.digest)
    return fresh


async def give_reason(tx: Tx, session: Session, subject: bytes, reason: str, now: int) -> None:
    """Keep why a person's record is read, for half an hour of this session."""
    kept = {key: held for key, held in session.because.items() if now - int(held[1]) < _REASON_LASTS}
    newest = dict(list(kept.items())[-_MOST_REASONS:])
    newest[subject.hex()] = [reason, now]
    await store.note_because(tx, session.digest, canonical.dumps(newest).decode())


def require_fresh(session: Session, now: int, settings: ConsoleSettings) -> None:
    """Raise ``FreshSignInNeededError`` unless the person signed in within the last minutes (step-up)."""
    if now - session.staff.authenticated_at > settings.fresh_minutes * _MINUTE:
        raise FreshSignInNeededError


def one_time_digest(kind: str, secret: str) -> bytes:
    """Return the name of something good for one use; its kind is part of it."""
    return sha256(f"{kind}:{secret}".encode()).digest()


def keep_one_time(tx: Tx, kind: str, secret: str, content: dict[str, Any], ends_at: int) -> None:
    """Keep something good for one use. Raises ``DuplicateError`` at the end of the work if it was kept before."""
    digest = one_time_digest(kind, secret)
    tx.add(OneTime(digest=digest, content=canonical.dumps(content).decode(), ends_at=ends_at))


async def use_one_time(tx: Tx, kind: str, secret: str, now: int) -> dict[str, Any]:
    """Use it up. Raises ``BadCredentialError`` if it is unknown, over, or was used before."""
    content = await store.use_one_time(tx, one_time_digest(kind, secret), now)
    if content is None:
        raise BadCredentialError(f"{kind}-used-or-over")
    found: dict[str, Any] = canonical.loads(content)
    return found


def note(event: str, session: Session) -> None:
    """Write a sign-in, a sign-out or a change of role into the security log."""
    _log.info(event, principal=session.principal.id, role=session.principal.role.value, tenant=session.staff.tenant)
