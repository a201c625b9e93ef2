"""What silence may mean for a purpose under a pack, and where a published purpose takes it to mean more (pure).

Packs speak of purposes in their law's words, published purposes in our kinds. The table connects the two. A rule that
says *off* asks for a yes before anything happens; one with `gpc` asks to follow the browser's signal.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from disclosures.packs.documents import Pack, PurposeRule

_WORDS: Final[dict[str, frozenset[str]]] = {
    "ai_training": frozenset({"ai_training"}),
    "ai_fine_tuning": frozenset({"ai_training"}),
    "ai_personalisation": frozenset({"personalisation_first_party"}),
    "ai_profiling": frozenset({"profiling_significant", "profiling_locating_identifying_tech"}),
    "ai_automated_decision": frozenset({"adm_significant"}),
    "ai_chat": frozenset({"ai_chat_handling"}),
    "ai_sentiment": frozenset({"sentiment_analysis", "sensitive_inference"}),
    "marketing": frozenset({"marketing", "marketing_email", "marketing_sms", "marketing_by_adm"}),
    "sale_or_share": frozenset({"sale_share", "targeted_ads_sale"}),
    "service": frozenset({"service_delivery"}),
}
_SENSITIVE: Final = frozenset({"sensitive", "sensitive_inference", "adm_special_category"})
_OTHER: Final = "every_other_purpose"


class Asked(NamedTuple):
    """A purpose as far as packs speak of it: its kind and whether silence, the signal and sensitive facts count."""

    key: str
    kind: str
    by_consent: bool
    gpc: bool
    sensitive: bool


class Silence(NamedTuple):
    """A purpose for which silence is taken to mean more than a rule lets it, or a signal is not followed."""

    key: str
    rule: PurposeRule
    wrong: str  # silence-is-no-yes, or signal-not-followed


def about(asked: Asked, pack: Pack, on: date) -> list[PurposeRule]:
    """Return the rules of a pack about a purpose that apply on a day."""
    wanted = _WORDS.get(asked.kind, frozenset()) | (_SENSITIVE if asked.sensitive else frozenset())
    found = [rule for rule in pack.purposes if rule.purpose in wanted and rule.in_force(on)]
    other = [rule for rule in pack.purposes if rule.purpose == _OTHER and rule.in_force(on)]
    return found or ([] if asked.kind == "service" else other)


def faults(purposes: Iterable[Asked], pack: Pack, on: date) -> list[Silence]:
    """Return where published purposes take silence to mean more than a pack does on a day."""
    found = []
    for asked in purposes:
        for rule in about(asked, pack, on):
            if rule.default == "off" and not asked.by_consent:
                found.append(Silence(asked.key, rule, "silence-is-no-yes"))
            if rule.gpc and not asked.gpc and not asked.by_consent:
                found.append(Silence(asked.key, rule, "signal-not-followed"))
    return found
