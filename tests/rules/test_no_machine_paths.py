"""Nothing in the repository names the machine or the package host it was written on."""

import re

from tests.rules.sources import gather, text_files

# character classes keep this file from finding itself
PLACES = re.compile(
    r"(?<![\w./-])/(?:wor[k]|roo[t])(?:/|\b)"
    r"|(?<![\w./-])/hom[e]/\w+/"
    r"|(?<![\w./-])/tm[p]/\w"
    r"|/Use[r]s/\w+/",
)
HOSTS = re.compile(r"\b(?:pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:org|com)|proxy\.golan[g]\.org|crate[s]\.io)\b")
EXEMPT = {"uv.lock"}


def offences(path: str, text: str) -> list[str]:
    if path in EXEMPT:
        return []
    return [
        f"{path}:{number} {match[0]!r}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in (PLACES.search(line), HOSTS.search(line))
        if match
    ]


def test_no_file_names_a_machine_or_a_package_host() -> None:
    found = gather(*(offences(path, text) for path, text in text_files()))

    assert not found, found


def test_both_are_found() -> None:
    assert offences("docs/a.md", "see " + "/wor" + "k/notes")
    assert offences("docs/a.md", "cd " + "/roo" + "t")
    assert offences("docs/a.md", "index = https://" + "pyp" + "i.org/simple")
    assert not offences("docs/a.md", "the legal/work folder; POST /v1/choices; /tmp is a tmpfs")
