"""The words of explanations: every sentence has its source, in every language; nothing is said that was not found."""

import re
import string
import tomllib
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import canonical
from explanations.canonical import Explanation, read
from explanations.narratives.composing import SECTIONS
from explanations.narratives.rendering import as_html, as_text
from explanations.narratives.service import Narrator
from explanations.narratives.sources import unsourced
from explanations.narratives.words import FALLBACK, Locale, catalogues
from tests.explanations.documents import anchor_example, llm_example
from tests.explanations.narratives.telling import LETTER, narrated, part, words
from tests.explanations.reasons.explaining import INPUTS, PUSHES, explained
from tests.explanations.reasons.tabling import approved, table_values

pytestmark = pytest.mark.anyio
LANGUAGES = sorted(catalogues())
CHANGE = (
    "With 24 months instead of 48 months (the term of the loan), and everything else unchanged, this model would have"
    " come to a different result."
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_nine_languages_are_there_and_only_english_was_read() -> None:
    assert LANGUAGES == ["ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt"]
    assert [name for name in LANGUAGES if catalogues()[name].review == "read"] == ["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things_with_the_same_fields(language: str) -> None:
    ours, english = catalogues()[language].texts, catalogues()[FALLBACK].texts

    assert set(ours) == set(english)
    assert {key: fields(text) for key, text in ours.items()} == {key: fields(text) for key, text in english.items()}


async def test_the_contents_list_is_told_in_its_order() -> None:
    told = await narrated()

    assert [section.key for section in words(told).sections] == list(SECTIONS)
    assert part(told, "decision")[:2] == [
        "Your application was declined.",
        "The decision was made on 20 November 2026.",
    ]
    assert part(told, "reasons")[:3] == [
        "These points counted against you, the strongest first:",
        "The loan runs for longer than most. The term of the loan: 48 months.",
        "The amount is higher than most. The amount of the loan: 7500 EUR.",
    ]
    assert part(told, "changes") == [
        CHANGE,
        "We tested this on 23 November 2026.",
        "This is not a promise: other checks apply, and the model may change.",
    ]
    assert part(told, "not_counted") == ["The model is not given this: your religion."]
    assert told.sendable


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", ["full", "pushed", "anchor", "llm", "fail", "stopped", "favourable", "bare"])
async def test_every_sentence_names_facts_that_are_there(language: str, make: str) -> None:
    table = approved()
    made: dict[str, Explanation] = {
        "full": explained(),
        "pushed": explained(method={"name": "shap", "origin": "pushed"}, quality={"grade": "C"}),
        "anchor": Explanation.model_validate(anchor_example()),
        "llm": Explanation.model_validate(llm_example()),
        "fail": explained(
            {}, counterfactuals=[], quality={"grade": "fail", "flags": ["version_changed", "unreliable"]}
        ),
        "stopped": explained({**PUSHES, "age": 0.3}),
        "favourable": explained({"duration": -0.2}, outcome={"label": "approved", "adverse": False}),
        "bare": explained(inputs=[], counterfactuals=[]),
    }
    told = await narrated(made[make], table, language)

    narrative = words(told)
    assert unsourced(narrative.sections, told.explanation, table) == []
    assert all(one.facts for section in narrative.sections for one in section.sentences)
    assert "sentence-without-source" not in narrative.blocks
    assert not re.search(r"[{}]|None|\.\.(?!\.)", narrative.text.replace("2 <= ... < 4 years", "")), narrative.text
    assert read(canonical.dumps(told.explanation.document())) == told.explanation


async def test_a_language_without_words_is_answered_in_english_and_says_so() -> None:
    told = await narrated(language="fi")

    assert words(told).lang == "en"
    assert part(told, "decision")[0].startswith("This text is not available in the language you asked for.")


async def test_a_language_nobody_read_yet_says_so() -> None:
    told = await narrated(language="de-AT")

    assert (words(told).lang, words(told).needs_review) == ("de-AT", True)
    assert part(told, "limits")[-1].startswith("Diese Sprachfassung hat noch niemand")
    assert part(told, "reasons")[1] == "Der Kredit läuft länger als die meisten. Die Laufzeit des Kredits: 48 Monate."


async def test_reasons_approved_in_another_language_only_are_marked() -> None:
    told = await narrated(language="fr")

    sentences = next(section for section in words(told).sections if section.key == "reasons").sentences
    assert sentences[0].lang is None
    assert sentences[1].lang == "en"


async def test_an_uncertain_order_is_worded_as_such() -> None:
    told = await narrated(explained(stderr=None))
    assert part(told, "reasons")[0].endswith("Their order says nothing:")

    told = await narrated(explained({"duration": 0.3, "amount": 0.1, "employed": 0.1, "savings": 0.1}))
    assert part(told, "reasons")[0].endswith("the strongest first:")
    assert "The points after the first one weigh about the same." in part(told, "reasons")


async def test_a_stopped_letter_gives_no_reason_no_change_and_can_not_be_sent() -> None:
    told = await narrated(explained({**PUSHES, "age": 0.3}))

    assert part(told, "reasons") == [
        "There are no automatic reasons here. A person has to look at this decision first."
    ]
    assert part(told, "changes") == []
    assert not told.sendable
    assert words(told).blocks == ("prohibited-basis",)


async def test_an_unreliable_explanation_is_not_told_as_one() -> None:
    broken = explained(quality={"grade": "fail", "replay_match": False, "flags": ["replay_mismatch", "unreliable"]})
    told = await narrated(broken)

    assert told.explanation.reason_codes == ()
    assert part(told, "reasons")[0].startswith("The computer model has changed since the decision")
    assert part(told, "changes") == []
    assert not told.sendable


@pytest.mark.parametrize(
    "change",
    [
        {"verified": False, "verified_at": None},
        {"verified_at": None},
        {"changes": [{"feature": "age", "from": 23, "to": 40}]},
        {"changes": [{"feature": "duration", "from": 48, "to": 24, "actionable": False}]},
    ],
)
async def test_a_change_that_was_not_tested_or_nobody_can_make_is_not_told(change: dict[str, Any]) -> None:
    one = {
        "changes": [{"feature": "duration", "from": 48, "to": 24}],
        "output_value": 0.4,
        "outcome": None,
        "verified": True,
        "verified_at": "2026-11-23T09:00:00.000000Z",
        **change,
    }
    told = await narrated(counterfactuals=[one])

    assert part(told, "changes") == ["There is no tested change to offer here."]


async def test_what_is_an_input_is_never_said_not_to_count() -> None:
    inputs = [*INPUTS, {"feature": "religion", "value": "none"}]
    told = await narrated(inputs=inputs)

    assert part(told, "not_counted") == []


async def test_without_an_approved_table_a_draft_is_made_that_can_not_be_sent() -> None:
    told = await Narrator().narrated(explained(), None, LETTER, "en")

    assert words(told).blocks == ("no-approved-reasons",)
    assert "Duration: 48." in part(told, "reasons")


async def test_withheld_parts_are_named_with_their_ground() -> None:
    values = table_values()
    reasons = [one for one in values["reasons"] if one["code"] != "AMOUNT_HIGH"]
    table = approved(reasons=reasons, withheld=[{"features": ["amount"], "ground": "trade_secret"}])
    told = await narrated(table=table)

    assert any("a trade secret" in text for text in part(told, "limits"))
    assert not any("higher than most" in text for text in part(told, "reasons"))


async def test_what_a_person_typed_steers_neither_page_nor_letter() -> None:
    hostile = '<script>x</script>\u202e\x1b[2J "quoted" ' + "long " * 50
    told = await narrated(inputs=[{"feature": "employed", "value": hostile}, *INPUTS[:4]])

    assert "\x1b" not in words(told).text
    assert "\u202e" not in words(told).text
    html = as_html(words(told))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert max(len(one) for one in part(told, "data")) < 160


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_text_and_html_say_the_same(language: str) -> None:
    told = await narrated(language=language)
    parser = _Tags()

    parser.feed(as_html(words(told)))

    assert parser.open == []
    assert parser.text == [
        text for section in words(told).sections for text in (section.title, *(one.text for one in section.sentences))
    ]
    assert words(told).text == as_text(words(told).sections)
    assert f'dir="{catalogues()[language].dir}"' in as_html(words(told))


async def test_telling_again_in_another_language_changes_no_fact() -> None:
    first = await narrated()
    again = await Narrator().retold(first.explanation, approved(), LETTER, "de")

    assert again.explanation.hash == first.explanation.hash == again.explanation.digest()
    assert words(again).lang == "de"
    assert [one.facts for s in words(again).sections if s.key == "reasons" for one in s.sentences] == [
        one.facts for s in words(first).sections if s.key == "reasons" for one in s.sentences
    ]


async def test_a_stopped_letter_stays_stopped_when_it_is_told_again() -> None:
    first = await narrated(explained({**PUSHES, "age": 0.3}))
    again = await Narrator().retold(first.explanation, approved(), LETTER, "de")

    assert words(again).blocks == ("prohibited-basis",)
    assert part(again, "changes") == []


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("en", 1234567, "1,234,567"),
        ("de", 1234567, "1.234.567"),
        ("fr", 12345, "12\u202f345"),
        ("pl", 12345.5, "12\u202f345,5"),
        ("en", 7500, "7500"),
        ("en", -0.25, "\u22120.25"),
        ("de", 0.1 + 0.2, "0,3"),
        ("es", 24.0, "24"),
        ("en", 1e-5, "0.00001"),
        ("en", True, "yes"),
        ("pt", None, "não indicado"),
    ],
)
def test_values_are_written_as_the_language_does(language: str, value: Any, written: str) -> None:
    assert Locale(language).value(value) == written


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from(LANGUAGES))
def test_any_number_can_be_written(value: float, language: str) -> None:
    assert Locale(language).number(value)


def jargon(text: str) -> list[str]:
    """Return words of the trade and article numbers: they belong into the second layer."""
    words_of_the_trade = (
        r"shapley|shap\b|attribution|counterfactual|feature|permutation|\bArt(?:\.|ikel|icle)|GDPR|DSGVO|%"
    )
    return re.findall(words_of_the_trade, text, re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_words_without_jargon_or_promise(language: str) -> None:
    raw = (files("explanations.narratives") / "words" / f"{language}.toml").read_text(encoding="utf-8")
    texts = " ".join(
        text for section, found in tomllib.loads(raw).items() if section != "_meta" for text in found.values()
    )

    assert jargon(texts) == []
    assert not re.search(r"you will be (approved|accepted)|if you do", texts)
