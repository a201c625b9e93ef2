"""What changes between two days, and what changes from one version of a pack to the next (RUL-03)."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, NamedTuple

from disclosures.packs.documents import Disclosure, Pack, Rule
from disclosures.packs.loading import PackSet

What = Literal["begins", "ends", "legacy-ends"]


class Turn(NamedTuple):
    """A rule that begins or ends between two days, and the day."""

    pack: Pack
    rule: Rule
    what: What
    on: date


class Affected(NamedTuple):
    """A rule that another version of its pack adds, removes or changes; ``fields`` are the names that differ."""

    rule: str
    what: str
    fields: tuple[str, ...]


def _turns(rule: Rule) -> Iterable[tuple[What, date]]:
    """Return every day from which something else holds of a rule; a last day counts from the day after."""
    if rule.effective != "in_force":
        yield "begins", rule.effective
    if rule.until is not None:
        yield "ends", _after(rule.until)
    if isinstance(rule, Disclosure) and rule.legacy_until is not None:
        yield "legacy-ends", _after(rule.legacy_until)


def _after(last: date) -> date:
    return date.fromordinal(last.toordinal() + 1)


def between(packs: PackSet, after: date, until: date) -> list[Turn]:
    """Return what begins or ends after a day and no later than another, in the order of the days."""
    found = [
        Turn(pack, rule, what, on)
        for pack in packs.packs.values()
        for rule in pack.rules
        for what, on in _turns(rule)
        if after < on <= until
    ]
    return sorted(found, key=lambda turn: (turn.on, turn.rule.id, turn.what))


def affected(before: Pack, after: Pack) -> list[Affected]:
    """Return the rules that differ between two versions of a pack, by id."""
    ours, theirs = _facts(before), _facts(after)
    found = []
    for rule in sorted(ours.keys() | theirs.keys()):
        old, new = ours.get(rule), theirs.get(rule)
        if old is None or new is None:
            found.append(Affected(rule, "added" if old is None else "removed", ()))
        elif old != new:
            names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
            found.append(Affected(rule, "changed", tuple(names)))
    return found


def _facts(pack: Pack) -> dict[str, dict[str, Any]]:
    return {
        rule.id: rule.model_dump(mode="json", by_alias=True)
        | {"verified_on": str(pack.verified(rule)), "advisory": pack.advisory(rule), "applies": str(pack.applies)}
        for rule in pack.rules
    }
