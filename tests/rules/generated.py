"""Writes the generated documents again: the table of docs/settings.md and openapi.json (`just generated`)."""

import subprocess
import sys
from pathlib import Path

from core.settings import reference_table

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "docs" / "settings.md"
OPENAPI = ROOT / "openapi.json"
MARK = "<!-- generated below this line -->\n\n"


def settings_page() -> str:
    """Return docs/settings.md as it should be: the prose above the mark is kept."""
    prose = SETTINGS.read_text(encoding="utf-8").split(MARK)[0]
    return prose + MARK + reference_table()


def openapi() -> str:
    """Return what `candor openapi` prints."""
    command = [sys.executable, "-c", "from api.cli import main; main()", "openapi"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout


if __name__ == "__main__":
    SETTINGS.write_text(settings_page(), encoding="utf-8")
    OPENAPI.write_text(openapi(), encoding="utf-8")
