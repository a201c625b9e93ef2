"""Writes the generated documents again: docs/{access,settings,errors}.md and openapi.json (`just generated`)."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from api import access, problems
from core.settings import reference_table

ROOT = Path(__file__).resolve().parents[2]
ACCESS = ROOT / "docs" / "access.md"
SETTINGS = ROOT / "docs" / "settings.md"
ERRORS = ROOT / "docs" / "errors.md"
OPENAPI = ROOT / "openapi.json"
MARK = "<!-- generated below this line -->\n\n"


def settings_page() -> str:
    """Return docs/settings.md as it should be: the prose above the mark is kept."""
    prose = SETTINGS.read_text(encoding="utf-8").split(MARK)[0]
    return prose + MARK + reference_table()


def access_page() -> str:
    """Return docs/access.md as it should be: the prose above the mark is kept."""
    prose = ACCESS.read_text(encoding="utf-8").split(MARK)[0]
    return prose + MARK + access.reference_table()


def errors_page() -> str:
    """Return docs/errors.md as it should be, with every error class of the product."""
    for floor in ("api", "jobs", "oversight", "consent", "disclosures", "explanations", "handoff", "ledger", "core"):
        for module in walk_packages([str(ROOT / floor)], f"{floor}."):
            import_module(module.name)
    prose = ERRORS.read_text(encoding="utf-8").split(MARK)[0]
    return prose + MARK + problems.reference()


def openapi() -> str:
    """Return what `candor openapi` prints."""
    command = [sys.executable, "-c", "from api.cli import main; main()", "openapi"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout


if __name__ == "__main__":
    ACCESS.write_text(access_page(), encoding="utf-8")
    SETTINGS.write_text(settings_page(), encoding="utf-8")
    ERRORS.write_text(errors_page(), encoding="utf-8")
    OPENAPI.write_text(openapi(), encoding="utf-8")
