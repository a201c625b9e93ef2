"""What a queue is: who serves it, when, how fast, what happens when nobody does, and which desk is asked first.

A tenant without queues has one, ``main``: always open, served from the built-in console.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from core.clock import DAY, MICROS
from handoff.hours import DAYS, Hours, is_place, is_zone
from handoff.triggers import Thresholds

BUILTIN: Final = "builtin"
DEFAULT_QUEUE: Final = "main"
_BOOST: Final = 60 * MICROS  # each point of priority counts as a minute of waiting: nobody starves


@dataclass(frozen=True)
class QueueRules:
    """One queue. Seconds unless the name says otherwise.

    ``target_seconds`` time to a human that is promised; ``pack_threshold`` what the law in force asks for, share and
    seconds (Spain, Ley 10/2025: 95 % under 180 s). ``chain`` names the desks asked in order; ``builtin`` is in it.
    ``lawful`` names the purpose under which each part of the context pack may be shown.
    """

    key: str = DEFAULT_QUEUE
    name: str = "Customer service"
    hours: Hours = field(default_factory=Hours)
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    target_seconds: int = 180
    threshold_seconds: int = 180
    threshold_share: float = 0.95
    offer_seconds: int = 30
    offers_before_broadcast: int = 3
    relax_seconds: int = 60
    wait_limit_seconds: int = 600
    desk_seconds: int = 5
    slot_minutes: int = 30
    reopen_days: int = 7
    chain: tuple[str, ...] = (BUILTIN,)
    lawful: Mapping[str, str] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    version: int = 0

    @property
    def desks(self) -> tuple[str, ...]:
        """Return the chain, with the built-in queue at its end where it was not named."""
        return self.chain if BUILTIN in self.chain else (*self.chain, BUILTIN)

    def rank(self, at: int, priority: int, target_seconds: int | None = None) -> int:
        """Return where a case that began to wait at ``at`` stands; the smaller the sooner."""
        target = self.target_seconds if target_seconds is None else target_seconds
        return at + target * MICROS - priority * _BOOST

    def reopen_until(self, ended_at: int) -> int:
        """Return until when a resolved case can be reopened."""
        return ended_at + self.reopen_days * DAY

    def document(self) -> dict[str, Any]:
        """Return it as JSON values, without its version."""
        made = asdict(self)
        made["hours"]["closed"] = sorted(self.hours.closed)
        del made["version"]
        return made


def rules_of(document: Mapping[str, Any], version: int = 0) -> QueueRules:
    """Return the rules in a stored document."""
    hours = document.get("hours") or {}
    known = {name: document[name] for name in QueueRules.__dataclass_fields__ if name in document}
    for name in ("languages", "skills", "chain"):
        if name in known:
            known[name] = tuple(known[name])
    known["hours"] = Hours(
        hours.get("zone", "UTC"),
        {day: tuple((start, end) for start, end in spans) for day, spans in (hours.get("weekly") or {}).items()},
        hours.get("holidays"),
        frozenset(hours.get("closed") or ()),
    )
    known["thresholds"] = Thresholds(**(document.get("thresholds") or {}))
    known["version"] = version
    return QueueRules(**known)


def faults(rules: QueueRules) -> list[tuple[str, str]]:
    """Return what is wrong with a queue: pointer and sentence."""
    found = []
    if not is_zone(rules.hours.zone):
        found.append(("/hours/zone", "no such time zone; use a name such as Europe/Madrid"))
    if rules.hours.holidays is not None and not is_place(rules.hours.holidays):
        found.append(("/hours/holidays", "no holidays are known for this; use a code such as ES or DE-BY"))
    for day, spans in rules.hours.weekly.items():
        if day not in DAYS:
            found.append((f"/hours/weekly/{day}", f"use {', '.join(DAYS)}"))
        found += [
            (f"/hours/weekly/{day}/{n}", "ends before it begins")
            for n, (start, end) in enumerate(spans)
            if start >= end
        ]
    if rules.hours.weekly and not any(rules.hours.weekly.values()):
        found.append(("/hours/weekly", "a queue that never opens is a dead end"))
    return found
