"""The quickstart does what it says: its commands run in one shell against a real demo, and print what it shows."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
START = "uv run candor demo"
CUT = "--- next ---"


def blocks(page: str) -> list[tuple[str, str]]:
    """Return each command of the page with the output it promises, the empty text where it promises none."""
    found: list[tuple[str, str]] = []
    for kind, text in BLOCK.findall(page):
        if kind == "sh":
            found.append((text, ""))
        else:
            found[-1] = (found[-1][0], text)
    return found


def fits(promised: str, printed: str) -> bool:
    """Tell whether output is as promised; ``...`` stands for anything, an absent promise for any output."""
    if not promised:
        return True
    pattern = ".*?".join(re.escape(part) for part in promised.strip().split("..."))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


@pytest.fixture
def exports() -> Iterator[dict[str, str]]:
    """The variables that a running demo told to export."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR")}
    command = [str(Path(sys.executable).with_name("candor")), "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        told = ""
        while "quickstart.md" not in told:
            line = process.stdout.readline()
            assert line, f"the demo did not start:\n{told}"
            told += line
        yield environment | dict(re.findall(r"export (\w+)=(\S+)", told))
        process.terminate()
        process.stdout.read()


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "uv"))), reason="needs bash and curl")
def test_every_command_prints_what_the_page_shows(exports: dict[str, str], tmp_path: Path) -> None:
    (start, _), *steps = blocks(PAGE)
    assert start.strip() == START
    script = f"\necho '{CUT}'\n".join(command for command, _ in steps)
    (tmp_path / "ledger").symlink_to(ROOT / "ledger")
    offline = script.replace("uv run python", sys.executable)  # the environment the tests run in, wherever uv is

    ran = subprocess.run(
        ["bash", "-c", offline], capture_output=True, text=True, env=exports, cwd=tmp_path, check=False, timeout=60
    )

    assert ran.returncode == 0, ran.stderr
    printed = ran.stdout.split(CUT + "\n")
    assert len(printed) == len(steps)
    wrong = [
        f"{command}\npromised:\n{promised}\nprinted:\n{output}"
        for (command, promised), output in zip(steps, printed, strict=True)
        if not fits(promised, output)
    ]
    assert not wrong, "\n\n".join(wrong)


def test_a_broken_promise_is_found() -> None:
    assert fits('{"a":...,"c":3}', '{"a":1,"b":2,"c":3}\n')
    assert not fits('{"decision":"deny",...}', '{"decision":"allow","reasons":[]}')
