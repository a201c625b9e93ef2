"""What a tenant changes in a rule: freely where it asks for more, signed off and with an end where for less (RUL-04).

Pure: compares a change with the rule, and applies the changes that are in force to it.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core import canonical
from disclosures.packs.documents import Disclosure, Rule, Word
from disclosures.packs.durations import length


class Direction(StrEnum):
    """What a change does to a rule."""

    STRICTER = "stricter"
    LOOSER = "looser"
    NOTHING = "nothing"


class Change(BaseModel):
    """What is to be different; a field that is absent stays as the rule has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effective_from: date | None = Field(None, description="Apply the rule from this day.")
    every_minutes: int | None = Field(None, ge=5, le=525_600, description="Tell again after so long, at any age.")
    every_session: bool = Field(default=False, description="Tell again at each new session.")
    add_must_convey: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    ignore_exemptions: bool = Field(default=False, description="Apply the rule even where it exempts.")
    switched_off: bool = Field(default=False, description="Do not apply the rule.")

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Override:
    """A change that is in force: ``loosening`` was signed off by a data protection officer."""

    id: str
    rule: str
    change: Change
    loosening: bool


@dataclass(frozen=True, slots=True)
class Effective:
    """A rule as it applies to a tenant, and the overrides that made it so."""

    rule: Disclosure
    begins: date | None  # None: in force already when it was looked at
    every_minutes: int | None = None
    every_session: bool = False
    ignore_exemptions: bool = False
    switched_off_by: str | None = None
    overridden_by: tuple[str, ...] = ()


def _own_minutes(rule: Rule) -> int | None:
    repeat = rule.repeat if isinstance(rule, Disclosure) else None
    return None if repeat is None or repeat.all is None else length(repeat.all).minutes


def direction(rule: Rule, change: Change) -> Direction:
    """Tell whether a change asks for more than a rule or for less; for less as soon as one part of it does."""
    less, more = change.switched_off, change.ignore_exemptions or change.every_session
    if change.effective_from is not None:
        if rule.effective == "in_force" or change.effective_from > rule.effective:
            less = True
        elif change.effective_from < rule.effective:
            more = True
    if change.every_minutes is not None:
        own = _own_minutes(rule)
        less = less or (own is not None and change.every_minutes > own)
        more = more or own is None or change.every_minutes < own
    if isinstance(rule, Disclosure):
        more = more or not set(change.add_must_convey) <= set(rule.must_convey)
    if less:
        return Direction.LOOSER
    return Direction.STRICTER if more else Direction.NOTHING


def _sooner(one: date | None, other: date) -> date | None:
    return None if one is None else min(one, other)


def _applied(found: Effective, override: Override) -> Effective:
    change, loosening = override.change, override.loosening
    begins = found.begins
    if change.effective_from is not None:
        begins = change.effective_from if loosening else _sooner(begins, change.effective_from)
    minutes = found.every_minutes
    if change.every_minutes is not None:
        minutes = change.every_minutes if loosening or minutes is None else min(minutes, change.every_minutes)
    added = tuple(word for word in change.add_must_convey if word not in found.rule.must_convey)
    rule = found.rule
    if added:
        rule = rule.model_copy(update={"must_convey": (*rule.must_convey, *added)})
    return replace(
        found,
        rule=rule,
        begins=begins,
        every_minutes=minutes,
        every_session=found.every_session or change.every_session,
        ignore_exemptions=found.ignore_exemptions or change.ignore_exemptions,
        switched_off_by=override.id if change.switched_off and loosening else found.switched_off_by,
        overridden_by=(*found.overridden_by, override.id),
    )


def effective(rule: Disclosure, overrides: tuple[Override, ...]) -> Effective:
    """Return a rule with the overrides that name it: loosenings first, so that what asks for more stands.

    What was stricter when it was made never loosens a rule that has become stricter since.
    """
    begins = None if rule.effective == "in_force" else rule.effective
    found = Effective(rule, begins, _own_minutes(rule))
    ours = [override for override in overrides if override.rule == rule.id]
    for override in sorted(ours, key=lambda one: (not one.loosening, one.id)):
        found = _applied(found, override)
    return found
