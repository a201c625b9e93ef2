"""The words of answers: every language has every word, with the same fields; what is missing is said in English."""

import string
from pathlib import Path

import pytest

from explanations.reasons.generic import is_generic
from explanations.requests import authorities, drafting, fallbacks, guards, wording
from explanations.requests.terms import Terms
from explanations.requests.wording import Wording

ROOT = Path(__file__).resolve().parents[3]


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


GENERIC = (
    "internal policy",
    "internal standards",
    "internal policies",
    "company policy",
    "our policy",
    "lending policy",
    "credit policy",
    "score too low",
    "credit score too low",
    "insufficient score",
    "failed to achieve a qualifying score",
    "does not meet our criteria",
    "did not meet our criteria",
    "does not meet our requirements",
    "did not meet minimum requirements",
    "risk too high",
    "overall risk assessment",
    "automated decision",
    "the model decided so",
    "the computer said no",
    "proprietary model",
    "proprietary algorithm",
    "business reasons",
    "various factors",
    "a combination of factors",
    "other reasons",
    "not eligible",
    "insufficient information",
)


def test_reasons_that_fit_anybody_are_known() -> None:
    assert len(GENERIC) >= 20
    for reason in GENERIC:
        assert is_generic(reason.capitalize() + ".")
        assert is_generic(f"Due to {reason}")
        assert is_generic(f"This is because of {reason}.")
    assert not is_generic("Your score is too low because the loan runs for 48 months.")
    assert not is_generic("Duration in month (48) spoke against you.")


def test_every_language_of_the_widget_has_words_or_says_why_the_answer_is_in_english() -> None:
    shown = {path.name.removesuffix(".json") for path in (ROOT / "disclosures/widget/words").glob("*.json")}

    assert len(shown) >= 31
    for language in shown:
        told = fallbacks.notice(language)
        own = language.partition("-")[0] in wording.languages()
        assert (told is None) == own, language
        assert own or told != fallbacks.notice("xx"), language
    assert "English" in str(fallbacks.notice("xx"))


@pytest.mark.parametrize(
    ("place", "home", "own", "found"),
    [
        ("FR", "DE", "Our Authority", "https://www.cnil.fr"),
        ("DE", "DE", "Our Authority", "Our Authority"),
        ("US-CA", "DE", "", "California Privacy"),
        ("US-TX", "DE", "", "Consumer Financial"),
        ("GB", None, "Our Authority", "Our Authority"),
        ("GB", None, "", "Information Commissioner"),
        (None, None, "", ""),
        ("XX", "DE", "Our Authority", "Our Authority"),
    ],
)
def test_people_are_told_of_the_authority_of_where_they_live(
    place: str | None, home: str | None, own: str, found: str
) -> None:
    told = authorities.of(Terms(place=home, authority=own), place)

    assert found in told
    assert bool(told) == bool(found)
