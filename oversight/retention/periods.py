"""Periods of retention: when a record has run its course, and which of two periods is the longer. Pure.

A period is added by the calendar (``consent/durations.py``): three years from 29 February end on 28 February.
"""

from typing import Final, NamedTuple

from consent.durations import Duration, after, parse
from core.clock import DAY

SHORTEST: Final = "P30D"  # an ended conversation can be taken up again before
_LONGEST_MONTHS: Final = 1200
_FOUR_YEARS: Final = range(20_000, 20_000 + 1461)  # days, a leap year among them


class Terms(NamedTuple):
    """What is due as of an instant (microseconds): what every one of the ``periods`` has passed for."""

    periods: tuple[str, ...]
    as_of: int

    def due(self, at: int) -> bool:
        """Tell whether a record that counts from ``at`` has run its course."""
        return all(after(at, parse(period)) <= self.as_of for period in self.periods)

    @property
    def cut_off(self) -> int:
        """Return the latest instant from which a record that is due may count."""
        return min(cut_off(self.as_of, parse(period)) for period in self.periods)


def read(text: str) -> str:
    """Return a period that can be kept to. Raises ``ValueError`` with a plain reason."""
    period = parse(text)
    if not at_least(text, SHORTEST):
        raise ValueError("at least 30 days: what has just ended may be taken up again")
    if period.months + period.micros // (31 * DAY) > _LONGEST_MONTHS:
        raise ValueError("at most 100 years; to keep records for good, send no period")
    return text


def at_least(one: str, other: str) -> bool:
    """Tell whether ``one`` never ends before ``other``, from whichever day both begin."""
    first, second = parse(one), parse(other)
    return all(after(day * DAY, first) >= after(day * DAY, second) for day in _FOUR_YEARS)


def cut_off(as_of: int, period: Duration) -> int:
    """Return the latest instant from which the period has passed ``as_of`` an instant, both in microseconds."""
    day, rest = divmod(as_of - period.micros, DAY)
    if not period.months:
        return day * DAY + rest
    low, high = day - 31 * period.months, day - 28 * period.months
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _later(middle, period.months) <= day else (low, middle - 1)
    return low * DAY + (rest if _later(low, period.months) == day else DAY - 1)


def _later(day: int, months: int) -> int:
    return after(day * DAY, Duration(months, 0)) // DAY
