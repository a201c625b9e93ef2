"""Every relative link in the documentation leads to a file."""

import re
from pathlib import PurePosixPath

from tests.rules.sources import ROOT, gather, text_files

LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def offences(path: str, text: str) -> list[str]:
    folder = PurePosixPath(path).parent
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [f"{path}: {target}" for target in LINK.findall(prose) if not (ROOT / folder / target).exists()]


def test_every_link_leads_somewhere() -> None:
    found = gather(*(offences(path, text) for path, text in text_files() if path.endswith(".md")))

    assert not found, found


def test_a_dead_link_is_found() -> None:
    assert offences("docs/a.md", "see [there](nowhere.md)")
    assert not offences("docs/a.md", "see [the licence](../LICENSE) and [a site](https://example.org)")
