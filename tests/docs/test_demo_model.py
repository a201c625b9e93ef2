"""``candor demo --model``: a real server serves the example's model, and a decision is explained by asking it."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.demo.credit import SERVED_AT
from api.demo.served import PACKAGE, ServedModel
from core.http import HttpClient
from core.principal import Principal, Role
from tests.explanations import model_servers

pytestmark = pytest.mark.anyio
SERVER = "Azure ML inference server"


@pytest.fixture
def free() -> None:
    """Skip where the port that the demo's model is served at belongs to something else."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", int(SERVED_AT.rpartition(":")[2]))) == 0:
            pytest.skip(f"something else is served at {SERVED_AT} here")


def test_the_demo_explains_a_decision_by_asking_a_real_model_server(free: None, tmp_path: Path) -> None:
    assert model_servers.SERVERS[SERVER].packages == (PACKAGE,)
    model_servers.install(SERVER, tmp_path)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR")}
    command = [str(Path(sys.executable).with_name("candor")), "demo", "--port", "0", "--model"]
    environment = {**plain, "CANDOR__MODELS__SECONDS": "30"}  # a busy machine is no slow model
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        told = ""
        while "This is not a promise" not in told and "is being explained" not in told:
            line = process.stdout.readline()
            assert line, f"the demo ended:\n{told}"
            assert "can't be served" not in line, told + line
            told += line
        process.terminate()
        process.communicate(timeout=60)

    other = re.search(r"CANDOR_OTHER_DECISION=(dec_\w+)", told)
    assert other is not None
    explained = re.search(rf"{other[1]} was explained by asking it: (\d+) calls, (\d+) rows, grade ([AB])\.", told)
    assert explained is not None, told
    assert int(explained[2]) > 1000
    assert "The credit runs for a long time." in told
    with socket.socket() as probe:  # the server ended with the demo
        assert probe.connect_ex(("127.0.0.1", int(SERVED_AT.rpartition(":")[2]))) != 0


async def test_without_uv_the_demo_says_why_the_model_is_not_served_and_goes_on(
    free: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    client = HttpClient([SERVED_AT])
    by = Principal("default", "demo back-end", Role.SITE)
    part = ServedModel(client, None, by, "dec_x", tmp_path / "log", said.append)  # type: ignore[arg-type]  # it is never asked
    await part.open()
    assert part._task is not None
    await part._task
    await part.close()
    await client.close()

    [told] = said
    assert "there is no uv here to install a model server with" in told
    assert "The rest of the demo needs no model." in told
