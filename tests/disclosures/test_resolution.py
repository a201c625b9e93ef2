"""What is due where: the union of packs, the strictest rule, the reasons kept, any day (DIS-03, RUL-02, RUL-03)."""

from datetime import date
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.clock import parse_rfc3339
from disclosures.packs.applicability import Reason, Whereabouts, applicable
from disclosures.packs.documents import Duty
from disclosures.packs.languages import languages
from disclosures.packs.loading import bundled
from disclosures.packs.vocabulary import LEGACY
from disclosures.resolution import Due, Question, Resolution, legal_day, resolve

TODAY = date(2026, 11, 21)
SHOP = frozenset({"other"})
AUTOMATED = frozenset({"solely_automated", "significant_effect"})


def ask(kind: Any, residence: str | None = None, on: date = TODAY, **more: Any) -> Resolution:
    where = Whereabouts(
        residence,
        more.pop("location", None),
        more.pop("establishment", None),
        more.pop("sectors", SHOP),
        more.pop("contract", "other"),
    )
    return resolve(bundled(), Question(kind, on, where, frozenset(more.pop("facts", ())), **more))


def rules(found: Resolution) -> list[str]:
    return [one.rule.id for due in found.due for one in due.rules]


def topic(found: Resolution, name: str) -> Due:
    return next(due for due in found.due if due.topic == name)


def test_a_customer_under_two_packs_gets_both_disclosures_and_the_shorter_clock() -> None:
    found = ask("scorer", "US-CO", date(2027, 1, 1), location="DE", facts=AUTOMATED)

    told = topic(found, "automated_decision")
    assert [one.rule.id for one in told.rules] == ["eu.gdpr13-2f", "co.use"]
    assert [one.reasons for one in told.rules] == [(Reason("location", "DE"),), (Reason("residence", "US-CO"),)]
    assert {"logic", "consequences"} <= set(told.must_convey)
    assert found.answer_within is not None
    assert (found.answer_within.clock.id, found.answer_within.rule) == ("eu_1m", "eu.gdpr15-1h")
    adverse = topic(found, "adverse_outcome").clock
    assert adverse is not None
    assert adverse.clock.id == "co_adverse"


def test_the_denser_cadence_wins_and_says_whose_it_is() -> None:
    told = topic(ask("companion", "US-NY", location="CN", minor=False), "ai_interaction")

    assert told.cadence.minutes == 120
    assert told.cadence_by == ("cn.anthro",)
    assert told.cadence.starts_per_day is None


def test_every_place_that_a_rule_names_is_kept() -> None:
    told = topic(ask("pricing", "US-NY", location="FR", facts=["personalised_price"]), "price")

    assert told.placement.places == ("at_or_near_price", "in_context")
    assert told.fixed_texts == ("THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA",)
    assert told.must_convey == ("price_personalised_by_adm",)


def test_an_oral_channel_is_spoken_first() -> None:
    assert topic(ask("voice_bot", "DE", channel="voice"), "ai_interaction").placement.manner == "spoken_first"
    assert topic(ask("chatbot", "DE", channel="web"), "ai_interaction").placement.manner == "written"


def test_an_unknown_home_means_everything_that_any_pack_asks() -> None:
    found = ask("companion", None, date(2027, 6, 1), minor=True, facts=["anthropomorphic"])
    everyone = {
        one
        for place in ("DE", "US-CA", "US-CO", "US-CT", "US-ME", "US-NY", "US-OR", "US-UT", "CN", "KR")
        for one in rules(ask("companion", place, date(2027, 6, 1), minor=True, facts=["anthropomorphic"]))
    }

    assert everyone <= set(rules(found))
    assert found.packs[[one.pack.id for one in found.packs].index("default-strict")].reasons == [
        Reason("residence-unknown", "")
    ]


@pytest.mark.parametrize("place", ["JP", "US-FL", "ZZ"])
def test_a_place_without_a_pack_counts_as_unknown(place: str) -> None:
    found = ask("chatbot", place)

    assert set(rules(found)) == set(rules(ask("chatbot", None)))
    assert Reason("no-pack-for-place", place) in next(
        one.reasons for one in found.packs if one.pack.id == "default-strict"
    )


def test_an_unknown_state_means_every_states_pack() -> None:
    packs = {one.pack.id: one.reasons for one in ask("chatbot", "US").packs}

    assert {"us-ca", "us-co", "us-ny", "us-ut", "us-companion-west", "us-gpc-states"} <= packs.keys()
    assert packs["us-ca"] == [Reason("residence-within", "US-CA")]
    assert "default-strict" not in packs


def test_a_country_applies_in_each_of_its_states() -> None:
    where = Whereabouts("US-NY", sectors=frozenset({"credit"}))
    packs = {one.pack.id: one.reasons for one in applicable(bundled(), where)}

    assert packs == {"us-ny": [Reason("residence", "US-NY")], "us-federal-credit": [Reason("residence", "US-NY")]}


@pytest.mark.parametrize(
    ("sectors", "applies"), [(frozenset({"consumer_credit"}), True), (frozenset({"other"}), False), (None, True)]
)
def test_an_overlay_applies_to_its_sector_and_where_the_sector_is_unknown(
    sectors: frozenset[str] | None, applies: bool
) -> None:
    found = ask("recommender", "DE", sectors=sectors, facts=["personalised_offer"])

    assert ("eu.ccd13" in rules(found)) is applies
    assert ("eu-credit" in {one.pack.id for one in found.packs}) is applies


def test_an_overlay_brings_the_pack_it_inherits() -> None:
    packs = {one.pack.id for one in applicable(bundled(), Whereabouts("ES", sectors=SHOP, contract="other"))}

    assert packs == {"eu", "es"}


def test_the_first_of_january_2027_differs_from_today_as_the_law_says() -> None:
    then = date(2027, 1, 1)

    def change(kind: str, place: str, **more: Any) -> tuple[set[str], set[str]]:
        today, later = set(rules(ask(kind, place, **more))), set(rules(ask(kind, place, then, **more)))
        return later - today, today - later

    assert change("scorer", "US-CA", facts=AUTOMATED) == ({"ca.admt-preuse"}, set())
    assert change("scorer", "US-CO", facts=AUTOMATED) == ({"co.use", "co.adverse"}, set())
    assert change("chatbot", "US-CO") == ({"co.chat"}, set())
    assert change("companion", "US-WA") == ({"west.companion"}, set())
    assert change("scorer", "AU", facts=AUTOMATED) == ({"au.1-7"}, set())
    assert change("chatbot", "DE") == (set(), set())
    assert change("content_generator", "DE", facts=[LEGACY]) == ({"eu.aia50-2"}, set())


def test_a_rule_of_the_future_is_told_as_not_yet_due() -> None:
    found = ask("scorer", "US-CA", facts=AUTOMATED)

    assert [(one.rule.id, one.because, one.about) for one in found.omitted] == [
        ("ca.admt-preuse", "not-yet", "2027-01-01")
    ]


def test_a_contested_right_that_is_treated_as_applying_is_listed_as_contested() -> None:
    found = {one.right.id: one.right.contested for one in ask("scorer", "DE", facts=AUTOMATED).rights}

    assert found == {"eu.gdpr15-1h": False, "eu.aia86": True}
    assert "eu.aia86" not in {one.right.id for one in ask("scorer", "DE", date(2026, 8, 1)).rights}


def test_an_exemption_is_kept_as_the_reason_why_nothing_is_told() -> None:
    found = ask("companion", "US-NY", facts=["customer_service_only"])

    assert rules(found) == []
    assert [(one.rule.id, one.because, one.about) for one in found.omitted] == [
        ("ny.companion", "exempt", "customer_service_only")
    ]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("session_start", ["eu.aia50-1"]),
        ("key_step", ["eu.aia50-1"]),
        ("ongoing", ["eu.aia50-1"]),
        ("first_communication", ["eu.gdpr21-4"]),
        ("output", []),
        (None, ["eu.aia50-1", "eu.gdpr21-4"]),
    ],
)
def test_only_what_belongs_to_the_moment_is_due(moment: Any, expected: list[str]) -> None:
    assert rules(ask("chatbot", "DE", moment=moment)) == expected


def test_in_utah_who_asks_is_told() -> None:
    assert rules(ask("chatbot", "US-UT", moment="asked")) == ["ut.ask", "ut.safe"]


def test_a_notice_of_a_decision_comes_with_an_adverse_one_too() -> None:
    for moment in ("decision", "adverse_decision"):
        assert rules(ask("scorer", "CA-QC", moment=moment, facts=AUTOMATED)) == ["qc.12-1"]


def test_an_online_law_does_not_reach_the_telephone() -> None:
    online: dict[str, Any] = {"facts": ["online_sale_or_vote"]}

    assert "ca.bot" in rules(ask("chatbot", "US-CA", channel="web", **online))
    assert "ca.bot" in rules(ask("chatbot", "US-CA", channel=None, **online))
    assert "ca.bot" not in rules(ask("chatbot", "US-CA", channel="voice", **online))


def test_topics_are_told_in_one_order() -> None:
    everything = ask("companion", None, date(2028, 1, 1), facts=bundled().vocabulary.facts())

    assert [due.topic for due in everything.due] == [
        name for name in bundled().vocabulary.topics if name in {due.topic for due in everything.due}
    ]
    assert everything.due[0].topic == "ai_interaction"


@pytest.mark.parametrize(("locale", "missing"), [("en", ("fr",)), ("fr-CA", ()), ("fr", ()), (None, ("fr",))])
def test_a_language_that_a_law_asks_for_is_missed(locale: str | None, missing: tuple[str, ...]) -> None:
    [found] = ask("chatbot", "CA-QC", locale=locale).languages

    assert (found.duty.id, found.missing) == ("ca-qc.language", missing)


def test_a_language_named_by_its_role_is_never_missed() -> None:
    applied = applicable(bundled(), Whereabouts(None, sectors=SHOP, contract="other"))
    found = {one.duty.id: one.missing for one in languages(applied, "en-GB", TODAY)}

    assert found == {"default-strict.language": (), "eu.language": ()}
    assert all(isinstance(rule, Duty) for rule in bundled().packs["eu"].duties)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-12-31T09:59:59.999999Z", "2026-12-31"),
        ("2026-12-31T10:00:00Z", "2027-01-01"),
        ("2027-01-01T00:00:00Z", "2027-01-01"),
        ("1970-01-01T00:00:00Z", "1970-01-01"),
    ],
)
def test_a_day_counts_from_where_it_begins_first(at: str, day: str) -> None:
    assert legal_day(parse_rfc3339(at)) == date.fromisoformat(day)


PLACES = some.sampled_from(
    [None, "DE", "ES", "GB", "US", "US-CA", "US-CO", "US-NY", "US-FL", "IN", "JP", "CA-QC", "EU"]
)
KINDS = some.sampled_from(["chatbot", "companion", "scorer", "pricing", "content_generator", "mental_health_bot"])
FACTS = some.frozensets(some.sampled_from(sorted(bundled().vocabulary.facts())), max_size=6)


@given(KINDS, PLACES, PLACES, FACTS, some.dates(date(2024, 1, 1), date(2029, 1, 1)))
def test_a_second_place_never_asks_for_less(
    kind: Any, residence: str | None, location: str | None, facts: frozenset[str], on: date
) -> None:
    one, both = ask(kind, residence, on, facts=facts), ask(kind, residence, on, facts=facts, location=location)

    assert set(rules(one)) <= set(rules(both))
    wider = {due.topic: due for due in both.due}
    for due in one.due:
        assert set(due.must_convey) <= set(wider[due.topic].must_convey)
        assert set(due.placement.places) <= set(wider[due.topic].placement.places)
        mine, theirs = due.cadence.interval(minor=None), wider[due.topic].cadence.interval(minor=None)
        assert mine is None or (theirs is not None and theirs <= mine)


@given(KINDS, PLACES, FACTS)
def test_knowing_less_never_asks_for_less(kind: Any, residence: str | None, facts: frozenset[str]) -> None:
    known = ask(kind, residence, facts=facts, channel="voice", moment="session_start")
    unknown = ask(kind, None, facts=facts, sectors=None, contract=None)

    assert set(rules(known)) <= set(rules(unknown))


def test_with_all_packs_an_answer_takes_less_than_five_milliseconds() -> None:
    facts, spent = bundled().vocabulary.facts(), []
    for _ in range(100):
        begun = perf_counter()
        ask("companion", None, date(2028, 1, 1), facts=facts, sectors=None)
        spent.append(perf_counter() - begun)

    assert sorted(spent)[50] < 0.005
