"""Running the service: API keys, who is signed in."""

import json
from typing import Any

from starlette.responses import Response

from api import access
from api.auth import minting, service, sessions, store
from api.console import forms, rendering
from api.console.desk import HOME, Desk, go
from api.console.forms import Form
from core.clock import DAY
from core.database import Reader, Tx
from core.errors import InvalidError
from core.principal import Role

_MOST_DAYS = 3650


async def list_keys(desk: Desk) -> Response:
    """Show the API keys, and the way to a new one."""
    return await _keys(desk, None)


async def _keys(desk: Desk, token: str | None) -> Response:
    async def work(tx: Reader) -> tuple[Any, Any]:
        sites = await service.sites(tx, desk.principal) if desk.may("sites.read") else []
        return await service.api_keys(tx, desk.principal), sites

    found, sites = await desk.state.db.read(work)
    scopes = sorted(access.scopes_of(Role.SITE))
    rows = [(key, json.loads(key.scopes)) for key in reversed(found)]
    like = next((row for row in rows if row[0].id == desk.query("like")), None)
    return rendering.page(desk, "keys.html", rows=rows, sites=sites, scopes=scopes, made=token, form=_form(like))


def _form(like: tuple[Any, list[str]] | None) -> Form:
    """Return the form of a new key: empty, or of the successor of one that is there."""
    if like is None:
        return forms.filled({"name": "", "site": "", "days": "90"})
    key, scopes = like
    ticked = {f"scope-{scope}": "yes" for scope in scopes}
    return forms.filled({"name": key.name, "site": key.site or "", "days": "90", "like": key.id, **ticked})


async def create_key(desk: Desk) -> Response:
    """Make a key for a back-end and show it once."""
    form = await desk.form("name", "days")
    text = form["days"]
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_DAYS:
        raise InvalidError.field("/days", f"1 to {_MOST_DAYS:,} days")
    scopes = [scope for scope in access.scopes_of(Role.SITE) if form.get(f"scope-{scope}") == "yes"]
    if not scopes or not form["name"].strip():
        raise InvalidError.field("/scopes", "give it a name and at least one scope")
    row, token = minting.api_key(
        desk.principal,
        form["name"].strip()[:100],
        Role.SITE,
        scopes,
        desk.now,
        site=form.get("site") or None,
        expires_at=desk.now + int(text) * DAY,
    )
    await desk.state.db.transact(service.issue_key, desk.principal, row, desk.now)
    return await _keys(desk, token)  # not a redirect: the token is in this answer only


async def revoke_key(desk: Desk) -> Response:
    """Revoke a key at once and for good."""
    await desk.form()
    await desk.state.db.transact(service.revoke_key, desk.principal, desk.params["key"], desk.now)
    return go(f"{HOME}/keys")


async def staff(desk: Desk) -> Response:
    """Show who is signed in, what the provider's words stand for, and what each role may do."""
    found = await desk.state.db.read(store.sessions, desk.tenant, desk.now)
    console = desk.state.settings.console
    rows = [
        (name, rule.scope, [role in rule.roles for role in sessions.STAFF])
        for name, rule in access.PERMISSIONS.items()
        if rule.roles & set(sessions.STAFF)
    ]
    pairs = [pair.rpartition("=")[::2] for pair in console.role_map]
    claim = desk.state.settings.auth.roles_claim
    return rendering.page(
        desk,
        "staff.html",
        found=found,
        issuer=console.issuer,
        claim=claim,
        pairs=pairs,
        rows=rows,
        roles=sessions.STAFF,
    )


async def end_sessions(desk: Desk) -> Response:
    """End the sessions of one person, or all but one's own."""
    form = await desk.form("person")

    async def work(tx: Tx) -> int:
        if form["person"] == "*":
            return await store.end_other_sessions(tx, desk.tenant, desk.signed_in.digest)
        return await store.end_sessions_of(tx, desk.tenant, form["person"])

    await desk.state.db.transact(work)
    return go(f"{HOME}/staff")
