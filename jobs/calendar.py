"""Business days of the controller: when a recipient that has not acknowledged is warned of, and when it is overdue.

A choice's own day is day 0. On business day 10 it is warned of; with the end of business day 15 it is overdue (CCPA
regulations, 11 CCR 7026(f)(3), 7221(m): notify all others who process, as soon as feasible, 15 business days at most).
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from explanations.requests import calendars
from explanations.requests.clocks import Length, add

WARN: Final = Length(10, "bd")
DUE: Final = Length(15, "bd")
_FARTHEST: Final = 60
_DAY: Final = timedelta(days=1)


class BusinessDays:
    """The days of one installation: its time zone, and the holidays of a place (ISO 3166) where it names one."""

    def __init__(self, zone: str, place: str | None) -> None:
        """Count in ``zone``."""
        self._zone = zone
        self._holidays = lru_cache(maxsize=64)(lambda first: calendars.holidays_at(place, first, _FARTHEST))

    def deadlines(self, at: int) -> tuple[int, int]:
        """Return when to warn (the start of a day) and when it is due (the end of one), of a choice at ``at``."""
        first: date = calendars.day_of(at, self._zone)
        holidays = self._holidays(first)
        warned = calendars.end_of(add(first, WARN, holidays) - _DAY, self._zone) + 1
        return warned, calendars.end_of(add(first, DUE, holidays), self._zone)
