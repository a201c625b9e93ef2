"""The words of the pages: complete in every language, plain, and fair to both answers."""

import re
import string

import pytest
from markupsafe import Markup

from api.pages.rendering import said
from api.pages.view import Text
from api.pages.words import FALLBACK, Words, catalogues, plural
from disclosures.widget.words import languages

PLURALS = {"en": {"one", "other"}, "de": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}
COUNTED = ("day.", "week.", "month.", "year.", "hour.")
OTHERS = sorted(set(catalogues()) - {FALLBACK})
LENDERS = sorted(set(languages()) - set(catalogues()))
PAIRS = [("choice.refuse", "choice.allow"), ("systems.refuse", "systems.use"), ("confirm.no", "confirm.yes")]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def plain_keys(language: str) -> set[str]:
    return {key for key in catalogues()[language].texts if not key.startswith(COUNTED)}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_word_with_the_same_fields(language: str) -> None:
    own, first = catalogues()[language].texts, catalogues()[FALLBACK].texts

    assert plain_keys(language) == plain_keys(FALLBACK)
    assert not [key for key in plain_keys(language) if fields(own[key]) != fields(first[key])]


@pytest.mark.parametrize("language", sorted(catalogues()))
def test_numbers_have_exactly_the_forms_of_the_language(language: str) -> None:
    texts = catalogues()[language].texts
    for unit in COUNTED:
        assert {key.removeprefix(unit) for key in texts if key.startswith(unit)} == PLURALS[language]
    assert {plural(language, n) for n in range(200)} == PLURALS[language]


@pytest.mark.parametrize("language", sorted(catalogues()))
def test_words_are_calm(language: str) -> None:
    texts = catalogues()[language].texts

    assert not [key for key, text in texts.items() if "!" in text]
    assert not [
        key for key, text in texts.items() if re.search(r"(?i)\b(sorry|oops|please don't|are you sure)\b", text)
    ]


@pytest.mark.parametrize("language", sorted(catalogues()))
@pytest.mark.parametrize(("no", "yes"), PAIRS)
def test_both_answers_are_about_as_long(language: str, no: str, yes: str) -> None:
    texts = catalogues()[language].texts

    assert abs(len(texts[no]) - len(texts[yes])) <= 9


def lix(text: str) -> float:
    """Return the readability index: words a sentence and the share of long words (Björnsson 1968)."""
    words = re.findall(r"\w+", text)
    sentences = max(1, len(re.findall(r"[.:?؟]", text)))
    return len(words) / sentences + 100 * sum(len(word) > 6 for word in words) / len(words)


@pytest.mark.parametrize(("language", "most"), [("en", 30), ("de", 50), ("ar", 40)])
def test_sentences_are_easy_to_read(language: str, most: int) -> None:
    texts = catalogues()[language].texts
    body = " ".join(text for key, text in texts.items() if text.endswith(".") and not key.startswith(COUNTED))

    assert lix(body) <= most


def test_a_missing_word_is_shown_in_english_and_marked() -> None:
    words = Words("ar")
    words.own = words.own._replace(texts={})

    assert words("choice.allow") == Markup('<span lang="en" dir="ltr">Allow</span>')


def test_a_language_without_catalogue_falls_back() -> None:
    words = Words("sw")

    assert words.plain("choice.allow") == "Allow"
    assert words.own.language == "en"


@pytest.mark.parametrize("language", LENDERS)
def test_a_language_without_a_file_borrows_the_widgets_words_and_marks_the_rest_as_english(language: str) -> None:
    words, first = Words(language), catalogues()[FALLBACK].texts

    assert (words.own.language, words.own.partly, words.own.review) == (language, True, "needs a native speaker")
    assert words.own.name != "English"
    assert words.dir == ("rtl" if language == "he" else "ltr")
    assert set(words.own.texts) < set(first)
    assert not [key for key, text in words.own.texts.items() if not fields(text) <= fields(first[key])]
    assert words("choice.what") == Markup('<span lang="en" dir="ltr">What it affects</span>')
    for no, yes in [("choice.refuse", "choice.allow"), ("all.off", "all.on"), ("confirm.no", "confirm.yes")]:
        lengths = len(words.own.texts[no]), len(words.own.texts[yes])
        assert abs(lengths[0] - lengths[1]) <= 0.3 * max(lengths) + 4


def test_dates_in_a_borrowed_language_are_in_figures_and_english_counts_stay_english() -> None:
    words = Words("fr")

    assert words.moment(1_795_237_200_000_000) == "2026-11-21, 05:00:00 UTC"
    assert words.period("P1M") == Markup('<span lang="en" dir="ltr">1 month</span>')


def test_every_translation_says_that_nobody_has_checked_it() -> None:
    assert {code: one.review for code, one in catalogues().items()} == {
        "en": "source",
        "de": "needs a native speaker",
        "ar": "needs a native speaker",
    }


def test_fields_are_escaped() -> None:
    words = Words("en")

    assert "&lt;b&gt;" in words("page.title", site="<b>")


def test_the_operators_texts_are_escaped_and_marked_where_their_language_differs() -> None:
    assert said(Text("<b>x", "en"), Words("en")) == Markup("<bdi>&lt;b&gt;x</bdi>")
    assert said(Text("x", "de"), Words("en")) == Markup('<bdi lang="de">x</bdi>')


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "P12M", "12 months"),
        ("en", "P1Y6M", "1 year 6 months"),
        ("de", "P30D", "30 Tage"),
        ("ar", "P6M", "6 أشهر"),
        ("en", "PT1H", "1 hour"),
        ("en", "whatever", "whatever"),
    ],
)
def test_periods_are_said_in_words(language: str, text: str, words: str) -> None:
    assert Words(language).period(text) == words


def test_dates_and_numbers_are_written_as_the_language_does() -> None:
    at = 1_795_237_200_000_000

    assert Words("en").moment(at) == "21 November 2026 at 05:00:00 UTC"
    assert Words("de").date(at) == "21. November 2026"
    assert [Words(code).number(1204) for code in ("en", "de", "ar")] == ["1,204", "1.204", "1,204"]
