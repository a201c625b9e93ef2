"""The widget stays small, and what is served is what the sources make."""

import gzip
import json

import pytest

from disclosures.widget import words
from tests.rules.widget_files import SERVED, WIDGET, built

# bytes as gzip -9; KB = 1000 bytes
BUDGET = {
    "candor.js": 6100,
    "candor-panel.js": 3000,
    "candor-marks.js": 3000,
    "candor-why.js": 2000,
    "candor-chat.js": 4000,
    "candor-core.js": 2000,
}
FIRST = 400  # of the 1,500 for a configuration; the rest is the operator's
WORDS = 1500


def packed(raw: bytes) -> int:
    return len(gzip.compress(raw, 9, mtime=0))


@pytest.mark.parametrize("name", BUDGET)
def test_a_script_stays_within_its_budget(name: str) -> None:
    assert packed((SERVED / name).read_bytes()) <= BUDGET[name]


@pytest.mark.parametrize("language", words.languages())
def test_the_words_leave_room_for_the_operators(language: str) -> None:
    first = json.dumps(words.words_of(language), ensure_ascii=False, separators=(",", ":")).encode()
    later = [words.later_words_of(language, group) for group in words.GROUPS]

    assert packed(first) <= FIRST
    for one in later:
        assert packed(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()) <= WORDS


def test_what_is_served_is_what_the_sources_make() -> None:
    """After a change of the sources or the words: ``python -m tests.rules.widget_files``."""
    made = built()

    assert {path.name for path in SERVED.iterdir()} == set(made)
    for name, raw in made.items():
        assert (SERVED / name).read_bytes() == raw, f"{name} is stale: run python -m tests.rules.widget_files"


def test_no_source_makes_markup_from_text_or_runs_text() -> None:
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "DOMParser")
    found = [
        f"{path.name}: {name}"
        for path in (WIDGET / "source").glob("*.js")
        for name in forbidden
        if name in path.read_text(encoding="utf-8")
    ]

    assert not found
