"""What has to hold before anything is served or changed: keys, one process on one file, the schema, safe settings."""

import fcntl
import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import keys
from core.clock import Clock
from core.keys import KeyRing
from core.settings import Settings
from disclosures.packs.errors import PackRefusedError
from disclosures.packs.loading import PackSet, with_folder
from migrations import run as migrations

_SQLITE = "sqlite:///"


class RefusedToStartError(Exception):
    """Candor does not start like this; the sentence says what to do."""


def keyring_of(settings: Settings, clock: Clock) -> KeyRing:
    """Return the keys; the embedded default makes its key file at the first start, production never does."""
    path = settings.store.keys_file
    if not path.exists():
        if settings.serve.mode == "production":
            raise RefusedToStartError(f"There is no key file {path}. Make one with `candor keys init` and keep a copy.")
        keys.save(keys.generate(clock.now()), path)
    try:
        return keys.load(path)
    except keys.KeyFileError as error:
        raise RefusedToStartError(f"{error}") from None


def packs_of(settings: Settings) -> PackSet:
    """Return the rule packs. Raises ``RefusedToStartError`` for one that may not be relied upon."""
    try:
        return with_folder(settings.packs.folder, settings.packs.trusted_keys)
    except PackRefusedError as error:
        raise RefusedToStartError(f"The rule packs can't be used: {error}.") from None


@contextmanager
def sole_process(settings: Settings) -> Iterator[None]:
    """Hold the lock that lets exactly one process serve a SQLite file (two were measured at p99 of about a second)."""
    url = settings.database_url()
    if not url.startswith(_SQLITE):
        yield
        return
    path = Path(url.removeprefix(_SQLITE) + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise RefusedToStartError(
            "Another Candor already serves this SQLite file. Stop it, or use PostgreSQL to run several."
        ) from None
    try:
        yield
    finally:
        os.close(descriptor)


def check_safe(settings: Settings) -> None:
    """Raise ``RefusedToStartError`` for settings that would be dangerous."""
    serve = settings.serve
    if serve.mode == "production":
        if not serve.public_url.startswith("https:"):
            raise RefusedToStartError("In production CANDOR__SERVE__PUBLIC_URL must begin with https:.")
        if any(issuer.startswith("http:") for issuer in settings.auth.issuers):
            raise RefusedToStartError("In production every issuer must begin with https:.")
        if (settings.console.issuer or "https:").startswith("http:"):
            raise RefusedToStartError("In production CANDOR__CONSOLE__ISSUER must begin with https:.")
    elif not _is_loopback(serve.host):
        raise RefusedToStartError(
            f"The embedded mode listens on this machine only, not on {serve.host}. "
            "Set CANDOR__SERVE__MODE=production (and an https public URL) to listen elsewhere."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bring_schema_up(settings: Settings) -> None:
    """Apply missing migrations in the embedded mode; in production raise ``RefusedToStartError`` instead."""
    url = settings.database_url()
    if settings.serve.mode == "embedded":
        migrations.upgrade(url)
    elif migrations.current(url) != migrations.head():
        raise RefusedToStartError("The database is not at this release's schema. Run `candor migrate` first.")
