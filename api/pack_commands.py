"""``candor packs``: list, compare, try, sign and verify rule packs."""

import sys
from pathlib import Path

import click

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def packs() -> None:
    """List, compare, try, sign and verify rule packs (docs/packs.md)."""


def _refuse(error: Exception) -> None:
    click.echo(f"candor: {error}", err=True)
    sys.exit(2)


@packs.command("list")
def list_packs() -> None:
    """List the packs this installation uses, as its settings say."""
    from api.startup import RefusedToStartError, packs_of
    from core.settings import Settings

    try:
        found = packs_of(Settings())
    except RefusedToStartError as error:
        _refuse(error)
        return
    for pack in found.packs.values():
        advisory = sum(pack.advisory(rule) for rule in pack.rules)
        click.echo(f"{pack.id:18} {pack.status:6} {len(pack.rules):3} rules, {advisory:2} advisory  {pack.name}")


@packs.command("keygen")
@click.argument("key", type=click.Path(path_type=Path))
def keygen(key: Path) -> None:
    """Make a signing key in the file KEY, mode 0600, and print its public key for the settings."""
    from disclosures.packs import signing

    try:
        click.echo(signing.new_key(key))
    except FileExistsError:
        _refuse(FileExistsError(f"there is a file {key} already; it is never overwritten"))


@packs.command("sign")
@click.argument("pack", type=_FILE)
@click.option("--key", required=True, type=_FILE, help="A private Ed25519 key, PEM without passphrase.")
def sign(pack: Path, key: Path) -> None:
    """Check PACK and write its signature beside it."""
    from disclosures.packs import loading, signing
    from disclosures.packs.errors import PackRefusedError

    try:
        loading.read_pack(pack.read_bytes(), pack.name)
        click.echo(f"Wrote {signing.sign(pack, key)}.")
    except PackRefusedError as error:
        _refuse(error)


@packs.command("verify")
@click.argument("pack", type=_FILE)
@click.option("--key", "keys", required=True, multiple=True, help="A trusted public key; may be given several times.")
def verify(pack: Path, keys: tuple[str, ...]) -> None:
    """Check that PACK is complete and that a trusted key signed exactly this."""
    from disclosures.packs import loading, signing
    from disclosures.packs.errors import PackRefusedError

    try:
        raw = signing.read_signed(pack, [signing.public_key(key) for key in keys])
        found = loading.read_pack(raw, pack.name)
    except PackRefusedError as error:
        _refuse(error)
        return
    click.echo(f"{pack.name} is signed and complete: {found.id}, {len(found.rules)} rules.")


@packs.command("diff")
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
def diff(before: Path, after: Path) -> None:
    """List the rules that differ between two versions of a pack."""
    from disclosures.packs import differences, loading
    from disclosures.packs.errors import PackRefusedError

    try:
        old, new = (loading.read_pack(path.read_bytes(), path.name) for path in (before, after))
    except PackRefusedError as error:
        _refuse(error)
        return
    for one in differences.affected(old, new):
        click.echo(f"{one.what:8} {one.rule}" + (f": {', '.join(one.fields)}" if one.fields else ""))


@packs.command("impact")
@click.argument("pack", type=_FILE)
@click.option("--tenant", default="default", show_default=True, help="Whose touchpoints and notices.")
def impact(pack: Path, tenant: str) -> None:
    """List what PACK would change against the installed packs, and the touchpoints and notices it concerns."""
    import asyncio

    from api import pack_report
    from api.startup import RefusedToStartError
    from core.settings import Settings
    from disclosures.packs.errors import PackRefusedError

    try:
        lines = asyncio.run(pack_report.told(Settings(), pack.read_bytes(), tenant))
    except (PackRefusedError, RefusedToStartError) as error:
        _refuse(error)
        return
    for line in lines:
        click.echo(line)
