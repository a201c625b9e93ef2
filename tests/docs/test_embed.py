"""The embed guide does what it says, from an empty folder to the lines of the page (docs/embed.md)."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.docs.test_quickstart import CUT, ROOT, blocks, fits

PAGE = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8").split("## 5.")[0]
STOP = "trap 'kill $(jobs -p)' EXIT\n"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "uv"))), reason="needs bash and curl")
def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    port, other = str(free_port()), str(free_port())
    page = PAGE.replace("$(mktemp -d)", str(tmp_path)).replace("8787", port).replace("8000", other)
    steps = blocks(page)
    script = STOP + f"\necho '{CUT}'\n".join(command for command, _ in steps)
    # the last step leaves a web server behind; in the test it belongs to the shell that ends
    script = script.replace("(python3 -m http.server", "python3 -m http.server").replace("2>&1 &)", "2>&1 &")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR")}
    environment |= {"CANDOR__SERVE__PORT": port, "CANDOR__SERVE__PUBLIC_URL": f"http://127.0.0.1:{port}"}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    for (command, promised), printed in zip(steps, ran.stdout.split(CUT), strict=True):
        assert fits(promised, printed), f"{command}\nprinted\n{printed}"
    assert "candor-widget" in (tmp_path / "index.html").read_text(encoding="utf-8")
