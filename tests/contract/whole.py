"""A whole Candor for tests of its contract: composed as in production, with a credential of every role."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from api import access, contract
from api.app import Application, create_app, declare
from api.auth import api_keys, service
from api.auth.service import SiteSheet, operator
from api.auth.tables import ApiKey
from api.compose import compose
from core import ids
from core.clock import SystemClock
from core.database import Reader, Sql, Tx
from core.keys import KeyRing
from core.principal import Role
from core.settings import LimitSettings, ServeSettings, Settings, StoreSettings
from ledger import service as ledger
from migrations.tables import metadata

TENANT = "default"
ORIGIN = "https://shop.example"
MACHINES = (Role.SITE, Role.DPO, Role.ADMIN, Role.AUDITOR, Role.AGENT)
MOVING = {"replica", "job"}  # rows that change by themselves
Headers = dict[str, str]


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    method: str
    path: str
    permission: str | None
    declared: dict[str, Any]

    @property
    def takes_body(self) -> bool:
        """Whether requests of this operation have a body."""
        return "requestBody" in self.declared

    def sample_path(self) -> str:
        """Return the path with an id of the right shape for each parameter, of nothing that exists."""
        filled = self.path
        for parameter in self.declared.get("parameters", ()):
            if parameter["in"] == "path":
                filled = filled.replace(f"{{{parameter['name']}}}", f"none_{'0' * 32}")
        return filled


@cache
def _paths() -> dict[str, Any]:
    """Return the paths of the contract: the same for every Candor of a run, and slow to write down."""
    paths: dict[str, Any] = contract.document(declare())["paths"]
    return paths


@dataclass
class Whole:
    """A running Candor."""

    app: Application
    settings: Settings
    credentials: dict[str, Headers] = field(default_factory=dict)

    def operations(self) -> list[Operation]:
        """Return every operation of the contract."""
        return [
            Operation(method.upper(), path, declared.get("x-permission"), declared)
            for path, item in _paths().items()
            for method, declared in item.items()
        ]

    def credential(self, permission: str | None) -> Headers:
        """Return a credential that has ``permission``, and so reaches the operation itself."""
        if permission is None:
            return {}
        roles = access.PERMISSIONS[permission].roles
        machine = next((role for role in MACHINES if role in roles), None)
        return self.credentials[machine.value if machine else "anonymous"]

    def client(self) -> httpx.AsyncClient:
        """Call it in process."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1")

    async def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        return await self.app.state.db.read(_counts)


async def _counts(tx: Reader) -> dict[str, int]:
    found = {}
    for table in metadata.sorted_tables:
        if table.name not in MOVING:
            row = await tx.row(Sql(f'SELECT count(*) FROM "{table.name}"'))
            found[table.name] = int(row[0]) if row else 0
    return found


def _key(role: Role, at: int) -> tuple[ApiKey, str]:
    key_id = ids.new("key", at)
    made = api_keys.make(key_id)
    row = ApiKey(
        id=key_id,
        tenant=TENANT,
        name=f"{role}-key",
        role=role.value,
        scopes=json.dumps(sorted(access.reach_of(role))),
        digest=made.digest,
        created_at=at,
        created_by="operator",
    )
    return row, made.token


async def _people(tx: Tx, at: int) -> dict[str, Headers]:
    """Make a tenant, a site and a key of each role; staff usually comes with tokens of an identity provider."""
    by = operator(TENANT, at)
    await service.create_tenant(tx, by, TENANT, "The shop", at)
    publishable = api_keys.new_publishable_key()
    sheet = SiteSheet("shop", "Shop", ("en",), (ORIGIN,))
    await service.create_site(tx, by, ids.new("site", at), publishable, sheet, at)
    credentials = {"anonymous": {"X-Candor-Site": publishable, "X-Candor-Device": "0f" * 16}}
    for role in MACHINES:
        row, token = _key(role, at)
        tx.add(row)
        credentials[role.value] = {"Authorization": f"Bearer {token}"}
    return credentials


@asynccontextmanager
async def running(database_url: str, keyring: KeyRing) -> AsyncIterator[Whole]:
    """Run a whole Candor over a migrated, empty database, without its background jobs."""
    settings = Settings(
        store=StoreSettings(url=database_url, checkpoint_file=None),  # type: ignore[arg-type]  # pydantic wraps the secret
        serve=ServeSettings(port=0, head_seconds=2, body_seconds=2),
        limits=LimitSettings(customer_per_minute=1_000_000, machine_per_minute=1_000_000),
    )
    app = create_app(compose(settings, SystemClock(), keyring, with_jobs=False))
    async with app.contract.router.lifespan_context(app.contract):
        db, now = app.state.db, app.state.clock.now()
        credentials = await db.transact(_people, now)
        await db.transact(ledger.seal, keyring, settings.ledger.origin, now)
        yield Whole(app, settings, credentials)
