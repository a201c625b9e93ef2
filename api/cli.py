"""The ``candor`` command: serve, link, demo, migrate, doctor, verify, keys, packs, openapi."""

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from api.pack_commands import packs
from core.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="candor", message="%(version)s")
def main() -> None:
    """Candor: transparency and consent for customers of companies that use AI on them."""
    os.umask(0o077)  # what is written here is for its owner alone


main.add_command(packs)


def _refuse(error: Exception) -> None:
    click.echo(f"candor: {error}", err=True)
    sys.exit(2)


@main.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the API and the customers' pages."""
    gc.disable()  # what a start makes is kept: looking for garbage takes a sixth of its CPU; the server turns it on
    from api import serving
    from api.startup import RefusedToStartError

    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings()
    settings = settings.model_copy(update={"serve": settings.serve.model_copy(update=changes)})

    def ready(bound: int, link: str | None) -> None:
        click.echo(f"Candor serves on {settings.serve.host}:{bound}.", err=True)
        if link is not None:
            said = f"The consoles, once and within ten minutes: http://{settings.serve.host}:{bound}{link}"
            click.echo(f"{said}\nAnother link: candor link", err=True)

    try:
        serving.serve(settings, ready)
    except RefusedToStartError as error:
        _refuse(error)


@main.command()
def link() -> None:
    """Print a link that opens the consoles once, within ten minutes, on this machine."""
    from api import serving
    from api.startup import RefusedToStartError

    try:
        click.echo(serving.link(Settings()))
    except RefusedToStartError as error:
        _refuse(error)


@main.command()
@click.option("--port", type=int, default=8787, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the demo here; by default it is thrown away.")
@click.option("--model", is_flag=True, help="Serve the credit model too, by a real model server (installed by uv).")
def demo(port: int, folder: Path | None, *, model: bool) -> None:
    """Start a demo company on this machine, print what to open and what to try, and keep running."""
    from api.demo import run
    from api.startup import RefusedToStartError

    try:
        run.run(port, folder, model=model)
    except RefusedToStartError as error:
        _refuse(error)


@main.command()
def migrate() -> None:
    """Bring the database to this release's schema."""
    from migrations import run

    run.upgrade(Settings().database_url())
    click.echo(f"The database is at revision {run.head()}.")


@main.command()
def doctor() -> None:
    """Check the installation and say what to do about what is wrong."""
    from api import doctor as checks

    findings = checks.examine(Settings())
    for finding in findings:
        click.echo(finding.line())
    sys.exit(1 if any(not finding.good for finding in findings) else 0)


@main.command()
@click.option("--export", "folder", type=click.Path(path_type=Path, exists=True), help="Verify an export, offline.")
def verify(folder: Path | None) -> None:
    """Re-hash the whole ledger and compare every record with it; name the first row that is wrong."""
    from api import verification

    report = verification.verify_export(folder) if folder else verification.verify(Settings())
    for line in report.lines:
        click.echo(line)
    sys.exit(0 if report.good else 1)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write the ledger to FOLDER (C2SP tiles, entries, checkpoints, public keys) for offline verification."""
    from api import verification

    click.echo(verification.export(Settings(), folder))


@main.group()
def keys() -> None:
    """Make, list and rotate keys."""


@keys.command("init")
def keys_init() -> None:
    """Make the key file."""
    from core import keys as ring
    from core.clock import SystemClock

    path = Settings().store.keys_file
    if path.exists():
        _refuse(FileExistsError(f"there is a key file {path} already; it is never overwritten"))
    ring.save(ring.generate(SystemClock().now()), path)
    click.echo(f"Made {path}, mode 0600. Keep a copy apart from the database's backups.")


@keys.command("list")
def keys_list() -> None:
    """List signing keys; shows no secret."""
    from core import keys as ring
    from core.clock import rfc3339

    for key in ring.load(Settings().store.keys_file).signing_keys:
        state = "live" if key.retired_at is None else f"retired {rfc3339(key.retired_at)}"
        click.echo(f"{key.use:8} {key.kid}  made {rfc3339(key.created_at)}  {state}")


@keys.command("rotate")
@click.argument("use", type=click.Choice(["ledger", "receipt", "offer", "encryption"]))
def keys_rotate(use: Any) -> None:
    """Make a new key for USE; the old one goes on verifying. Restart Candor afterwards."""
    from core import keys as ring
    from core.clock import SystemClock

    path = Settings().store.keys_file
    held = ring.load(path)
    ring.save(held.with_new_kek() if use == "encryption" else held.rotated(use, SystemClock().now()), path)
    click.echo(f"Made a new {use} key. Restart every Candor that uses {path}.")


@keys.command("issue")
@click.option("--role", type=click.Choice(["admin", "site"]), default="admin", show_default=True)
@click.option("--site", help="The site (site_...) that a site's key belongs to.")
@click.option("--name", default="made by candor keys issue", show_default=True)
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Days until it expires.")
def keys_issue(role: str, site: str | None, name: str, days: int) -> None:
    """Make an API key and print it once."""
    from api import serving

    click.echo(serving.issue_key(Settings(), role, site, name, days))


@main.command()
def openapi() -> None:
    """Print the OpenAPI document of this release."""
    from api import contract, routes
    from api.app import declare

    click.echo(json.dumps(contract.document(declare(routes.routers())), indent=1, sort_keys=True))


@main.command()
@click.argument("site_key")
@click.option("--lang", default="en", show_default=True, help="The page's language (BCP 47).")
@click.option("--slug", default=None, help="The site's short name, for the link that works without scripts.")
def embed(site_key: str, lang: str, slug: str | None) -> None:
    """Print the lines that embed the widget in a page, with the script's hash."""
    from api.widget.files import snippet

    page = f"/t/{slug}/{lang}" if slug else "/"
    click.echo(snippet(Settings().serve.public_url.rstrip("/"), site_key, lang, page))
