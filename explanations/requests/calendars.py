"""Civil days and holidays: from instants to the controller's days and back, and which days nobody works.

Holidays come from the ``holidays`` library, loaded when the first case is opened. A place it does not know has none:
then a clock ends earlier, never later.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.clock import MICROS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(at: int, zone: str) -> date:
    """Return the civil day of an instant (microseconds) in a time zone (IANA name)."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()


def end_of(day: date, zone: str) -> int:
    """Return the last microsecond of a civil day in a time zone."""
    following = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return (following - _EPOCH) // timedelta(microseconds=1) - 1


def hours(micros: int) -> float:
    """Return a length of time in hours."""
    return micros / (3600 * MICROS)


def holidays_at(place: str | None, first: date, days: int = 800) -> list[date]:
    """Return the public holidays of a place (ISO 3166) from a day on, in order; none where they are not known."""
    if place is None:
        return []
    import holidays  # noqa: PLC0415 -- 40 ms and 8 MB that only cases need

    country, _, part = place.partition("-")
    last = first + timedelta(days=days)
    years = range(first.year, last.year + 1)
    for subdivision in dict.fromkeys((part or None, None)):
        try:
            found = holidays.country_holidays(country, subdiv=subdivision, years=years)
        except NotImplementedError:
            continue
        return sorted(day for day in found if first <= day <= last)
    return []
