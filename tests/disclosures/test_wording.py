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


@pytest.mark.parametrize(
    ("language", "plain", "empty"),
    [
        ("it", "Sta parlando con un programma informatico.", "Usiamo i dati per migliorare i nostri servizi."),
        ("nl", "U praat met een computerprogramma.", "Wij gebruiken dit om onze diensten te verbeteren."),
        ("pt-BR", "Você fala com um programa de computador.", "Usamos os dados para melhorar os nossos serviços."),
        ("sv", "Du pratar med ett datorprogram.", "Vi gör det för att förbättra våra tjänster."),
    ],
)
def test_further_languages_are_judged(language: str, plain: str, empty: str) -> None:
    assert list(wording.vague(plain, language, tells_of_ai=True)) == []
    assert {one.code for one in wording.vague(empty, language, tells_of_ai=True)} == {"empty-phrase", "not-plain"}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "No thanks, I don't want good offers.", "shaming"),
        ("en", "I will miss out.", "shaming"),
        ("en", "Hurry, only 3 places left.", "urging"),
        ("en", "Do not untick this box to go without AI.", "double-negative"),
        ("de", "Nein danke, ich will keine guten Angebote.", "shaming"),
        ("de", "Nur noch 2 Tage.", "urging"),
        ("de", "Sie können das nicht ablehnen abwählen.", "double-negative"),
        ("fr", "Non merci, je préfère payer plus.", "shaming"),
        ("es", "No, gracias, prefiero pagar más.", "shaming"),
    ],
)
def test_words_that_press_are_found(language: str, text: str, code: str) -> None:
    assert [one.code for one in wording.pressing(text, language)] == [code]


@pytest.mark.parametrize(("language", "_", "text"), CORPUS["good"])
def test_plain_wordings_do_not_press(language: str, _: bool, text: str) -> None:
    assert list(wording.pressing(text, language)) == []


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
