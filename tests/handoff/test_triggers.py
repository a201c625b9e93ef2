"""Triggers by themselves: the request wins, each rule names itself and its figures."""

from typing import Any

import pytest

from handoff import triggers
from handoff.triggers import Signals, Thresholds

USUAL = Thresholds()
RULES: list[tuple[dict[str, Any], str, str]] = [
    ({"asked": True}, "explicit", "transfer"),
    ({"right": "gdpr-22"}, "right", "transfer"),
    ({"opted_out": True}, "opt_out", "transfer"),
    ({"vulnerable": True}, "vulnerability", "transfer"),
    ({"stakes": True}, "high_stakes", "transfer"),
    ({"operator": "vip"}, "operator", "transfer"),
    ({"tool_failed": True}, "tool_failure", "transfer"),
    ({"failed": 2}, "repeated_failure", "transfer"),
    ({"confidence": 0.2, "low": 1}, "confidence", "offer"),
    ({"confidence": 0.2, "low": 2}, "confidence", "transfer"),
    ({"sentiment": -0.9, "sour": 2}, "sentiment", "offer"),
]


@pytest.mark.parametrize(("known", "trigger", "action"), RULES)
def test_each_signal_has_its_rule(known: dict[str, Any], trigger: str, action: str) -> None:
    verdict = triggers.judge(Signals(**known), USUAL, 3)

    assert verdict is not None
    assert (verdict.trigger, verdict.action) == (trigger, action)
    assert verdict.rule


def test_every_trigger_has_a_rule() -> None:
    assert {trigger for _, trigger, _ in RULES} == set(triggers.TRIGGERS)


def test_the_request_wins_over_everything() -> None:
    verdict = triggers.judge(Signals(True, 1.0, 9, 9, -1.0, 9, True, True, True, "gdpr-22", True, "keep"), USUAL)

    assert verdict is not None
    assert verdict.trigger == "explicit"


def test_a_rule_says_score_threshold_and_version() -> None:
    verdict = triggers.judge(Signals(confidence=0.31, low=1), Thresholds(confidence=0.4), 7)

    assert verdict is not None
    assert verdict.because == {"score": 0.31, "threshold": 0.4, "turns": 1, "version": 7}


def test_the_use_of_mood_is_disclosed() -> None:
    verdict = triggers.judge(Signals(sentiment=-0.9, sour=2), USUAL)

    assert verdict is not None
    assert verdict.because["disclose"] == "mood-is-estimated"


def test_nothing_known_triggers_nothing() -> None:
    assert triggers.judge(Signals(), USUAL) is None


@pytest.mark.parametrize(
    "text",
    [
        "human",
        "Agent!",
        "a real person please",
        "I want to talk to a human",
        "let me speak with somebody real",
        "Ich möchte mit einem Menschen sprechen",
        "Mitarbeiter",
        "quiero hablar con una persona",
        "agente",
        "je veux parler à une personne",
        "vorrei parlare con un operatore",
        "quero falar com um atendente",
        "ik wil een medewerker spreken",
        "أريد التحدث مع شخص",
    ],
)
def test_asking_in_any_configured_language_is_understood(text: str) -> None:
    assert triggers.asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "my order is late",
        "the agent sold me a policy",
        "I don't want to talk to a human",
        "???",
        "no quiero hablar con un agente",
    ],
)
def test_a_mention_is_not_a_request(text: str) -> None:
    assert not triggers.asks_for_human(text)
