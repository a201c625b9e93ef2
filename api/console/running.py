"""Running the service: sites with their snippet, API keys, who is signed in, jobs, health."""

import json
import platform
from typing import Any

from starlette.responses import Response

from api import access, contract, etag
from api import store as edge
from api.auth import api_keys, minting, service, sessions, store
from api.auth.errors import SiteNotFoundError
from api.auth.service import SiteSheet
from api.console import rendering
from api.console.desk import HOME, Desk, go
from core import ids, queue
from core.clock import DAY
from core.database import Reader, Tx
from core.errors import DomainError, InvalidError
from core.principal import Role
from ledger import service as ledger

_MOST_DAYS = 3650


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.replace(",", "\n").splitlines() if line.strip())


async def list_sites(desk: Desk) -> Response:
    """Show the sites, and the way to a new one."""
    found = await desk.state.db.read(service.sites, desk.principal)
    return rendering.page(desk, "sites.html", rows=found)


async def create_site(desk: Desk) -> Response:
    """Register a site."""
    form = await desk.form("slug", "name", "languages", "origins")
    sheet = SiteSheet(form["slug"].strip(), form["name"].strip(), _lines(form["languages"]), _lines(form["origins"]))
    _check(sheet)
    site_id, key = ids.new("site", desk.now), api_keys.new_publishable_key()
    await desk.state.db.transact(service.create_site, desk.principal, site_id, key, sheet, desk.now)
    return go(f"{HOME}/sites/{site_id}")


def _check(sheet: SiteSheet) -> None:
    """Hold a site to what the API asks of it. Raises ``InvalidError``."""
    from pydantic import ValidationError  # noqa: PLC0415 -- the wire's own rules, asked for here alone

    from api.schemas.sites import SiteIn  # noqa: PLC0415 -- the same

    try:
        SiteIn(
            slug=sheet.slug,
            name=sheet.name,
            languages=list(sheet.languages),
            origins=list(sheet.origins),
            anonymous_choices=sheet.anonymous_choices,
        )
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        raise InvalidError.field("/" + "/".join(map(str, faults[0]["loc"])), faults[0]["msg"]) from error


async def site(desk: Desk) -> Response:
    """Show one site: its fields, what to paste into its pages, its keys."""
    if not ids.is_id(desk.params["site"], "site"):
        raise SiteNotFoundError

    async def work(tx: Reader) -> tuple[Any, Any]:
        view = await service.site(tx, desk.principal, desk.params["site"])
        return view, await service.token_keys(tx, desk.principal, view.site.id)

    view, keys = await desk.state.db.read(work)
    base = desk.state.settings.serve.public_url.rstrip("/")
    language = view.languages[0]
    path = f"/t/{view.site.slug}/{language}/choices"
    return rendering.page(
        desk, "site.html", view=view, keys=keys, page=base + path, snippet=_snippet(base, view, path), base=base
    )


def _snippet(base: str, view: Any, path: str) -> str:
    from api.widget import files  # noqa: PLC0415 -- reads the scripts, which this page alone shows

    return files.snippet(base, view.site.publishable_key, view.languages[0], path)


async def change_site(desk: Desk) -> Response:
    """Change a site over the very version that was read."""
    form = await desk.form("name", "languages", "origins", "version")
    name, languages, origins = form["name"].strip(), _lines(form["languages"]), _lines(form["origins"])
    _check(SiteSheet("some-site", name, languages, origins))
    given = {
        "name": name,
        "languages": list(languages),
        "origins": list(origins),
        "anonymous_choices": form.get("anonymous_choices") == "yes",
    }
    match = etag.of(form["version"])
    await desk.state.db.transact(service.change_site, desk.principal, desk.params["site"], match, given, desk.now)
    return go(f"{HOME}/sites/{desk.params['site']}")


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
    return rendering.page(desk, "keys.html", rows=rows, sites=sites, scopes=scopes, made=token)


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


async def jobs(desk: Desk) -> Response:
    """Show what runs by itself, and what gave up."""
    found = await desk.state.db.read(queue.counts)
    return rendering.page(desk, "jobs.html", rows=found)


async def health(desk: Desk) -> Response:
    """Show whether this process and its log are well."""
    probes = [("store", await _holds(lambda: desk.state.db.read(edge.answers)))]
    probes += [(probe.name, await _holds(probe.check)) for probe in desk.state.probes]

    async def work(tx: Reader) -> tuple[Any, int]:
        return await ledger.latest_checkpoint(tx), await ledger.size(tx)

    sealed, size = await desk.state.db.read(work)
    settings = desk.state.settings
    facts = (
        ("Release", contract.VERSION),
        ("Python", platform.python_version()),
        ("Records", "PostgreSQL" if desk.state.db.dialect == "postgresql" else "SQLite, one process"),
        ("Mode", settings.serve.mode),
        ("Public address", settings.serve.public_url),
        ("Sign-in", settings.console.issuer or "one-time links, on this machine"),
        ("Rule packs", str(len(desk.state.packs.packs))),
    )
    if desk.partial:
        return rendering.fragment(desk, "health_now.html", probes=probes, sealed=sealed, size=size)
    return rendering.page(desk, "health.html", probes=probes, sealed=sealed, size=size, facts=facts)


async def _holds(check: Any) -> bool:
    try:
        return bool(await check())
    except (DomainError, OSError):
        return False
