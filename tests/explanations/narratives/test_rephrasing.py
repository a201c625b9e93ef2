"""A language model may only rephrase: what is not true to the record never reaches a narrative, whatever it sends."""

import json
import re
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from core.http import HttpClient
from explanations.narratives.adapters.openai_words import OpenAiWords
from explanations.narratives.brief import Brief, brief
from explanations.narratives.checker import judged
from explanations.narratives.display import Names
from explanations.narratives.letter import Told
from explanations.narratives.service import Narrated, _with_reasons
from explanations.narratives.vocabulary import vocabulary
from explanations.narratives.words import Locale
from explanations.reasons.ranking import ranked
from tests.explanations.narratives.chatting import KEY, chatting
from tests.explanations.narratives.lies import BASE, LIES
from tests.explanations.narratives.rephrasings import (
    AMOUNT,
    FAITHFUL_DE,
    FAITHFUL_EN,
    JOB,
    PLANT,
    TERM,
    TURN,
    Said,
    answer,
    case,
    reason,
)
from tests.explanations.narratives.telling import LETTER, narrated, part, words
from tests.explanations.reasons.explaining import PUSHES, explained
from tests.explanations.reasons.tabling import approved

pytestmark = pytest.mark.anyio
FAITHFUL = [("en", one) for one in FAITHFUL_EN] + [("de", one) for one in FAITHFUL_DE]


async def plain(language: str = "en", **changes: Any) -> Narrated:
    return await narrated(case(**changes), language=language)


async def test_at_least_25_lies_and_none_reaches_the_narrative() -> None:
    template = await plain()
    assert len(LIES) >= 25

    for name, lie in LIES.items():
        async with chatting([lie]) as (server, rephraser):
            told = await narrated(case(), rephraser=rephraser)
        assert words(told).text == words(template).text, name
        assert words(told).generator == "template", name
        assert len(server.requests) == 2, name
        assert not words(told).fidelity.ok, name
        assert words(told).fidelity.errors, name
        assert told.explanation.quality.narrative_fidelity is False
        assert "narrative_fidelity" in told.explanation.quality.flags


async def test_of_25_faithful_rephrasings_at_least_23_are_taken() -> None:
    assert len(FAITHFUL) == 25
    taken = 0
    for language, said in FAITHFUL:
        async with chatting([answer(*said)]) as (_, rephraser):
            told = await narrated(case(), language=language, rephraser=rephraser)
        if words(told).generator == "llm":
            taken += 1
            assert part(told, "reasons")[0] == said[0][0]
            assert told.explanation.quality.narrative_fidelity is True

    assert taken >= 23


async def test_a_taken_rephrasing_replaces_the_reasons_and_nothing_else() -> None:
    template = await plain()
    async with chatting([answer(*BASE)]) as (server, rephraser):
        told = await narrated(case(), rephraser=rephraser)

    assert part(told, "reasons") == [TERM[0], AMOUNT[0], JOB[0], "You were compared with all applicants."]
    assert part(told, "changes") == [TURN[0], *part(template, "changes")[1:]]
    assert part(told, "limits")[0].startswith("A language model put the reasons into other words")
    for key in ("decision", "role", "data", "consequences", "rights", "reference"):
        assert part(told, key) == part(template, key)
    assert [claim.rank for claim in words(told).claims] == [1, 2, 3]
    assert words(told).fidelity.ok
    assert told.sendable
    assert len(server.requests) == 1


async def test_the_second_try_hears_what_was_wrong_and_not_what_was_said() -> None:
    async with chatting([LIES["promise"], answer(*BASE)]) as (server, rephraser):
        told = await narrated(case(), rephraser=rephraser)

    assert words(told).generator == "llm"
    assert words(told).fidelity.errors
    second = json.dumps(server.requests[1]["messages"])
    assert "change-not-tested" in second
    assert "will be approved" not in second


async def test_a_canary_that_comes_back_is_refused() -> None:
    def parrot(body: dict[str, Any]) -> str:
        canary = body["messages"][0]["content"].rsplit(" ", 1)[1]
        return answer(TERM, AMOUNT, JOB, (f"{TURN[0]} {canary[:10]}-{canary[10:]}", TURN[1]))

    async with chatting(parrot) as (_, rephraser):
        told = await narrated(case(), rephraser=rephraser)

    assert words(told).fidelity.errors == ("1:canary", "2:canary")


async def test_only_the_facts_that_are_needed_leave() -> None:
    async with chatting([answer(*BASE)]) as (server, rephraser):
        told = await narrated(case(), rephraser=rephraser)

    sent = json.dumps(server.requests, ensure_ascii=False)
    explanation = told.explanation
    for secret in (
        PLANT,
        explanation.subject_id,
        explanation.decision_id,
        explanation.id,
        "Example Bank",
        "your age",
        "your accounts",
        "90.5",
        "A14",
    ):
        assert secret not in sent, secret
    assert "48 months" in sent
    head = server.heads[0].lower()
    assert f"authorization: bearer {KEY}" in head
    assert "x-stainless" not in head
    assert "python" not in head


async def test_hashes_of_prompt_and_answer_are_kept_and_the_same_again() -> None:
    hashes = []
    for _ in range(2):
        async with chatting([answer(*BASE)]) as (_, rephraser):
            told = await narrated(case(), rephraser=rephraser)
        hashes.append((told.noted()["prompt_hash"], told.noted()["output_hash"]))

    assert hashes[0] == hashes[1]
    assert all(one.startswith("sha256:") for one in hashes[0])
    assert (await plain()).noted()["prompt_hash"] is None


@pytest.mark.parametrize("mode", ["broken", "shapeless", "redirect", "flood", "drip"])
async def test_a_model_that_does_not_answer_well_changes_nothing(mode: str) -> None:
    async with chatting([answer(*BASE)], mode, seconds=2.0 if mode == "drip" else 20.0) as (server, rephraser):
        told = await narrated(case(), rephraser=rephraser)

    assert words(told).text == words(await plain()).text
    assert words(told).fidelity.ok  # nothing untrue was said: nothing was said
    assert told.explanation.quality.narrative_fidelity is None
    assert len(server.requests) <= 1


async def test_a_model_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    now = [0.0]
    async with chatting([answer(*BASE)], "broken") as (server, _):
        client = HttpClient([f"127.0.0.1:{server.port}"])
        asker = OpenAiWords(client, f"http://127.0.0.1:{server.port}/v1", "m", monotonic=lambda: now[0])
        for _ in range(6):
            with pytest.raises(DomainError):
                await asker.ask([{"role": "user", "content": "x"}])
        assert len(server.requests) == 3
        now[0] = 31.0
        with pytest.raises(DomainError):
            await asker.ask([{"role": "user", "content": "x"}])
        assert len(server.requests) == 4
        await client.close()


async def test_a_private_address_is_not_called_unless_it_is_listed() -> None:
    async with chatting([answer(*BASE)]) as (server, _):
        client = HttpClient()
        asker = OpenAiWords(client, f"http://127.0.0.1:{server.port}/v1", "m")
        with pytest.raises(DomainError):
            await asker.ask([{"role": "user", "content": "x"}])
        assert server.requests == []
        await client.close()


@pytest.mark.parametrize("language", ["fr", "fi", "ar"])
async def test_a_language_without_a_vocabulary_is_never_rephrased(language: str) -> None:
    async with chatting([answer(*BASE)]) as (server, rephraser):
        told = await narrated(case(), language=language, rephraser=rephraser)

    assert (words(told).generator, server.requests) == ("template", [])


async def test_a_letter_that_is_stopped_is_not_even_asked_about() -> None:
    async with chatting([answer(*BASE)]) as (server, rephraser):
        told = await narrated(explained({**PUSHES, "age": 0.3}), rephraser=rephraser)

    assert (words(told).blocks, server.requests) == (("prohibited-basis",), [])


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ((TERM, AMOUNT, JOB), False),  # "most" is more than anybody knows
        (
            (
                ("The amount of the loan, 7500 EUR, counted against you.", [reason(2)]),
                ("The term of the loan, 48 months, counted against you.", [reason(1)]),
                JOB,
            ),
            True,  # no order is certain, so none is wrong
        ),
    ],
)
async def test_where_the_order_is_open_no_word_may_claim_one(said: tuple[Said, ...], taken: bool) -> None:
    uncertain = explained({"duration": 0.2, "amount": 0.12, "employed": 0.05}, stderr=0.5)
    async with chatting([answer(*said, TURN)]) as (_, rephraser):
        told = await narrated(uncertain, rephraser=rephraser)

    assert (words(told).generator == "llm") is taken
    assert part(told, "reasons")[0].endswith("Their order says nothing:")


def given_brief(language: str = "en") -> Brief:
    found = ranked(case(), approved())
    told = Told(_with_reasons(case(), found), found, approved(), LETTER)
    return brief(told, Names(approved(), Locale(language)), 400)


GIVEN = given_brief()
WORDS = vocabulary("en")


def faults(*said: Said) -> tuple[str, ...]:
    assert WORDS is not None
    return judged(answer(*said), GIVEN, WORDS, "canary").errors


def _with_text(said: list[Said], place: int, text: str) -> list[Said]:
    return [(text if n == place else one[0], one[1]) for n, one in enumerate(said)]


PUNCTUATION = " .,;:()'\"-\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
assert WORDS is not None
SPOKEN = (
    WORDS.words | WORDS.change_words | {part for text in (*WORDS.phrases, *WORDS.ordinals) for part in text.split()}
)
sentences = st.tuples(st.sampled_from(FAITHFUL_EN), st.integers(0, 5))


@settings(max_examples=100, deadline=None)
@given(sentences, st.integers(0, 10_000), st.integers(0, 9))
def test_any_other_digit_is_refused(picked: tuple[list[Said], int], where: int, digit: int) -> None:
    said, number = picked
    place = number % len(said)
    digits = [n for n, char in enumerate(said[place][0]) if char.isdigit()]
    assume(digits)
    at = digits[where % len(digits)]
    text = said[place][0]
    assume(text[at] != str(digit))

    assert faults(*_with_text(said, place, text[:at] + str(digit) + text[at + 1 :]))


WILD = st.sampled_from(
    [
        "not",
        "never",
        "will",
        "should",
        "guarantee",
        "approved",
        "rejected",
        "age",
        "gender",
        "postcode",
        "salary",
        "nationality",
        "married",
        "children",
        "always",
        "100%",
        "twice",
        "half",
        "forty",
        "http://x",
        "<b>",
        "@",
        "risk",
        "fraud",
        "cheap",
        "lower",
        "higher",
        "yesterday",
        "no",
        "without",
        "hardly",
        "Ihr",
        "votre",
    ]
)


@settings(max_examples=120, deadline=None)
@given(sentences, WILD, st.integers(0, 60))
def test_any_word_that_nobody_approved_is_refused_wherever_it_stands(
    picked: tuple[list[Said], int], word: str, where: int
) -> None:
    said, number = picked
    place = number % len(said)
    parts = said[place][0].split(" ")
    parts.insert(where % (len(parts) + 1), word)

    assert faults(*_with_text(said, place, " ".join(parts)))


@settings(max_examples=100, deadline=None)
@given(sentences, st.text(min_size=1, max_size=12))
def test_random_text_added_to_a_faithful_sentence_is_refused_unless_it_says_nothing(
    picked: tuple[list[Said], int], noise: str
) -> None:
    said, number = picked
    place = number % len(said)
    strange = any(not char.isalpha() and char not in PUNCTUATION for char in noise.strip())
    assume(strange or not set(re.findall(r"[^\W\d_]+", noise.casefold())) <= SPOKEN)

    assert faults(*_with_text(said, place, f"{said[place][0]} {noise}"))


@settings(max_examples=100, deadline=None)
@given(st.permutations([TERM, AMOUNT, JOB, TURN]))
def test_any_other_order_is_refused(said: list[Said]) -> None:
    assert bool(faults(*said)) is (said != BASE)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FAITHFUL_EN), st.integers(0, 10))
def test_leaving_a_sentence_out_is_noticed_where_it_said_something(said: list[Said], number: int) -> None:
    rest = [one for n, one in enumerate(said) if n != number % len(said)]
    left = {claim["fact"] for _, claims in rest for claim in claims}

    assert bool(faults(*rest)) or left == {"reason-1", "reason-2", "reason-3", "change-1"}


LABELS = ["the term of the loan", "the amount of the loan", "the time in your present job"]


def test_calling_one_thing_by_the_name_of_another_is_refused() -> None:
    tried = 0
    for said in FAITHFUL_EN:
        for place, (text, _) in enumerate(said):
            for one, other in permutations(LABELS, 2):
                if one in text and other not in text:
                    tried += 1
                    assert faults(*_with_text(said, place, text.replace(one, other))), text
    assert tried > 50


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_whatever_a_model_sends_the_checker_answers(raw: str) -> None:
    assert WORDS is not None
    assert judged(raw, GIVEN, WORDS, "canary").errors
