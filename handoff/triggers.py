"""Why a case goes to a human: rules with ids, each explained by the score, the threshold and the version it used.

The person's own request always wins and no model, cost target or policy is asked about it. Signals that only suggest
(confidence, failure, mood) make an offer, which the person may take or leave; duties and protection transfer at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

Trigger = Literal[
    "explicit",
    "confidence",
    "repeated_failure",
    "sentiment",
    "vulnerability",
    "high_stakes",
    "opt_out",
    "right",
    "tool_failure",
    "operator",
]
Action = Literal["transfer", "offer"]
TRIGGERS: Final = (
    *("explicit", "confidence", "repeated_failure", "sentiment", "vulnerability"),
    *("high_stakes", "opt_out", "right", "tool_failure", "operator"),
)
# a minute of waiting for each point; a person at risk goes before a person with a question
PRIORITY: Final[Mapping[str, int]] = {"vulnerability": 5, "right": 3, "high_stakes": 3, "opt_out": 1}

# the word alone, or asked for with a verb; a person who only mentions an agent has not asked for one
_WORDS: Final[Mapping[str, str]] = {
    "en": r"(real |live )?(human|person|agent|operator|representative|advisor|adviser|somebody real)",
    "de": r"(echten? )?(menschen?|person|mitarbeiter(in)?|kundenberater(in)?|berater(in)?)",
    "es": r"(persona( real)?|humano|agente|operador(a)?|representante)",
    "fr": r"((vraie )?personne|humain|agent|conseill(er|ère)|opérateur)",
    "it": r"(persona( reale)?|umano|operator(e)?|operatrice|agente)",
    "pt": r"(pessoa( real)?|humano|agente|atendente|operador(a)?)",
    "nl": r"(echt )?(mens|persoon|medewerker|iemand)",
    "ca": r"(persona( real)?|humà|agent|operador(a)?)",
    "ar": r"(شخص|إنسان|موظف)( حقيقي)?",
}
_ASKS: Final[Mapping[str, str]] = {
    "en": r"(talk|speak|chat|connect|transfer|put|get|give|want|need|human please|let me)",
    "de": r"(sprech\w*|red\w*|verbind\w*|möchte|will|brauche|geb\w*)",
    "es": r"(hablar|pás\w*|pas\w*|quiero|necesito|comun\w*)",
    "fr": r"(parler|veux|voudrais|besoin|passe[rz]?|transf\w*)",
    "it": r"(parlare|voglio|vorrei|bisogno|pass\w*)",
    "pt": r"(falar|quero|preciso|pass\w*|transf\w*)",
    "nl": r"(spreken|praten|wil|graag|doorverbind\w*)",
    "ca": r"(parlar|vull|necessito|pass\w*)",
    "ar": r"(أريد|تحدث|التحدث|حولني)",
}
_NOT: Final = re.compile(
    r"\b(not|don'?t|no need|kein\w*|nicht|no quiero|pas de|non voglio|não|niet|geen)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Thresholds:
    """When a signal counts. ``turns`` in a row; scores from 0 to 1, mood from -1 to 1."""

    confidence: float = 0.5
    confidence_turns: int = 2
    failures: int = 2
    sentiment: float = -0.5
    sentiment_turns: int = 2


class Signals(NamedTuple):
    """What is known of one turn, and how many in a row were like it (this one included)."""

    asked: bool = False
    confidence: float | None = None
    low: int = 0
    failed: int = 0
    sentiment: float | None = None
    sour: int = 0
    vulnerable: bool = False
    stakes: bool = False
    opted_out: bool = False
    right: str | None = None
    tool_failed: bool = False
    operator: str | None = None


@dataclass(frozen=True)
class Verdict:
    """One rule that fired: what to do, and why in facts."""

    rule: str
    trigger: Trigger
    action: Action
    because: Mapping[str, Any] = field(default_factory=dict)

    @property
    def priority(self) -> int:
        """Return how many minutes of waiting it is worth."""
        return PRIORITY.get(self.trigger, 0)


def asks_for_human(text: str, languages: Sequence[str] = ()) -> bool:
    """Tell whether a customer's words ask for a human, in any language known (the word, or a wish with it).

    ``languages`` narrows the search; a false yes costs an unneeded handoff, a false no costs a right: it leans to yes.
    """
    said = re.sub(r"[^\w\s']", " ", text.casefold()).strip()
    if not said:
        return False
    for language in languages or tuple(_WORDS):
        word = _WORDS.get(language.split("-")[0])
        if word is None:
            continue
        if re.fullmatch(rf"(an? |el |un |una |ein(en)? |une |een )?{word}( please| bitte| por favor| svp)?", said):
            return True
        if re.search(rf"\b{_ASKS[language.split('-')[0]]}\b.*\b{word}\b", said) and not _NOT.search(said):
            return True
    return False


def judge(signals: Signals, thresholds: Thresholds, version: int = 0) -> Verdict | None:
    """Return the strongest rule that fires, or nothing. ``version`` is that of the thresholds."""
    if signals.asked:
        return Verdict("asked/1", "explicit", "transfer")
    return _duties(signals) or _suspicions(signals, thresholds, version)


def _duties(signals: Signals) -> Verdict | None:
    if signals.right is not None:
        return Verdict("right/1", "right", "transfer", {"right": signals.right})
    if signals.opted_out:
        return Verdict("opt-out/1", "opt_out", "transfer")
    if signals.vulnerable:
        return Verdict("vulnerable/1", "vulnerability", "transfer")
    if signals.stakes:
        return Verdict("high-stakes/1", "high_stakes", "transfer")
    if signals.operator is not None:
        return Verdict(f"operator/{signals.operator}", "operator", "transfer", {"rule": signals.operator})
    return None


def _suspicions(signals: Signals, thresholds: Thresholds, version: int) -> Verdict | None:
    of: dict[str, Any] = {"version": version}
    if signals.tool_failed:
        return Verdict("tool-failed/1", "tool_failure", "transfer", of)
    if signals.failed >= thresholds.failures:
        because = {"turns": signals.failed, "threshold": thresholds.failures, **of}
        return Verdict("failed-again/1", "repeated_failure", "transfer", because)
    if signals.low >= thresholds.confidence_turns:
        because = {"score": signals.confidence, "threshold": thresholds.confidence, "turns": signals.low, **of}
        return Verdict("not-sure/2", "confidence", "transfer", because)
    if signals.low >= 1:
        because = {"score": signals.confidence, "threshold": thresholds.confidence, "turns": signals.low, **of}
        return Verdict("not-sure/1", "confidence", "offer", because)
    if signals.sour >= thresholds.sentiment_turns:
        because = {"score": signals.sentiment, "threshold": thresholds.sentiment, "turns": signals.sour, **of}
        return Verdict("mood/1", "sentiment", "offer", {**because, "disclose": "mood-is-estimated"})
    return None
