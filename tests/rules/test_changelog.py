"""The changelog follows Keep a Changelog and always has room for what is not released yet."""

import re
import tomllib

from tests.rules.sources import ROOT

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def offences(text: str) -> list[str]:
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    found = [] if sections[:1] == ["[Unreleased]"] else ["the first section is not [Unreleased]"]
    found += [f"unknown kind {k}" for k in re.findall(r"^### (.+)$", text, re.MULTILINE) if k not in KINDS]
    found += [
        f"{s} is not '[version] - date'"
        for s in sections[1:]
        if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", s)
    ]
    return found


def test_the_changelog_is_in_order() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert not offences(text)


def test_the_version_is_a_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert re.fullmatch(r"\d+\.\d+\.\d+", project["version"])


def test_a_changelog_without_unreleased_is_found() -> None:
    assert offences("# Changelog\n\n## [0.1.0] - 2026-01-01\n")
    assert offences("# Changelog\n\n## [Unreleased]\n\n### Improved\n")
    assert not offences("# Changelog\n\n## [Unreleased]\n\n### Added\n\n## [0.1.0] - 2026-01-01\n")
