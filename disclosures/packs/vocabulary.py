"""The words between products and laws: which touchpoints a law's trigger means, and at which moments.

Packs name triggers and times in their law's terms; a question names the kind of touchpoint, facts about it and the
moment. The file `vocabulary.json` connects the two, so that a country is added without code.
"""

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from disclosures.packs.documents import Word

Kind = Literal[
    "chatbot",
    "voice_bot",
    "companion",
    "mental_health_bot",
    "recommender",
    "scorer",
    "router",
    "sentiment",
    "pricing",
    "content_generator",
    "other",
]
Moment = Literal[
    "session_start",
    "ongoing",
    "key_step",
    "asked",
    "first_communication",
    "data_collection",
    "consent_request",
    "before_use",
    "output",
    "price_shown",
    "offer_shown",
    "decision",
    "adverse_decision",
]
Channel = Literal["web", "app", "chat", "messenger", "email", "sms", "voice", "kiosk", "api"]
MOMENTS: Final = get_args(Moment)
LEGACY: Final = "on_the_market_before"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(_Strict):
    """One way to meet a trigger: any of the kinds, and all of the facts."""

    kinds: tuple[Kind, ...] = ()
    facts: tuple[Word, ...] = ()

    def met(self, kind: str, facts: frozenset[str]) -> bool:
        """Tell whether a touchpoint is such a case."""
        return (not self.kinds or kind in self.kinds) and facts.issuperset(self.facts)


class Trigger(_Strict):
    """What a law's trigger means for products; ``moments`` hold where a rule does not say when."""

    topic: Word
    any: Annotated[tuple[Case, ...], Field(min_length=1)]
    channels: tuple[Channel, ...] = ()
    moments: Annotated[tuple[Moment, ...], Field(min_length=1)]

    def met(self, kind: str, facts: frozenset[str], channel: str | None) -> bool:
        """Tell whether a touchpoint sets it off; an unknown channel counts as any."""
        if self.channels and channel is not None and channel not in self.channels:
            return False
        return any(case.met(kind, facts) for case in self.any)


class Vocabulary(_Strict):
    """All triggers, what a law's words for time mean, and the order in which topics are told."""

    schema_: Literal["rulewords/1"] = Field(alias="schema")
    topics: tuple[Word, ...]
    moments: dict[str, tuple[Moment, ...]]
    triggers: dict[str, Trigger]

    def moments_of(self, trigger: str, when: tuple[str, ...]) -> frozenset[str]:
        """Return the moments at which a rule with this trigger applies."""
        if not when:
            return frozenset(self.triggers[trigger].moments)
        return frozenset(moment for word in when for moment in self.moments[word])

    def facts(self) -> frozenset[str]:
        """Return every fact that some trigger asks about."""
        return frozenset(fact for trigger in self.triggers.values() for case in trigger.any for fact in case.facts)
