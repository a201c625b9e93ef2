"""The words of answers: every language has every word, with the same fields; what is missing is said in English."""

import string

import pytest

from explanations.requests import drafting, guards, quality, wording
from explanations.requests.wording import Wording


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", [one for one in wording.languages() if one != "en"])
def test_every_language_has_every_word_with_the_same_fields(language: str) -> None:
    english, other = (wording._catalogues()[one] for one in ("en", language))

    for section, words in english.items():
        assert set(other[section]) == set(words), section
        if section != "meta":
            for name, text in words.items():
                assert fields(other[section][name]) == fields(text), f"{section}.{name}"


def test_a_language_nobody_wrote_falls_back_and_says_so() -> None:
    said = Wording("fi")("form.send")

    assert (said.text, said.language) == ("Send the request", "en")


def test_there_are_words_for_every_section_and_every_ground() -> None:
    words = Wording("en")

    assert all(words.plain(f"title.{section}", number="x") for section in drafting.SECTIONS)
    assert all(words.plain(f"left_out.{ground}", section="x") for ground in guards.REDACTION_GROUNDS)


def test_more_than_twenty_reasons_that_fit_anybody_are_known() -> None:
    assert len(quality.GENERIC) >= 20
    for reason in quality.GENERIC:
        assert quality.is_generic(reason.capitalize() + ".")
        assert quality.is_generic(f"Due to {reason}")
    assert not quality.is_generic("Your score is too low because the loan runs for 48 months.")
    assert not quality.is_generic("Duration in month (48) spoke against you.")
