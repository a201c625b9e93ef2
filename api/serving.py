"""Serve: from settings to a running server, and the few acts that need an open store without one."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from api import access, server, startup
from api.app import create_app
from api.auth import api_keys, sign_in
from api.auth import service as auth
from api.auth import store as auth_store
from api.auth.tables import ApiKey
from api.compose import DEFAULT_TENANT, compose, database
from core import ids
from core.clock import DAY, SystemClock
from core.database import Database
from core.principal import Role
from core.settings import Settings

T = TypeVar("T")


def serve(settings: Settings, ready: Callable[[int, str | None], None] | None = None) -> None:
    """Serve until told to stop. Raises ``RefusedToStartError``.

    ``ready`` is called with the port and with the path of a one-time link to the consoles, if that is how one enters.
    """
    startup.check_safe(settings)
    clock = SystemClock()
    with startup.sole_process(settings):
        keyring = startup.keyring_of(settings, clock)
        startup.bring_schema_up(settings)
        link = asyncio.run(_with_store(settings, partial(_prepared, settings)))
        app = create_app(compose(settings, clock, keyring))
        access.check_every_route(app.contract)
        server.run(app, settings, None if ready is None else lambda port: ready(port, link))


async def _prepared(settings: Settings, db: Database, now: int) -> str | None:
    await first_tenant(db, now, settings.controller.name)
    return await sign_in.make_link(db, now) if enters_by_link(settings) else None


def enters_by_link(settings: Settings) -> bool:
    """Tell whether staff enter the consoles by a printed link: without an issuer, on this machine only."""
    return settings.console.issuer is None and settings.serve.mode == "embedded"


def link(settings: Settings) -> str:
    """Return a one-time link to the consoles. Raises ``RefusedToStartError`` where an issuer signs staff in."""
    if not enters_by_link(settings):
        raise startup.RefusedToStartError("Staff sign in with the identity provider here: CANDOR__CONSOLE__ISSUER.")
    startup.bring_schema_up(settings)
    path = asyncio.run(_with_store(settings, sign_in.make_link))
    return settings.serve.public_url.rstrip("/") + path


async def _with_store(settings: Settings, act: Callable[[Database, int], Awaitable[T]]) -> T:
    db = database(settings)
    await db.open()
    try:
        return await act(db, SystemClock().now())
    finally:
        await db.close()


async def first_tenant(db: Database, now: int, name: str = "This company") -> None:
    """Make the embedded default's one tenant, if there is none yet."""
    if await db.read(auth_store.tenant, DEFAULT_TENANT) is None:
        operator = auth.operator(DEFAULT_TENANT, now)
        await db.transact(auth.create_tenant, operator, DEFAULT_TENANT, name, now)


def issue_key(settings: Settings, role: str, site: str | None, name: str, days: int) -> str:
    """Store a new API key of the default tenant and return its token, to be shown once."""

    async def act(db: Database, now: int) -> str:
        await first_tenant(db, now, settings.controller.name)
        key_id = ids.new("key", now)
        made = api_keys.make(key_id)
        row = ApiKey(
            id=key_id,
            tenant=DEFAULT_TENANT,
            site=site,
            name=name,
            role=role,
            scopes=json.dumps(sorted(access.scopes_of(Role(role)))),
            digest=made.digest,
            created_at=now,
            created_by="operator",
            expires_at=now + days * DAY,
        )
        await db.transact(auth.issue_key, auth.operator(DEFAULT_TENANT, now), row, now)
        return made.token

    startup.bring_schema_up(settings)
    return asyncio.run(_with_store(settings, act))
