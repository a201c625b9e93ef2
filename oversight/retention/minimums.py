"""How long rule packs ask to keep records of a sort: read from their retention duties, the longest first (RUL-01).

A rule graded C or M that nobody has signed off is advice, and so is what a pack itself calls policy. Without a stated
place the rules of every pack count: whose law applies is for the controller to say, not for silence to decide.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from consent.durations import after, parse
from disclosures.packs.applicability import Whereabouts, applicable
from disclosures.packs.documents import Duty, Pack
from disclosures.packs.durations import length
from disclosures.packs.loading import PackSet
from oversight.retention.periods import at_least
from oversight.retention.sorts import Sort

_POLICY: Final = "policy_"
_UNITS: Final = {"h": "PT{}H", "d": "P{}D", "mo": "P{}M", "y": "P{}Y"}


class Where(NamedTuple):
    """Whose records they are: where those people live, and in which sectors; nothing stated is everything."""

    places: tuple[str, ...] = ()
    sectors: tuple[str, ...] | None = None


class Minimum(NamedTuple):
    """What a rule asks: an ISO 8601 period, from a day on; ``advisory`` if it may be set aside with a reason."""

    pack: str
    rule: str
    asks: str
    period: str
    cite: str
    confidence: str
    advisory: bool
    begins: date | None

    def in_force(self, on: date) -> bool:
        """Tell whether it is asked for on a day."""
        return self.begins is None or self.begins <= on


def minimums(packs: PackSet, sort: Sort, where: Where) -> list[Minimum]:
    """Return what laws ask of a sort of records, now or from a day to come, the longest first."""
    found = [
        one
        for pack in _packs(packs, where)
        for duty in pack.duties
        if duty.about == "retention"
        for one in _of_duty(pack, duty, sort)
    ]
    return sorted(found, key=lambda one: (-after(0, parse(one.period)), one.rule, one.asks))


def unmet(period: str, asked: list[Minimum], on: date, set_aside: tuple[str, ...] = ()) -> list[Minimum]:
    """Return the rules in force on a day that ask for longer than ``period`` and were not set aside."""
    return [
        one
        for one in asked
        if one.in_force(on) and not (one.advisory and one.rule in set_aside) and not at_least(period, one.period)
    ]


def _packs(packs: PackSet, where: Where) -> list[Pack]:
    sectors = None if where.sectors is None else frozenset(where.sectors)
    if not where.places:
        return [
            pack
            for pack in packs.packs.values()
            if sectors is None or not pack.applies.sectors or not sectors.isdisjoint(pack.applies.sectors)
        ]
    found = {
        applied.pack.id: applied.pack
        for place in where.places
        for applied in applicable(packs, Whereabouts(residence=place, sectors=sectors))
        if not applied.disclosures_only
    }
    return list(found.values())


def _of_duty(pack: Pack, duty: Duty, sort: Sort) -> Iterator[Minimum]:
    for fact in sorted(sort.facts & duty.facts.keys()):
        said = str(duty.facts[fact])
        period = _period(said.removeprefix(_POLICY))
        if period is None or duty.until is not None:
            continue
        advisory = said.startswith(_POLICY) or pack.advisory(duty)
        begins = _begins(duty, fact)
        yield Minimum(pack.id, duty.id, fact, period, duty.cite, duty.conf, advisory, begins)


def _period(said: str) -> str | None:
    """Return a pack's length as ISO 8601; nothing where it names none, as ``policy`` does not."""
    try:
        found = length(said)
    except ValueError:
        return None
    return _UNITS[found.unit].format(found.count) if found.unit in _UNITS else None


def _begins(duty: Duty, fact: str) -> date | None:
    """Return from which day a fact is asked for: its own where the rule gives one, else the rule's."""
    own: Any = duty.facts.get(fact.removesuffix("_min") + "_from")
    if isinstance(own, str):
        return date.fromisoformat(own)
    return None if duty.effective == "in_force" else duty.effective
