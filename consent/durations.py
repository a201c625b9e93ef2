"""Durations as laws and notices write them: ISO 8601, ``P12M`` or ``P6M15D`` or ``PT48H``, added by the calendar.

Years and months keep the day of the month, or take the last one there is: a month after 31 January is 28 February
(as in XML Schema, appendix E). Everything is UTC.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from core.clock import DAY, LATEST, MICROS

PATTERN = (
    r"^P([0-9]{1,4}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?"
    r"(T([0-9]{1,5}H)?([0-9]{1,6}M)?([0-9]{1,8}S)?)?$"
)
_SHAPE = re.compile(PATTERN)
_EPOCH = date(1970, 1, 1)


class Duration(NamedTuple):
    """Calendar months, and microseconds besides."""

    months: int
    micros: int


def parse(text: str) -> Duration:
    """Read an ISO 8601 duration longer than nothing. Raises ``ValueError`` with a plain reason."""
    match = _SHAPE.fullmatch(text)
    if match is None or text.endswith(("T", "\n")):
        raise ValueError("not an ISO 8601 duration such as P12M")
    years, months, weeks, days, hours, minutes, seconds = (
        int(match[group][:-1]) if match[group] else 0 for group in (1, 2, 3, 4, 6, 7, 8)
    )
    made = Duration(
        years * 12 + months,
        ((weeks * 7 + days) * 86_400 + hours * 3_600 + minutes * 60 + seconds) * MICROS,
    )
    if not any(made):
        raise ValueError("a duration of nothing")
    return made


def after(at: int, duration: Duration) -> int:
    """Return the instant that is ``duration`` after ``at`` (microseconds), at the latest the end of year 9999."""
    if duration.months:
        day, rest = divmod(at, DAY)
        at = _months_after(day, duration.months) * DAY + rest
    return min(at + duration.micros, LATEST)


@lru_cache(maxsize=1024)
def _months_after(day: int, months: int) -> int:
    """Return the day, counted from the epoch, that is ``months`` after ``day``; remembered, for days are few."""
    start = _EPOCH + timedelta(days=day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > 9999:
        return LATEST // DAY + 1
    return (start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1])) - _EPOCH).days
