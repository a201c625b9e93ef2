"""The embed guide does what it says, from an empty folder to the lines of the page (docs/embed.md)."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.docs.test_quickstart import CUT, ROOT, blocks, fits

PAGE = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8").split("## What next")[0]
STOP = "trap 'kill $(jobs -p)' EXIT\n"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "uv"))), reason="needs bash and curl")
def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    port, other, third = (str(free_port()) for _ in range(3))
    page = PAGE.replace("$(mktemp -d)", str(tmp_path)).replace("8787", port).replace("8000", other)
    served = f"CANDOR__SERVE__PORT={port} CANDOR__SERVE__PUBLIC_URL=http://127.0.0.1:{port} uv run candor"
    page = page.replace("uv run candor serve", f"{served} serve").replace("uv run candor embed", f"{served} embed")
    steps = blocks(page.replace("8788", third))
    script = STOP + f"\necho '{CUT}'\n".join(command for command, _ in steps)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR")}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    for (command, promised), printed in zip(steps, ran.stdout.split(CUT), strict=True):
        assert fits(promised, printed), f"{command}\nprinted\n{printed}"
    obeying = (tmp_path / "obeying.html").read_text(encoding="utf-8")
    assert f"http://127.0.0.1:{third}/widget/" in obeying
    assert f"http://127.0.0.1:{third}/t/mine/en" in obeying
    assert f":{port}" not in obeying
