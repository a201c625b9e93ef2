"""``candor doctor``: what is right and wrong with this installation, each finding with what to do about it."""

import asyncio
import importlib
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api import startup
from api.compose import database
from core import keys
from core.clock import MICROS, SystemClock
from core.database import Sql
from core.errors import DomainError
from core.settings import Settings
from ledger import service as ledger
from migrations import run as migrations

_ROOMS = ("api", "jobs", "oversight", "consent", "disclosures", "ledger", "core", "migrations")
_GROUP_OR_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    said: str

    def line(self) -> str:
        """Return the finding as a line of text."""
        return f"{'ok  ' if self.good else 'BAD '} {self.what:<22} {self.said}"


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a check that fails to run is a bad finding, never an exception."""
    checks: list[tuple[str, Callable[[Settings], str]]] = [
        ("packages", _packages),
        ("settings", _settings),
        ("key file", _key_file),
        ("database", _database),
        ("schema", _schema),
        ("checkpoints", _checkpoints),
        ("file modes", _file_modes),
        ("clock", _clock),
    ]
    return [_looked_at(what, check, settings) for what, check in checks]


class _WrongError(Exception):
    """What a check found wrong."""


def _looked_at(what: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, good=True, said=check(settings))
    except (_WrongError, startup.RefusedToStartError, DomainError, keys.KeyFileError) as error:
        return Finding(what, good=False, said=str(error))
    except Exception as error:  # noqa: BLE001 -- a doctor that dies of the disease helps nobody
        return Finding(what, good=False, said=f"could not be checked ({type(error).__name__})")


def _packages(_: Settings) -> str:
    """Another wheel with a package of the same name would silently replace ours (docs/decisions/0002)."""
    roots = {str(Path(str(importlib.import_module(room).__file__)).parents[1]) for room in _ROOMS}
    if len(roots) > 1:
        raise _WrongError(
            "Candor's packages lie in several places: install it alone, with uvx, pipx or as a container."
        )
    return "all from one place"


def _settings(settings: Settings) -> str:
    startup.check_safe(settings)
    return f"{settings.serve.mode} mode, {settings.serve.public_url}"


def _key_file(settings: Settings) -> str:
    ring = keys.load(settings.store.keys_file)
    live = ", ".join(f"{use} {ring.signing(use).kid}" for use in keys.USES)
    return f"mode 0600; {live}"


def _database(settings: Settings) -> str:
    async def act() -> str:
        db = database(settings)
        await db.open()
        try:
            await db.read(lambda tx: tx.rows(Sql("SELECT 1")))
            if db.dialect == "sqlite":
                return "SQLite answers; WAL, synchronous FULL"
            row = await db.read(lambda tx: tx.row(Sql("SHOW synchronous_standby_names")))
            standby = (
                "with a synchronous standby"
                if row and row[0]
                else "WITHOUT a synchronous standby (failover may lose writes)"
            )
            return f"PostgreSQL answers, {standby}"
        finally:
            await db.close()

    return asyncio.run(act())


def _schema(settings: Settings) -> str:
    found, wanted = migrations.current(settings.database_url()), migrations.head()
    if found != wanted:
        raise _WrongError(f"at revision {found}, this release needs {wanted}: run `candor migrate`")
    return f"at revision {found}"


def _checkpoints(settings: Settings) -> str:
    async def act() -> tuple[int, int]:
        db = database(settings)
        await db.open()
        try:
            sealed = await db.read(ledger.latest_checkpoint)
            return await db.read(ledger.size), 0 if sealed is None else sealed.size
        finally:
            await db.close()

    size, sealed = asyncio.run(act())
    if settings.store.checkpoint_file is None:
        raise _WrongError("no checkpoint file is set: whoever rewrites the database could rewrite its checkpoints too")
    return f"{sealed:,} of {size:,} entries sealed"


def _file_modes(settings: Settings) -> str:
    url = settings.database_url()
    if not url.startswith("sqlite:///"):
        return "the database is a server"
    path = Path(url.removeprefix("sqlite:///"))
    if stat.S_IMODE(path.stat().st_mode) & _GROUP_OR_OTHERS:
        raise _WrongError("others may read the database file: set its mode to 0600")
    return "only the owner may read the database file"


def _clock(_: Settings) -> str:
    """The wall clock and the monotonic clock must advance alike (EVI-06)."""
    clock = SystemClock()
    wall, steady = clock.now(), time.monotonic()
    time.sleep(0.1)
    skew = abs((clock.now() - wall) / MICROS - (time.monotonic() - steady))
    if skew > 0.05:
        raise _WrongError(f"the clock moved by {skew:.2f} s while it was looked at: check time synchronisation")
    return "steady"
