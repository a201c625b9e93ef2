"""CI runs what the README tells people to run, and nothing waits for a terminal."""

import os
import re
import subprocess

from tests.rules.sources import ROOT

SCRIPT = ROOT / ".ci" / "run"


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"^uv run .+$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    script = SCRIPT.read_text(encoding="utf-8")

    assert commands[:2] == ["uv run candor demo", "uv run pytest -n auto"]
    assert re.search(rf"^{re.escape(commands[1])} ", script, re.MULTILINE)


def test_the_script_is_strict_and_runs() -> None:
    parsed = subprocess.run(["bash", "-n", str(SCRIPT)], capture_output=True, text=True, check=False)

    assert parsed.returncode == 0, parsed.stderr
    assert os.access(SCRIPT, os.X_OK)
    assert "set -euo pipefail" in SCRIPT.read_text(encoding="utf-8")
