"""What the bundled packs have to say of the law, written by hand: dates, sources, exact wording, rhythms, clocks."""

from datetime import date

import pytest

from disclosures.packs.documents import Disclosure, Right
from disclosures.packs.loading import bundled

# each rule about disclosures: its first day (or none recorded), and a part of its source
FIRST_DAYS = {
    "eu.aia50-1": ("2026-08-02", "2024/1689 art 50(1)"),
    "eu.aia50-2": ("2026-08-02", "2024/1689 art 50(2)"),
    "eu.aia50-3": ("2026-08-02", "2024/1689 art 50(3)"),
    "eu.aia50-4": ("2026-08-02", "2024/1689 art 50(4)"),
    "eu.aia26-11": ("2027-12-02", "2024/1689 art 26(11)"),
    "eu.gdpr13-2f": (None, "GDPR 13(2)(f)"),
    "eu.crd6-1ea": (None, "2011/83 art 6(1)(ea)"),
    "eu.gdpr21-4": (None, "GDPR 21(4)"),
    "eu.ccd13": ("2026-11-20", "2023/2225 art 13"),
    "gb.22c": ("2026-02-05", "UK GDPR 22A-22D"),
    "ca.admt-preuse": ("2027-01-01", "11 CCR 7220"),
    "ca.bot": (None, "17941"),
    "ca.companion": (None, "22601"),
    "ca.sb942": ("2026-08-02", "SB 942"),
    "co.use": ("2027-01-01", "6-1-1704"),
    "co.adverse": ("2027-01-01", "6-1-1704"),
    "co.chat": ("2027-01-01", "HB 26-1263"),
    "ut.ask": ("2025-05-07", "13-75-103"),
    "ut.highrisk": ("2025-05-07", "13-75-103"),
    "ut.safe": ("2025-05-07", "13-75-104"),
    "ut.mental": (None, "mental health chatbot"),
    "me.chat": ("2025-09-23", "1500-DD"),
    "ny.price": ("2025-11-10", "349-a"),
    "ny.companion": ("2025-11-05", "1700-1702"),
    "ct.companion": (None, "SB 5"),
    "west.companion": ("2027-01-01", "SB 1546; Washington HB 2225"),
    "in.notice": ("2027-05-13", "DPDP Act s.5"),
    "qc.12-1": ("2023-09-22", "s.12.1"),
    "cn.label": ("2025-09-01", "Labelling Measures 2025"),
    "cn.anthro": ("2026-07-15", "CAC Order 21"),
    "kr.31-1": ("2026-01-22", "AI Basic Act 31(1)"),
    "kr.31-2": ("2026-01-22", "AI Basic Act 31(2)"),
    "kr.37-2-4": (None, "PIPA 37-2(4)"),
    "au.1-7": ("2026-12-10", "APP 1.7"),
}
CLOCKS = {
    "eu_1m": "1mo",
    "uk_1m": "1mo",
    "uk_complaint": "30d",
    "ca_ack": "10bd",
    "ca_45": "45d",
    "ca_optout": "15bd",
    "ca_resolicit": "12mo",
    "co_adverse": "30d",
    "co_45": "45d",
    "mn_45": "45d",
    "regb_30": "30d",
    "qc_30": "30d",
    "br_15": "15d",
    "in_90": "90d",
    "kr_30": "30d",
    "cn_15wd": "15bd",
    "es_claim": "15bd",
    "breach_72h": "72h",
}
RIGHTS = {
    "eu.gdpr15-1h": "eu_1m",
    "eu.aia86": "eu_1m",
    "eu.ccd18-8": None,
    "gb.15": "uk_1m",
    "us.regb": "regb_30",
    "us.fcra615": None,
    "ca.7222": "ca_45",
    "co.req": "co_45",
    "mn.question": "mn_45",
    "ct.contest": None,
    "br.20": "br_15",
    "qc.12-1r": "qc_30",
    "cn.24": "cn_15wd",
    "kr.37-2": "kr_30",
}


def disclosure(rule_id: str) -> Disclosure:
    found = bundled().rule(rule_id)
    assert found is not None
    assert isinstance(found[1], Disclosure)
    return found[1]


def test_there_is_every_disclosure_rule_and_no_other() -> None:
    assert {rule.id for pack in bundled().packs.values() for rule in pack.disclosures} == FIRST_DAYS.keys()


@pytest.mark.parametrize("rule_id", FIRST_DAYS)
def test_a_disclosure_begins_on_its_day_by_its_source(rule_id: str) -> None:
    first, source = FIRST_DAYS[rule_id]
    rule = disclosure(rule_id)

    assert rule.effective == ("in_force" if first is None else date.fromisoformat(first))
    assert source in rule.cite


def test_every_clock_has_its_length() -> None:
    assert {clock.id: clock.len for clock in bundled().clocks.values()} == CLOCKS


def test_every_right_to_an_explanation_has_its_clock() -> None:
    rights = [rule for pack in bundled().packs.values() for rule in pack.rights]

    assert all(isinstance(rule, Right) for rule in rights)
    assert {rule.id: rule.clock for rule in rights} == RIGHTS


def test_statutory_wording_is_letter_for_letter() -> None:
    wording = "THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA"

    assert disclosure("ny.price").fixed_text == wording
    assert disclosure("ny.price").place == "at_or_near_price"


def test_the_right_under_article_86_is_contested_and_treated_as_applying() -> None:
    found = bundled().rule("eu.aia86")
    assert found is not None

    assert found[1].contested
    assert found[1].recommend == "treat_as_applying"
    assert found[1].applies_from == (date(2026, 8, 2), date(2027, 12, 2))
    assert found[1].in_force(date(2026, 11, 21))


def test_vague_words_are_not_enough_in_europe_and_california() -> None:
    assert "assistant label" in disclosure("eu.aia50-1").insufficient_alone
    assert "to improve our services" in disclosure("ca.admt-preuse").insufficient_alone


@pytest.mark.parametrize("rule_id", ["ca.companion", "ny.companion"])
def test_bots_that_only_serve_customers_are_no_companions(rule_id: str) -> None:
    assert disclosure(rule_id).unless == "customer_service_only"


def test_no_pack_is_active_before_somebody_has_signed_it_off() -> None:
    for pack in bundled().packs.values():
        assert pack.status == "draft"
        assert all(pack.advisory(rule) == (rule.conf in {"C", "M"}) for rule in pack.rules)
