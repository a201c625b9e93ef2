"""What people have to be told about AI at a touchpoint: to whom, where, what happens, on which day (DIS-03, RUL-02).

The answer is the union of the packs that apply. Rules about the same topic become one disclosure that satisfies all
of them: everything any of them must convey, every place, the densest cadence, the shortest clock; each rule keeps
its citation and why it applies. Rules that would apply but for an exemption, their date or an override are told too.
Pure: the day comes in by argument, so any day can be tried (RUL-03).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.clock import DAY
from disclosures import cadence
from disclosures.cadence import Cadence
from disclosures.packs.applicability import Applied, Reason, Whereabouts, applicable
from disclosures.packs.documents import Disclosure, LegalClock, Pack, Right
from disclosures.packs.durations import length
from disclosures.packs.languages import LanguageDue, languages
from disclosures.packs.loading import PackSet
from disclosures.packs.overrides import Effective, Override, effective
from disclosures.packs.vocabulary import LEGACY, Channel, Kind, Moment

# where a law repeats "periodically" without a number, the shortest interval any law gives for minors
PERIODIC_MINUTES = 60
_STRICTEST_PLACE_FIRST = ("at_or_near_price", "in_context", "privacy_policy")
_SPOKEN = frozenset({"voice"})
_FIRST_ZONE = 14 * DAY // 24  # a day begins first on Kiritimati, UTC+14
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Question:
    """A touchpoint as a person meets it on a day. ``minor`` None: age unknown. ``moment`` None: all moments."""

    kind: Kind
    on: date
    where: Whereabouts = field(default_factory=Whereabouts)
    facts: frozenset[str] = frozenset()
    channel: Channel | None = None
    minor: bool | None = None
    moment: Moment | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class RuleDue:
    """A rule that applies, from which pack and why."""

    rule: Disclosure
    pack: Pack
    reasons: tuple[Reason, ...]
    cadence: Cadence
    moments: frozenset[str]
    overridden_by: tuple[str, ...] = ()


class Omitted(NamedTuple):
    """A rule that does not apply here, and why: ``exempt``, ``not-yet``, ``ended``, ``legacy``, ``switched-off``."""

    rule: Disclosure
    pack: Pack
    because: str
    about: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how it has to be told; every one of ``places``."""

    places: tuple[str, ...]
    manner: str  # spoken_first or written
    separate: bool
    accessible: bool
    public: bool


class Shortest(NamedTuple):
    """The shortest clock of several and the rule it comes from."""

    clock: LegalClock
    rule: str


@dataclass(frozen=True, slots=True)
class Due:
    """One disclosure that satisfies all its rules; ``cadence_by`` are the rules that set its interval."""

    topic: str
    rules: tuple[RuleDue, ...]
    must_convey: tuple[str, ...]
    insufficient_alone: tuple[str, ...]
    fixed_texts: tuple[str, ...]
    placement: Placement
    cadence: Cadence
    cadence_by: tuple[str, ...]
    clock: Shortest | None


class RightDue(NamedTuple):
    """A right to an explanation that the person has."""

    right: Right
    pack: Pack
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Everything due, in the order in which to tell it."""

    packs: tuple[Applied, ...]
    due: tuple[Due, ...]
    omitted: tuple[Omitted, ...]
    rights: tuple[RightDue, ...]
    languages: tuple[LanguageDue, ...]
    answer_within: Shortest | None  # the shortest clock of the rights that answer a request


def legal_day(at: int) -> date:
    """Return the day of an instant (microseconds) where it begins first: no customer is told too late."""
    return date.fromordinal(_EPOCH_DAY + (at + _FIRST_ZONE) // DAY)


def cadence_of(found: Effective, moments: frozenset[str]) -> Cadence:
    """Return how often a rule repeats. A rule with a gap asks at the first contact and after the gap only."""
    rule, repeat = found.rule, found.rule.repeat
    gap = repeat.gap if repeat else None
    minors = repeat.minors if repeat else None
    starts = "session_start" in moments and (gap is None or "new_interaction" in rule.when)
    return Cadence(
        every_session=starts or found.every_session,
        key_steps="key_step" in moments,
        throughout="throughout" in rule.when,
        on_request="asked" in moments,
        minutes=found.every_minutes,
        minutes_for_minors=PERIODIC_MINUTES if minors == "periodic" else length(minors).minutes if minors else None,
        gap_days=round(length(gap).days) if gap else None,
        starts_per_day=int(repeat.start_max[0]) if repeat and repeat.start_max and not found.every_session else None,
    )


def _omission(found: Effective, question: Question) -> tuple[str, str] | None:
    rule = found.rule
    if found.switched_off_by is not None:
        return "switched-off", found.switched_off_by
    if found.begins is not None and found.begins > question.on:
        return "not-yet", found.begins.isoformat()
    if rule.until is not None and rule.has_ended(question.on):
        return "ended", rule.until.isoformat()
    legacy = rule.legacy_until is not None and LEGACY in question.facts and question.on <= rule.legacy_until
    if legacy and rule.legacy_until is not None:
        return "legacy", rule.legacy_until.isoformat()
    if found.ignore_exemptions:
        return None
    exemptions = (*((rule.unless,) if rule.unless else ()), *rule.exempt)
    met = next((word for word in exemptions if word in question.facts), None)
    return None if met is None else ("exempt", met)


def _matches(moments: frozenset[str], rhythm: Cadence, moment: str | None) -> bool:
    if moment is None or moment in moments or rhythm.throughout:
        return True
    # a conversation that goes on is asked about for those who were to be told at its start
    return moment == "ongoing" and "session_start" in moments


def _placement(rules: tuple[RuleDue, ...], channel: str | None) -> Placement:
    asked = {one.rule.place or "in_context" for one in rules}
    return Placement(
        places=tuple(place for place in _STRICTEST_PLACE_FIRST if place in asked),
        manner="spoken_first" if channel in _SPOKEN else "written",
        separate=any(one.rule.separate or one.rule.standalone for one in rules),
        accessible=any(one.rule.accessible for one in rules),
        public=any(one.rule.public for one in rules),
    )


def shortest(clocks: Iterable[tuple[str | None, str]], packs: PackSet) -> Shortest | None:
    """Return the shortest of the clocks named, each beside its rule; the first of equals."""
    named = [Shortest(packs.clocks[clock], rule) for clock, rule in clocks if clock is not None]
    return min(named, key=lambda one: length(one.clock.len).days, default=None)


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in lists for word in words))


def _merged(packs: PackSet, topic: str, rules: tuple[RuleDue, ...], question: Question) -> Due:
    rhythm = cadence.strictest(one.cadence for one in rules)
    interval = rhythm.interval(minor=question.minor)
    setters = [one for one in rules if one.cadence.interval(minor=question.minor) == interval]
    return Due(
        topic=topic,
        rules=rules,
        must_convey=_union(one.rule.must_convey for one in rules),
        insufficient_alone=_union(one.rule.insufficient_alone for one in rules),
        fixed_texts=_union((one.rule.fixed_text,) if one.rule.fixed_text else () for one in rules),
        placement=_placement(rules, question.channel),
        cadence=rhythm,
        cadence_by=tuple(one.rule.id for one in setters) if interval is not None else (),
        clock=shortest(((one.rule.clock, one.rule.id) for one in rules), packs),
    )


def resolve(packs: PackSet, question: Question, overrides: tuple[Override, ...] = ()) -> Resolution:
    """Return what is due. The question's words must be known (``service.check``); unknown facts match nothing."""
    applied = applicable(packs, question.where)
    words = packs.vocabulary
    topics: dict[str, list[RuleDue]] = {}
    omitted: list[Omitted] = []
    for one in applied:
        for rule in one.pack.disclosures:
            trigger = words.triggers[rule.trigger]
            if not trigger.met(question.kind, question.facts, question.channel):
                continue
            found, moments = effective(rule, overrides), words.moments_of(rule.trigger, rule.when)
            rhythm = cadence_of(found, moments)
            if not _matches(moments, rhythm, question.moment):
                continue
            if omission := _omission(found, question):
                omitted.append(Omitted(rule, one.pack, *omission))
                continue
            made = RuleDue(found.rule, one.pack, tuple(one.reasons), rhythm, moments, found.overridden_by)
            topics.setdefault(trigger.topic, []).append(made)
    rights = tuple(
        RightDue(right, one.pack, tuple(one.reasons))
        for one in applied
        if not one.disclosures_only
        for right in one.pack.rights
        if right.in_force(question.on)
    )
    on_request = ((one.right.clock, one.right.id) for one in rights if not one.right.proactive)
    return Resolution(
        packs=tuple(applied),
        due=tuple(_merged(packs, topic, tuple(topics[topic]), question) for topic in words.topics if topic in topics),
        omitted=tuple(omitted),
        rights=rights,
        languages=languages(applied, question.locale, question.on),
        answer_within=shortest(on_request, packs),
    )
