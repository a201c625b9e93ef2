"""Each decision record has its four headings, fits a page, and stands in the index."""

import re

from tests.rules.sources import ROOT, gather

HEADINGS = ["Context", "Decision", "Consequences", "Alternatives"]
MOST_WORDS = 800
FOLDER = ROOT / "docs" / "decisions"


def offences(name: str, text: str) -> list[str]:
    found = []
    if re.findall(r"^## (.+)$", text, re.MULTILINE) != HEADINGS:
        found.append(f"{name}: headings are not {HEADINGS}")
    if not re.match(rf"# {name[:4]} ", text):
        found.append(f"{name}: the title does not start with its number")
    if len(text.split()) > MOST_WORDS:
        found.append(f"{name}: longer than a page")
    return found


def test_every_record_has_its_four_headings() -> None:
    found = gather(*(offences(p.name, p.read_text(encoding="utf-8")) for p in FOLDER.glob("*.md")))

    assert not found, found


def test_records_are_numbered_without_gaps_and_indexed() -> None:
    names = sorted(p.name for p in FOLDER.glob("*.md"))
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")

    assert [n[:4] for n in names] == [f"{i:04}" for i in range(1, len(names) + 1)]
    assert not [n for n in names if f"decisions/{n}" not in index]


def test_a_record_without_alternatives_is_found() -> None:
    good = "# 0001 One way\n\n" + "".join(f"## {h}\nx\n" for h in HEADINGS)

    assert not offences("0001-one.md", good)
    assert offences("0001-one.md", good.replace("## Alternatives\n", ""))
    assert offences("0002-one.md", good)
