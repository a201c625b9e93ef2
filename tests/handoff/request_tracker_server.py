"""A real Request Tracker 5 for tests: Debian's packages unpacked beside the system, on SQLite, with a queue of ours."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest

from tests.handoff.synapse import free_port

QUEUE: Final = "Human"
BRIDGE: Final = "candor"
AGENTS: Final = ("ana", "ben")
SECRET: Final = "scrip-secret"
_PACKAGES = ("request-tracker5", "rt5-db-sqlite")
_SHARE = "usr/share/request-tracker5"
_PATIENCE = 120.0
_HERE = Path(__file__).parent


def root_of_tracker() -> Path:
    """Return a folder that holds Request Tracker, made once for the machine; skips the test where it can't be had."""
    given = os.environ.get("CANDOR_TEST_REQUEST_TRACKER")
    if given:
        return Path(given)
    if Path("/", _SHARE, "libexec/rt-server").exists():
        return Path("/")
    home = Path.home() / ".cache" / "candor-tests" / "request-tracker"
    if not (home / "whole").exists():
        try:
            _unpack(home)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("Request Tracker can't be fetched here; name its root in CANDOR_TEST_REQUEST_TRACKER")
    return home


def _unpack(home: Path) -> None:
    """Unpack the packages that the system lacks, and tell RT where it lives now; needs no root."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "debs").mkdir(parents=True)
    apt = ("apt-get", "-qq", "--no-install-recommends")
    if os.geteuid() == 0:
        subprocess.run(["apt-get", "-qq", "update"], check=False)
    plan = subprocess.run([*apt, "-s", "install", *_PACKAGES], check=True, capture_output=True, text=True).stdout
    names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    subprocess.run(["apt-get", "-qq", "download", *names], check=True, cwd=home / "debs")
    for package in sorted((home / "debs").glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(package), str(home)], check=True)
    shutil.rmtree(home / "debs")
    for path in (*(home / _SHARE).rglob("*"), *(home / "usr/sbin").glob("rt-*")):
        if path.is_file() and b"request-tracker5" in (raw := path.read_bytes()):
            path.write_bytes(_moved(raw, home))
    (home / "whole").touch()


def _moved(raw: bytes, home: Path) -> bytes:
    for place in (b"/usr/share/request-tracker5", b"/etc/request-tracker5"):
        for mark in (b"'", b'"'):
            raw = raw.replace(mark + place, mark + str(home).encode() + place)
    return raw


class RequestTracker:
    """One server process on a port it keeps over restarts; ``tokens`` by user."""

    def __init__(self, folder: Path, hook: str) -> None:
        """Make the database, the queue, the custom field, the users and a scrip that posts to ``hook``."""
        self._root = root_of_tracker()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._configure()
        share = str(self._root / _SHARE / "etc")
        setup = str(self._root / "usr/sbin/rt-setup-database-5")
        self._perl(setup, "--action", "init", "--skip-create", "--datadir", share)
        said = self._perl(str(_HERE / "request_tracker_setup.pl"), hook, SECRET)
        self.tokens = dict(line.split() for line in said.splitlines())

    def _configure(self) -> None:
        settings = {
            "rtname": "candor.test",
            "Organization": "candor.test",
            "WebDomain": "127.0.0.1",
            "WebPort": str(self.port),
            "DatabaseType": "SQLite",
            "DatabaseName": str(self._folder / "rt.db"),
            "LogToSTDERR": "error",
            "MailCommand": "testfile",
            "Timezone": "UTC",
        }
        lines = [f"Set(${name}, '{value}');" for name, value in settings.items()]
        lines += ["Set($LogToSyslog, undef);", "Set($LogToFile, undef);"]
        for name in ("MasonDataDir", "MasonSessionDir", "VarPath"):
            (self._folder / name).mkdir()
            lines.append(f"$RT::{name} = '{self._folder / name}';")
        (self._folder / "RT_SiteConfig.pm").write_text("\n".join([*lines, "1;"]))

    @property
    def _env(self) -> dict[str, str]:
        root = self._root
        libraries = [root / _SHARE / "lib", root / "etc/perl", root / "usr/share/perl5"]
        libraries += sorted((root / "usr/lib").glob("*/perl5/5.*")) + sorted((root / "usr/lib").glob("*/perl5"))
        return {
            **os.environ,
            "PERL5LIB": ":".join(map(str, libraries)),
            "LD_LIBRARY_PATH": ":".join(map(str, sorted((root / "usr/lib").glob("*-linux-gnu")))),
            "RT_SITE_CONFIG": str(self._folder / "RT_SiteConfig.pm"),
            "RT_SITE_CONFIG_DIR": str(self._folder / "none"),
        }

    def _perl(self, *command: str) -> str:
        done = subprocess.run(
            ["perl", *command], env=self._env, cwd=self._folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self) -> None:
        """Start and wait until it answers."""
        server = str(self._root / _SHARE / "libexec/rt-server")
        command = ["perl", server, "--server", "Starlet", "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "--max-workers", "2"], env=self._env, cwd=self._folder, stdout=sys.stderr, stderr=sys.stderr
        )
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            assert self._process.poll() is None, "Request Tracker ended at once"
            try:
                if self.ask(BRIDGE, "GET", "/rt")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("Request Tracker did not start")

    def stop(self) -> None:
        """End it with its workers."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    def ask(self, user: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Call REST2 as a user and return status and answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"token {self.tokens[user]}", "Content-Type": "application/json"}
        connection.request(method, f"/REST/2.0{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        return answer.status, json.loads(raw or b"null")
