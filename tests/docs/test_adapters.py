"""The guide to connecting a model does what it says: followed in one shell, against a demo and a home-made model."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.test_quickstart import CUT, ROOT, blocks, fits

GUIDE = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8").split("## Which adapter")[0]
SERVED = "127.0.0.1:3002"


@contextmanager
def _running(command: list[str], **options: object) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:  # type: ignore[call-overload]  # cwd and env
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture
def model() -> Iterator[str]:
    """The home-made model, served on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "home_made:app", "--port", str(port), "--log-level", "error"]
    with _running(command, cwd=ROOT / "examples" / "credit" / "servers"):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"


@pytest.fixture
def exports(model: str) -> Iterator[dict[str, str]]:
    """The variables that a running demo told to export; it may call the model."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR")}
    environment = {**plain, "CANDOR__MODELS__ALLOW_PRIVATE": f'["{model}"]', "CANDOR__MODELS__SECONDS": "20"}
    command = [str(Path(sys.executable).with_name("candor")), "demo", "--port", "0"]
    with _running(command, env=environment) as process:
        assert process.stdout is not None
        told = ""
        while "quickstart.md" not in told:
            line = process.stdout.readline()
            assert line, f"the demo did not start:\n{told}"
            told += line
        yield plain | dict(re.findall(r"export (\w+)=(\S+)", told))


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "python3"))), reason="needs bash, curl and python3")
def test_a_home_made_model_is_connected_as_the_guide_says(model: str, exports: dict[str, str], tmp_path: Path) -> None:
    (start, _), (allow, _), *steps = blocks(GUIDE)
    assert "uvicorn home_made:app --port 3002" in start
    assert f"CANDOR__MODELS__ALLOW_PRIVATE='[\"{SERVED}\"]'" in allow
    script = f"\necho; echo '{CUT}'\n".join(command.replace(SERVED, model) for command, _ in steps)

    ran = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=exports, cwd=tmp_path, check=False, timeout=120
    )

    assert ran.returncode == 0, ran.stderr
    printed = ran.stdout.split(CUT + "\n")
    for (command, promised), output in zip(steps, printed, strict=True):
        assert fits(promised, output), f"{command}\nprinted:\n{output}\n{ran.stderr}"
    explained = (tmp_path / "explanation.json").read_text()
    assert '"origin":"blackbox"' in explained
    assert '"replay_match":true' in explained
