"""Vague wordings are found, plain ones pass; how hard a text is to read is told by language."""

import json
from pathlib import Path

import pytest

from disclosures.notices import readability, wording

CORPUS: dict[str, list[tuple[str, bool, str]]] = json.loads(
    (Path(__file__).parent / "wordings.json").read_text(encoding="utf-8")
)


def test_the_corpus_is_large_enough() -> None:
    assert {name: len(texts) for name, texts in CORPUS.items()} == {"good": 30, "bad": 30}


@pytest.mark.parametrize(("language", "tells_of_ai", "text"), CORPUS["good"])
def test_a_plain_wording_passes(language: str, tells_of_ai: bool, text: str) -> None:
    assert list(wording.vague(text, language, tells_of_ai=tells_of_ai)) == []


@pytest.mark.parametrize(("language", "tells_of_ai", "text"), CORPUS["bad"])
def test_a_vague_wording_is_found(language: str, tells_of_ai: bool, text: str) -> None:
    assert list(wording.vague(text, language, tells_of_ai=tells_of_ai))


def test_legalese_is_hard_and_plain_text_is_not() -> None:
    legalese = (
        "Notwithstanding the aforementioned provisions, automated processing operations implemented"
        " pursuant to applicable contractual arrangements may incorporate algorithmic evaluation methodologies"
        " regarding individual characteristics, whereby significant consequences attributable thereto remain possible."
    )
    hard = readability.score(legalese, "en")
    plain = readability.score("You are talking to a computer program. It is not a person. Ask for help here.", "en")

    assert hard is not None
    assert plain is not None
    assert (hard.hard, plain.hard) == (True, False)
    assert hard.lix > 70
    assert plain.lix < 30


def test_scripts_without_spaces_are_not_judged() -> None:
    assert readability.score("これはコンピュータプログラムです。", "ja") is None
