"""The Dockerfile keeps its promises: plain user, one volume, no build tools at the end, and a clean lint."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HADOLINT = Path(sysconfig.get_path("scripts")) / "hadolint"


def instructions(text: str) -> list[tuple[str, str]]:
    """Return (keyword, rest) of every instruction, continued lines joined and comments dropped."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines()]


def dockerfile() -> list[tuple[str, str]]:
    return instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def last_stage() -> list[tuple[str, str]]:
    steps = dockerfile()
    start = max(i for i, (keyword, _) in enumerate(steps) if keyword == "FROM")
    return steps[start:]


def values(keyword: str) -> list[str]:
    return [rest for name, rest in last_stage() if name == keyword]


def test_hadolint_has_nothing_to_say() -> None:
    try:
        linted = subprocess.run(
            [str(HADOLINT), "--no-color", str(ROOT / "Dockerfile")],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        pytest.skip(f"hadolint cannot run on this machine: {error}")

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_last_stage_runs_as_a_plain_user_with_one_volume() -> None:
    assert values("USER") == ["10001:10001"]
    assert values("VOLUME") == ['["/data"]']
    assert values("ENTRYPOINT") == ['["candor"]']
    assert values("CMD") == ['["serve"]']


def test_the_health_check_needs_nothing_but_python() -> None:
    (check,) = values("HEALTHCHECK")

    assert 'CMD ["python3", "-c"' in check
    assert "/health/live" in check


def test_the_last_stage_installs_nothing() -> None:
    run = " ".join(values("RUN"))

    assert not re.search(r"\b(pip3? install|apt-get|apk|uv (sync|pip)|gcc|make)\b", run)
    assert values("COPY") == ["--from=build /app /app"]


def test_every_stage_takes_the_base_that_can_be_pinned() -> None:
    bases = [rest.split()[0] for keyword, rest in dockerfile() if keyword == "FROM"]

    assert set(bases) == {"${PYTHON_IMAGE}"}


def test_the_image_is_production_with_records_and_keys_in_the_volume() -> None:
    environment = dict(re.findall(r"(CANDOR__\w+)=(\S+)", " ".join(values("ENV"))))
    named = {
        f"CANDOR__{section}__{field}".upper()
        for section, entry in Settings.model_fields.items()
        for field in getattr(entry.annotation, "model_fields", {})
    }

    assert set(environment) <= named
    assert environment["CANDOR__SERVE__MODE"] == "production", "what listens beyond this machine is production"
    assert environment["CANDOR__STORE__URL"] == "sqlite:////data/candor.db"
    assert environment["CANDOR__STORE__KEYS_FILE"].startswith("/data/")
    assert environment["CANDOR__STORE__CHECKPOINT_FILE"].startswith("/data/")


def test_every_floor_is_copied_and_nothing_else_reaches_the_builder() -> None:
    copied = {rest.split()[0].rstrip("/") for keyword, rest in dockerfile() if keyword == "COPY"}
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    floors = {p.parent.name for p in ROOT.glob("*/__init__.py")}

    assert floors <= copied
    assert floors <= let_in
