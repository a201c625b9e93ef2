"""HOT PATH. Who is calling, from memory: at most 3 us for an API key. The answer to every credential there is.

A snapshot of all live tenants, sites and keys stands in each process. Ledger entries about them (``tenant.*``,
``site.*``, ``key.*``) mark it stale; the next caller then waits for a fresh one, and if the records can't be read
nobody gets in: fail closed. Credentials are taken from header fields only, never from URLs (RFC 6750, 5.3).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from api import access
from api.auth import compact, customer_tokens
from api.auth.access_tokens import AccessToken, AccessTokens
from api.auth.credentials import Credentials, read
from api.auth.errors import BadCredentialError
from api.auth.snapshot import KnownSite, Snapshot, load
from api.problems import OriginRefusedError
from core import crypto
from core.clock import MICROS, Clock
from core.database import Change, Database
from core.database.coherence import EVERYTHING
from core.database.errors import StoreUnavailableError
from core.keys import KeyRing
from core.principal import Principal, Role, Subject
from core.telemetry import logger

_log = logger("security")
_KINDS = ("tenant.", "site.", "key.")
_BEARER_KEY = b"Bearer ck_"
_LEEWAY = 30 * MICROS
_PATIENCE = 0.5  # seconds; cut off from silent records, a caller is refused at once rather than kept waiting


class Directory:
    """Authenticates callers; one for each process, made in the composition root."""

    def __init__(
        self,
        db: Database,
        keyring: KeyRing,
        clock: Clock,
        access_tokens: AccessTokens,
        *,
        own_origin: str = "",
        current: Callable[[], bool] = lambda: True,
    ) -> None:
        """Know nothing yet.

        ``own_origin`` (scheme, host, port) serves the hosted pages and is always allowed. ``current`` tells whether
        this process has been told of every committed change (``Coherence.current``); if not, each caller waits for
        a fresh snapshot.
        """
        self._db = db
        self._keyring = keyring
        self._clock = clock
        self._access_tokens = access_tokens
        self._own_origin = own_origin
        self._told = current
        self._snapshot = Snapshot.empty()
        self._keys = self._snapshot.api_keys
        self._wanted, self._held = 1, 0  # the snapshot is current while both are equal
        self._flight: asyncio.Task[None] | None = None
        self._uses: dict[str, int] = {}

    def invalidate(self) -> None:
        """Have the next caller wait for a fresh snapshot: after a change, or when this replica was cut off."""
        self._wanted += 1

    def apply(self, kind: str) -> None:
        """Take note of a committed ledger entry of this kind; ``*`` stands for all kinds."""
        if kind.startswith(_KINDS) or kind == EVERYTHING:
            self.invalidate()

    def listen(self, changes: Sequence[Change]) -> None:
        """Take note of committed changes: what ``Coherence.listen`` is given."""
        for change in changes:
            self.apply(change.kind)

    async def refresh(self, seconds: float | None = None) -> None:
        """Read a fresh snapshot, one flight for all who wait, ``seconds`` at most. Raises ``StoreUnavailableError``."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._load(), name="candor-directory")
        # A caller who gives up must not take the flight down for the others.
        try:
            await asyncio.wait_for(asyncio.shield(self._flight), seconds)
        except TimeoutError:
            raise StoreUnavailableError from None

    async def _load(self) -> None:
        began = self._wanted
        self._snapshot = await self._db.read(load, self._keyring)
        self._keys = self._snapshot.api_keys
        self._held = began

    async def _current(self) -> Snapshot:
        told = self._told()
        if not told:
            self.invalidate()
        # Twice at most: a flight may have taken off before the change this caller has to see.
        for _ in range(2):
            if self._held == self._wanted:
                break
            await self.refresh(None if told else _PATIENCE)
        return self._snapshot

    def machine(self, authorization: bytes) -> Principal | None:
        """HOT PATH. Return the owner of ``Bearer ck_...``, or ``None`` if that is not known here and now."""
        if not self._told() or self._held != self._wanted:
            return None
        return self._owner(authorization)

    def _owner(self, authorization: bytes) -> Principal | None:
        found = self._keys.get(sha256(authorization[7:]).digest())
        if found is None:
            return None
        now = self._clock.now()
        if found[1] <= now:
            return None
        principal = found[0]
        self._uses[principal.id] = now
        return principal

    def take_uses(self) -> dict[str, int]:
        """Return when which keys were seen since the last call, for ``service.note_uses``."""
        uses, self._uses = self._uses, {}
        return uses

    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Principal:
        """HOT PATH. Return the caller named by ASGI header fields.

        Raises ``BadCredentialError``, ``OriginRefusedError``, or an ``UnavailableError`` when it can't be known.
        """
        given, count = b"", 0
        for name, value in headers:
            if name == b"authorization":
                given = value
                count += 1
        if count == 1 and given.startswith(_BEARER_KEY):
            principal = self.machine(given)
            if principal is not None:
                return principal
        credentials = None
        try:
            credentials = read(headers)
            return await self._slowly(credentials)
        except BadCredentialError as error:
            method = credentials.method if credentials else "unreadable"
            _log.warning("authentication-failed", kind=method, code=error.reason)
            raise
        except OriginRefusedError:
            _log.warning("authentication-failed", kind="browser", code="origin")
            raise

    async def _slowly(self, given: Credentials) -> Principal:
        if given.bearer is None:
            return await self._anonymous(given)
        if given.method == "api-key":
            await self._current()
            found = self._owner(b"Bearer " + given.bearer.encode())
            if found is None:
                raise BadCredentialError("unknown-key")
            return found
        token = compact.parse(given.bearer)
        if token.type == customer_tokens.TYPE:
            return await self._customer(token, given)
        return await self._staff(await self._access_tokens.verify(token), given)

    async def _staff(self, token: AccessToken, given: Credentials) -> Principal:
        snapshot = await self._current()
        if token.tenant not in snapshot.tenants:
            raise BadCredentialError("tenant")
        if not token.roles:
            raise BadCredentialError("no-role")
        role = token.roles[0]
        if given.role is not None:
            acting = [held for held in token.roles if held.value == given.role]
            if not acting:
                raise BadCredentialError("role-not-held")
            role = acting[0]
        narrowed = token.scopes & access.SCOPES
        # A person's token without scopes of ours has his role's whole reach; a machine's has only what it names.
        reach = narrowed if narrowed or role is Role.SITE else access.reach_of(role)
        return Principal(
            tenant=token.tenant,
            id=token.id,
            role=role,
            scopes=reach & access.reach_of(role),
            authenticated_at=token.authenticated_at,
        )

    async def _customer(self, token: compact.Compact, given: Credentials) -> Principal:
        snapshot = await self._current()
        audience = customer_tokens.audience(token)
        site = snapshot.sites_by_key.get(audience)
        if site is None or given.site not in {None, audience}:
            raise BadCredentialError("site")
        self._check_origin(site, given)
        reference, key = customer_tokens.verify(token, site.token_keys, self._clock.now(), _LEEWAY)
        return Principal(
            tenant=site.tenant,
            id=key.id,
            role=Role.CUSTOMER,
            site=site.id,
            subject=self._subject(site.tenant, "customer", reference),
            authenticated_at=compact.time_claim(token.claims, "iat"),
        )

    async def _anonymous(self, given: Credentials) -> Principal:
        if given.site is None:
            raise BadCredentialError("missing")
        site = (await self._current()).sites_by_key.get(given.site)
        if site is None:
            raise BadCredentialError("site")
        self._check_origin(site, given)
        return self.anonymous(site, given.device)

    def anonymous(self, site: KnownSite, device: str | None) -> Principal:
        """Return the principal of a browser that proves nothing; ``device`` are 32 hex digits it was given.

        Where the site takes choices from known customers only, it has no subject.
        """
        subject = None
        if device is not None and site.anonymous_choices:
            subject = self._subject(site.tenant, "device", device)
        return Principal(tenant=site.tenant, id=site.id, role=Role.ANONYMOUS, site=site.id, subject=subject)

    def _subject(self, tenant: str, space: str, reference: str) -> Subject:
        return Subject(space, reference, crypto.pseudonym(self._keyring.pepper, tenant, space, reference))

    def _check_origin(self, site: KnownSite, given: Credentials) -> None:
        # A browser always names the page's origin; a program may lie, but then it is no page a customer looks at.
        if given.origin is not None and given.origin != self._own_origin and given.origin not in site.origins:
            raise OriginRefusedError

    def allows(self, origin: str) -> bool:
        """Tell whether any site has registered ``origin``: for CORS, which decides who may read answers."""
        return origin in self._snapshot.origins

    async def registered(self, origin: str) -> bool:
        """Tell the same from a snapshot that is current: for preflights, which come before any credential."""
        return origin in (await self._current()).origins

    async def site_by_slug(self, slug: str) -> KnownSite | None:
        """Return the live site with this short name, for hosted pages ``/t/{site}/...``."""
        return (await self._current()).sites_by_slug.get(slug)

    async def site_by_id(self, site_id: str) -> KnownSite | None:
        """Return the live site with this id."""
        return (await self._current()).sites_by_id.get(site_id)

    async def site_by_key(self, publishable_key: str) -> KnownSite | None:
        """Return the live site with this publishable key."""
        return (await self._current()).sites_by_key.get(publishable_key)
