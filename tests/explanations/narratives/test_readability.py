"""Plain words, measured: sentences stay short and words stay common in every language (GDPR Art. 12(1)).

LIX (Björnsson 1968) is words a sentence plus the share of words of more than six letters; below 40 is easy, 50 is a
newspaper. It knows no grammar, so languages that join words get more room. Words a sentence count for all.
"""

import re

import pytest

from explanations.narratives.words import catalogues
from tests.explanations.narratives.telling import narrated, words

LONGEST_SENTENCE = 22
MOST_LIX = {"ar": 20, "de": 34, "en": 28, "es": 33, "fr": 34, "it": 34, "nl": 31, "pl": 42, "pt": 31}
_SENTENCES = re.compile(r"[.!?؟:;](?:\s|$)")
_WORDS = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def lix(text: str) -> float:
    """Return the LIX of a text."""
    found = _WORDS.findall(text)
    sentences = max(1, len(_SENTENCES.findall(text)))
    return len(found) / sentences + 100 * sum(len(word) > 6 for word in found) / len(found)


def filled(text: str) -> str:
    """Return a template with its fields as one short word each."""
    return re.sub(r"\{\w+\}", "word", text)


@pytest.mark.parametrize("language", sorted(catalogues()))
def test_no_sentence_of_a_template_is_long(language: str) -> None:
    for key, text in catalogues()[language].texts.items():
        for one in _SENTENCES.split(filled(text)):
            assert len(_WORDS.findall(one)) <= LONGEST_SENTENCE, (key, one)


@pytest.mark.parametrize("language", sorted(catalogues()))
def test_a_whole_catalogue_reads_easily(language: str) -> None:
    texts = [
        text for key, text in catalogues()[language].texts.items() if not key.startswith(("op.", "group.", "value."))
    ]

    assert (
        lix(filled(" ".join(text if text.endswith((".", ":")) else text + "." for text in texts))) <= MOST_LIX[language]
    )


@pytest.mark.anyio
async def test_a_whole_letter_reads_easily() -> None:
    text = words(await narrated()).text.replace("\n", ". ")

    assert lix(text) <= 35


def test_a_hard_text_is_noticed() -> None:
    hard = (
        "Notwithstanding the aforementioned considerations, the determination predicated upon multivariate attributions"
        " necessitates supplementary verification procedures."
    )

    assert lix(hard) > 60
