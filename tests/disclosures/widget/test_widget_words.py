"""One catalogue for server and browser: every language has every word, plural form and field, and says who made it."""

import json
import re
from hashlib import sha256
from typing import Any

import pytest

from disclosures.widget import words
from tests.browser.embedding import LANGUAGES

# CLDR 48, cardinal numbers
PLURALS = {
    "ar": "zero one two few many other",
    "cs": "one few many other",
    "es": "one many other",
    "fr": "one many other",
    "ga": "one two few many other",
    "he": "one two other",
    "hr": "one few other",
    "it": "one many other",
    "ja": "other",
    "ko": "other",
    "lt": "one few many other",
    "lv": "zero one other",
    "mt": "one two few many other",
    "pl": "one few many other",
    "pt": "one many other",
    "pt-BR": "one many other",
    "ro": "one few other",
    "sk": "one few many other",
    "sl": "one two few other",
    "zh": "other",
}
FIELD = re.compile(r"\{(\w+)\}")
EU = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr"),
    *("hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
)


def texts(language: str) -> dict[str, Any]:
    """Return what a catalogue says, without what it says of itself."""
    return {key: text for key, text in words.catalogue(language).items() if key != "_meta"}


def fields(text: str | dict[str, str]) -> set[str]:
    """Return the fields of a text; of a plural, those of every form, which have to be the same."""
    if isinstance(text, str):
        return set(FIELD.findall(text))
    found = {frozenset(FIELD.findall(form)) for form in text.values()}
    assert len(found) == 1, text
    return set(next(iter(found)))


def test_the_languages_of_the_union_and_seven_more_are_there() -> None:
    assert set(words.languages()) == set(LANGUAGES) == {*EU, "ar", "he", "hi", "ja", "ko", "pt-BR", "zh"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_with_its_fields_and_plural_forms(language: str) -> None:
    english, found = texts("en"), texts(language)

    assert found.keys() == english.keys()
    for key, text in found.items():
        assert fields(text) == fields(english[key]), key
        assert isinstance(text, dict) == isinstance(english[key], dict), key
        for form in text.values() if isinstance(text, dict) else [text]:
            assert form.strip() == form, key
            assert form, key
            assert "<" not in form, key
            assert "!" not in form, key
    assert set(found["wait"]) == set(PLURALS.get(language, "one other").split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_its_direction_who_made_it_and_from_which_english(language: str) -> None:
    meta: Any = words.catalogue(language)["_meta"]
    source = json.dumps(texts("en"), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    assert meta["dir"] == ("rtl" if language in {"ar", "he"} else "ltr")
    assert meta["source"] == sha256(source).hexdigest()[:16], "the English has changed: review this translation"
    assert meta["review"] == ("source" if language == "en" else "needs a native speaker")
    assert meta["made_by"] == ("hand" if language == "en" else "machine")


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_nothing_was_left_in_english(language: str) -> None:
    english = texts("en")
    same = [key for key, text in texts(language).items() if text == english[key] and len(str(text)) > 4]

    assert not same


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_choices_are_of_one_length(language: str) -> None:
    found = texts(language)

    for one, other in [("all_off", "all_on"), ("yes", "no")]:
        assert abs(len(found[one]) - len(found[other])) <= 0.3 * max(len(found[one]), len(found[other])) + 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_line_of_a_chat_is_short(language: str) -> None:
    sentences = [part for part in re.split(r"[.。।]", texts(language)["chat_ai"]) if part.strip()]

    assert len(sentences) == 2
    assert all(len(sentence.split()) <= 12 for sentence in sentences)


def test_a_language_without_a_catalogue_gets_the_nearest() -> None:
    assert words.nearest("de-AT") == "de"
    assert words.nearest("pt-BR") == "pt-BR"
    assert words.nearest("xx") == "en"
    assert words.words_of("de-AT")["close"] == "Schließen"


def test_a_language_is_written_in_its_own_direction() -> None:
    assert [words.direction_of(one) for one in ("he", "ar-EG", "de", "xx")] == ["rtl", "rtl", "ltr", "ltr"]


def test_each_word_goes_out_by_exactly_one_way() -> None:
    ways = [words.words_of("de"), *(words.later_words_of("de", group) for group in words.GROUPS)]
    sent = [key for way in ways for key in way]

    assert sorted(sent) == sorted(texts("de"))
