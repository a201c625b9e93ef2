"""A small identity provider that really listens, and a bench to forge tokens on."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from api import access
from api.app import create_app
from api.auth import api_keys, minting, service
from api.auth.access_tokens import AccessTokens
from api.auth.directory import Directory
from api.auth.service import SiteSheet, SiteView, operator
from api.auth.tables import SiteTokenKey
from api.state import AppState
from core import ids
from core.clock import MICROS, FixedClock
from core.database import Change, Database, Journal
from core.http import HttpClient
from core.keys import KeyRing
from core.principal import Principal, Role
from core.settings import AuthSettings, Settings
from ledger import service as ledger
from ledger.journal import LedgerJournal


def b64(raw: bytes | str) -> str:
    """Encode as a part of a compact token."""
    return base64.urlsafe_b64encode(raw if isinstance(raw, bytes) else raw.encode()).rstrip(b"=").decode()


def signed(header: dict[str, Any] | str, claims: dict[str, Any] | str, key: Key, algorithm: str) -> str:
    """Sign anything, also what no honest issuer would."""
    head = b64(header if isinstance(header, str) else json.dumps(header))
    body = b64(claims if isinstance(claims, str) else json.dumps(claims))
    proof = jws.JWSRegistry.algorithms[algorithm].sign(f"{head}.{body}".encode(), key)
    return f"{head}.{body}.{b64(proof)}"


@dataclass
class Issuer:
    """An identity provider: its URL, its keys, how often it was asked, and whether it answers."""

    url: str = ""
    keys: list[Key] = field(default_factory=list)
    extra: list[Any] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: int = 0
    down: bool = False

    def document(self, path: str) -> Any:
        """Return what stands at ``path``."""
        if path == "/keys":
            self.asked += 1
            return {"keys": [*(key.as_dict(private=False) for key in self.keys), *self.extra]}
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.metadata}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and hang up."""
        head = await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(self.document(head.split(b" ")[1].decode())).encode()
        status = b"503 No" if self.down else b"200 OK"
        fields = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        writer.write(b"HTTP/1.1 " + status + b"\r\n" + fields + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def make_issuer() -> AsyncIterator[Callable[..., Any]]:
    """Start identity providers; they stop with the test."""
    servers: list[asyncio.Server] = []

    async def make(*keys: Key) -> Issuer:
        issuer = Issuer(keys=list(keys))
        server = await asyncio.start_server(issuer.serve, "127.0.0.1", 0)
        servers.append(server)
        issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return issuer

    yield make
    for server in servers:
        server.close()


def _key(kind: type[Any], parameter: Any, kid: str) -> Any:
    return kind.generate_key(parameter, {"kid": kid}, private=True)


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    """An RSA key with kid ``r1``."""
    key: RSAKey = _key(RSAKey, 2048, "r1")
    return key


@pytest.fixture(scope="session")
def ec_key() -> ECKey:
    """A P-256 key with kid ``e1``."""
    key: ECKey = _key(ECKey, "P-256", "e1")
    return key


@pytest.fixture(scope="session")
def ed_key() -> OKPKey:
    """An Ed25519 key with kid ``d1``."""
    key: OKPKey = _key(OKPKey, "Ed25519", "d1")
    return key


@dataclass
class Bench:
    """What a test of access tokens needs: providers, a clock, and a way to sign for them."""

    issuer: Issuer
    clock: FixedClock
    tokens: AccessTokens
    key: Key

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return good claims with some changed; ``None`` removes one."""
        now = self.clock.now() // MICROS
        good = {"iss": self.issuer.url, "aud": "candor", "sub": "u-1", "iat": now, "exp": now + 600}
        good |= {"roles": ["dpo"], **changes}
        return {name: value for name, value in good.items() if value is not None}

    def token(
        self,
        claims: dict[str, Any] | str | None = None,
        key: Key | None = None,
        algorithm: str = "RS256",
        **header: Any,
    ) -> str:
        """Sign claims; header members given replace the good ones, ``None`` removes one."""
        used = key or self.key
        good = {"alg": algorithm, "typ": "at+jwt", "kid": used.kid, **header}
        head = {name: value for name, value in good.items() if value is not None}
        return signed(head, self.claims() if claims is None else claims, used, algorithm)


@pytest.fixture
async def bench(make_issuer: Callable[..., Any], clock: FixedClock, rsa_key: RSAKey) -> AsyncIterator[Bench]:
    """One provider with one RSA key, and the verifier that trusts it."""
    issuer = await make_issuer(rsa_key)
    async for made in _bench_for([issuer], clock, rsa_key):
        yield made


async def _bench_for(issuers: list[Issuer], clock: FixedClock, key: Key) -> AsyncIterator[Bench]:
    client = HttpClient([issuer.url.removeprefix("http://") for issuer in issuers])
    settings = AuthSettings(issuers=tuple(issuer.url for issuer in issuers))
    yield Bench(issuers[0], clock, AccessTokens(settings, client, clock), key)
    await client.close()


@pytest.fixture
async def two_issuers(
    make_issuer: Callable[..., Any], clock: FixedClock, rsa_key: RSAKey, ec_key: ECKey
) -> AsyncIterator[tuple[Bench, Issuer]]:
    """Two trusted providers; the second signs with the P-256 key."""
    first, second = await make_issuer(rsa_key), await make_issuer(ec_key)
    async for made in _bench_for([first, second], clock, rsa_key):
        yield made, second


@pytest.fixture
def journal() -> Journal:
    """The real ledger, so that every change is seen to stand in it."""
    return LedgerJournal()


Listener = Callable[[Sequence[Change]], None]


@pytest.fixture
def listeners() -> list[Listener]:
    """Who is told of every commit before its caller is answered."""
    return []


@pytest.fixture
async def db(database_url: str, journal: Journal, listeners: list[Listener]) -> AsyncIterator[Database]:
    """An open database that tells ``listeners`` of its commits."""

    async def announce(changes: Sequence[Change]) -> None:
        for listener in listeners:
            listener(changes)

    database = Database(database_url, journal)
    database.on_commit(announce)
    await database.open()
    yield database
    await database.close()


@dataclass
class World:
    """Two tenants with sites and keys, and the directory that knows them."""

    db: Database
    clock: FixedClock
    keyring: KeyRing
    directory: Directory
    app: Any
    sites: dict[str, SiteView] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    async def admin(self, tenant: str) -> Principal:
        """Return a tenant's administrator."""
        return operator(tenant, self.clock.now())

    async def key(self, tenant: str, role: Role = Role.SITE, **changes: Any) -> str:
        """Make an API key and return its token."""
        admin, now = await self.admin(tenant), self.clock.now()
        scopes = changes.pop("scopes", access.reach_of(role))
        row, token = minting.api_key(admin, changes.pop("name", token_hex(4)), role, scopes, now, **changes)
        await self.db.transact(service.issue_key, admin, row, now)
        return token

    async def site(self, tenant: str, slug: str, **changes: Any) -> SiteView:
        """Make a site with one origin."""
        sheet = SiteSheet(slug, slug.title(), ("en", "de"), (f"https://{slug}.example",), **changes)
        now = self.clock.now()
        made = await self.db.transact(
            service.create_site,
            await self.admin(tenant),
            ids.new("site", now),
            api_keys.new_publishable_key(),
            sheet,
            now,
        )
        self.sites[slug] = made
        return made

    async def customer_key(self, slug: str, key: OKPKey | ECKey | None = None) -> SiteTokenKey:
        """Register a public key, or a secret, of a site's back-end."""
        site, now = self.sites[slug].site, self.clock.now()
        admin = await self.admin(site.tenant)
        offer = {"secret": b64(b"s" * 32)} if key is None else {"public_key": key.as_pem(private=False).decode()}
        row, _ = minting.token_key(admin, self.keyring, site.id, now, kid="k1", **offer)
        return await self.db.transact(service.add_token_key, admin, row, now)

    def customer_token(self, slug: str, key: Key, algorithm: str = "Ed25519", **changes: Any) -> str:
        """Vouch for a customer as the site's back-end does."""
        now = self.clock.now() // MICROS
        claims: dict[str, Any] = {"aud": self.sites[slug].site.publishable_key, "sub": "customer-1", "jti": "1"}
        claims |= {"iat": now, "exp": now + 900, **changes}
        return signed({"alg": algorithm, "typ": "customer+jwt", "kid": "k1"}, claims, key, algorithm)

    def client(self, bearer: str | None = None, **headers: str) -> httpx.AsyncClient:
        """Return a client that sends this credential."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if bearer is not None:
            given["authorization"] = f"Bearer {bearer}"
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=given)

    async def entries(self) -> list[tuple[str, dict[str, Any]]]:
        """Return kind and public facts of every ledger entry."""
        rows = await self.db.read(ledger.entries, -1, 1000)
        return [(row.kind, json.loads(row.body)["public"]) for row in rows]


@pytest.fixture
async def world(db: Database, clock: FixedClock, keyring: KeyRing, listeners: list[Listener]) -> World:
    """Tenant ``ten_a`` with the sites ``shop`` and ``bank``, tenant ``ten_b`` with ``rival``."""
    settings = Settings()
    tokens = AccessTokens(settings.auth, HttpClient(), clock)
    directory = Directory(db, keyring, clock, tokens, own_origin="https://candor.example")
    state = AppState(settings, db, clock, keyring, directory)
    made = World(db, clock, keyring, directory, create_app(state))
    listeners.append(directory.listen)
    for tenant in ("ten_a", "ten_b"):
        await db.transact(service.create_tenant, operator(tenant, 0), tenant, tenant, clock.now())
    for tenant, slug in (("ten_a", "shop"), ("ten_a", "bank"), ("ten_b", "rival")):
        await made.site(tenant, slug)
    return made
