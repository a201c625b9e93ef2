"""A real Matrix homeserver for tests: Synapse in an environment of its own, with our application service registered."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SERVER = "candor.test"
AS_TOKEN = "as-" + "a" * 40
HS_TOKEN = "hs-" + "b" * 40
AGENTS = ("ana", "ben")
_PATIENCE = 90.0
_QUIET = """version: 1
formatters: {plain: {format: '%(message)s'}}
handlers: {file: {class: logging.FileHandler, filename: LOG, formatter: plain}}
root: {level: WARNING, handlers: [file]}
"""


def python_with_synapse() -> str:
    """Return a Python that has Synapse, made once for the machine; skips the test where it can't be had."""
    given = os.environ.get("CANDOR_TEST_SYNAPSE")
    if given:
        return given
    home = Path.home() / ".cache" / "candor-tests" / "synapse"
    python = home / "bin" / "python"
    uv = shutil.which("uv")
    if not python.exists() and uv is not None:
        subprocess.run([uv, "venv", "-q", str(home)], check=False)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(python), "matrix-synapse"], check=False)
    probe = (
        subprocess.run([str(python), "-c", "import synapse"], check=False, capture_output=True)
        if python.exists()
        else None
    )
    if probe is None or probe.returncode:
        pytest.skip("Synapse can't be installed here; name a Python that has it in CANDOR_TEST_SYNAPSE")
    return str(python)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Synapse:
    """One homeserver process on a port it keeps over restarts, and agents who live there."""

    def __init__(self, folder: Path, hook: str) -> None:
        """Write the configuration; ``hook`` is where the application service listens."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._python = python_with_synapse()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.tokens: dict[str, str] = {}
        self._configure(hook)

    def _configure(self, hook: str) -> None:
        service = {
            "id": "candor",
            "url": hook,
            "as_token": AS_TOKEN,
            "hs_token": HS_TOKEN,
            "sender_localpart": "candor",
            "rate_limited": False,
            "namespaces": {
                "users": [{"exclusive": True, "regex": f"@cust_.*:{SERVER}"}],
                "aliases": [{"exclusive": True, "regex": f"#handoff_.*:{SERVER}"}],
                "rooms": [],
            },
        }
        (self._folder / "service.yaml").write_text(json.dumps(service))  # JSON is YAML
        (self._folder / "log.yaml").write_text(_QUIET.replace("LOG", str(self._folder / "synapse.log")))
        listener = {
            "port": self.port,
            "type": "http",
            "tls": False,
            "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["client"]}],
        }
        settings: dict[str, Any] = {
            "server_name": SERVER,
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(self._folder / "synapse.db")}},
            "app_service_config_files": [str(self._folder / "service.yaml")],
            "log_config": str(self._folder / "log.yaml"),
            "media_store_path": str(self._folder / "media"),
            "signing_key_path": str(self._folder / "signing.key"),
            "registration_shared_secret": "shared",
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "report_stats": False,
            "trusted_key_servers": [],
            "macaroon_secret_key": "macaroon",
            "form_secret": "form",
        }
        for name in ("message", "registration", "login", "joins", "invites"):
            fast = {"per_second": 1000, "burst_count": 1000}
            nested = {
                "login": ("address", "account"),
                "joins": ("local", "remote"),
                "invites": ("per_room", "per_user"),
            }
            settings[f"rc_{name}"] = dict.fromkeys(nested[name], fast) if name in nested else fast
        (self._folder / "homeserver.yaml").write_text(json.dumps(settings))

    def start(self) -> None:
        """Start and wait until it answers."""
        config = str(self._folder / "homeserver.yaml")
        command = [self._python, "-m", "synapse.app.homeserver", "-c", config]
        if not (self._folder / "signing.key").exists():
            subprocess.run([*command, "--generate-keys"], check=True, cwd=self._folder, capture_output=True)
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=sys.stderr, stderr=sys.stderr)
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            assert self._process.poll() is None, (self._folder / "synapse.log").read_text()[-2000:]
            try:
                if self.ask("GET", "/_matrix/client/versions")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("Synapse did not start")

    def kill(self) -> None:
        """Kill the process."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def ask(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """Call the homeserver and return status and answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        return answer.status, json.loads(raw or b"null")

    def agents(self) -> None:
        """Register the agents."""
        for name in AGENTS:
            body = {"username": name, "password": "pw-" + name, "auth": {"type": "m.login.dummy"}}
            status, made = self.ask("POST", "/_matrix/client/v3/register", body)
            assert status == 200, made
            self.tokens[name] = made["access_token"]

    def act(self, name: str, method: str, path: str, body: object = None) -> Any:
        """Do something as an agent."""
        status, made = self.ask(method, f"/_matrix/client/v3{path}", body, self.tokens[name])
        assert status == 200, made
        return made
