"""When a disclosure is due again: at a new session, at key steps, after so many hours, after a pause (DIS-05).

Sources of the rhythms: NY GBL 1702 (three hours), Cal. B&P 22602 (three hours, minors), Connecticut SB 5 (hourly,
minors), CAC Order 21 (two hours), Utah's mental health chatbot act (seven days' gap), and for key steps the
Commission's guidelines C(2026) 5054 on EU AI Act Art. 50. Pure: instants are microseconds, given by the caller.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.clock import DAY, MICROS

MINUTE = 60 * MICROS


class Because(StrEnum):
    """Why a disclosure is due now."""

    FIRST = "first-contact"
    SESSION = "new-session"
    KEY_STEP = "key-step"
    ELAPSED = "time-elapsed"
    GAP = "after-a-gap"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a disclosure is repeated; the first contact is always told."""

    every_session: bool = False
    key_steps: bool = False
    throughout: bool = False  # stays in view as long as the interaction lasts
    on_request: bool = False
    minutes: int | None = None
    minutes_for_minors: int | None = None
    gap_days: int | None = None
    starts_per_day: int | None = None  # at the start of sessions no more often than this is asked for

    def interval(self, *, minor: bool | None) -> int | None:
        """Return after how many minutes of an interaction it is due again; an unknown age counts as a minor's."""
        wanted = [self.minutes] if minor is False else [self.minutes, self.minutes_for_minors]
        return min((minutes for minutes in wanted if minutes is not None), default=None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the person at a touchpoint: when this session began, when told last, when last active before."""

    session_started_at: int
    last_shown_at: int | None = None
    last_active_at: int | None = None


def _least(values: Iterable[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)


def strictest(cadences: Iterable[Cadence]) -> Cadence:
    """Return the cadence that satisfies all of ``cadences``: whatever one asks for, and the shortest interval.

    Session starts are capped only if everyone who asks for them has a cap.
    """
    found = tuple(cadences)
    starts = [one.starts_per_day for one in found if one.every_session]
    capped = bool(starts) and all(cap is not None for cap in starts)
    return Cadence(
        every_session=any(one.every_session for one in found),
        key_steps=any(one.key_steps for one in found),
        throughout=any(one.throughout for one in found),
        on_request=any(one.on_request for one in found),
        minutes=_least(one.minutes for one in found),
        minutes_for_minors=_least(one.minutes_for_minors for one in found),
        gap_days=_least(one.gap_days for one in found),
        starts_per_day=max(cap for cap in starts if cap is not None) if capped else None,
    )


def _capped(cadence: Cadence, last_shown_at: int, at: int) -> bool:
    return cadence.starts_per_day is not None and at - last_shown_at < DAY // cadence.starts_per_day


def due(
    cadence: Cadence, seen: Seen, at: int, *, minor: bool | None, key_step: bool = False, asked: bool = False
) -> Because | None:
    """Return why the disclosure is due at ``at``, or nothing. ``minor`` None means that the age is not known."""
    if asked and cadence.on_request:
        return Because.ASKED
    if seen.last_shown_at is None:
        return Because.FIRST
    new = seen.last_shown_at < seen.session_started_at
    if new and cadence.every_session and not _capped(cadence, seen.last_shown_at, at):
        return Because.SESSION
    pause_from = seen.last_shown_at if seen.last_active_at is None else seen.last_active_at
    if cadence.gap_days is not None and at - pause_from >= cadence.gap_days * DAY:
        return Because.GAP
    if key_step and cadence.key_steps:
        return Because.KEY_STEP
    next_at = elapses_at(cadence, seen, minor=minor)
    return Because.ELAPSED if next_at is not None and at >= next_at else None


def elapses_at(cadence: Cadence, seen: Seen, *, minor: bool | None) -> int | None:
    """Return the instant at which an interaction that goes on has to be told again, or nothing."""
    minutes = cadence.interval(minor=minor)
    if minutes is None:
        return None
    counted_from = max(seen.session_started_at, seen.last_shown_at or seen.session_started_at)
    return counted_from + minutes * MINUTE
