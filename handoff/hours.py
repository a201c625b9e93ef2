"""Business hours: when a queue is staffed, in its own time zone, with the holidays of its country or region.

Hours are wall-clock time: across a change of the clocks 09:00 stays 09:00. A queue without hours never closes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.clock import MICROS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FARTHEST_DAYS = 400
_MINUTE = 60 * MICROS


@cache
def _holidays(place: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 -- a big library that most processes never need

    country, _, region = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


def is_place(place: str) -> bool:
    """Tell whether the holidays of ``place`` (``ES``, ``DE-BY``) are known."""
    try:
        _holidays(place, 2026)
    except NotImplementedError:
        return False
    return True


def is_zone(zone: str) -> bool:
    """Tell whether a time zone of this name exists."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@dataclass(frozen=True)
class Hours:
    """``weekly``: for each day's short name the spans of wall-clock time, ``(("09:00", "17:00"),)``; 24:00 ends a day.

    An empty ``weekly`` means always open. ``closed`` are dates beside the holidays of ``holidays``.
    """

    zone: str = "UTC"
    weekly: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    holidays: str | None = None
    closed: frozenset[str] = frozenset()

    def is_open(self, at: int) -> bool:
        """Tell whether the queue is staffed at an instant."""
        if not self.weekly:
            return True
        local = _local(at, self.zone).date()
        return any(start <= at < end for start, end in self._spans(local))

    def next_opening(self, at: int) -> int | None:
        """Return the first instant from ``at`` on at which it is open; nothing if there is none within a year."""
        if self.is_open(at):
            return at
        return next((start for start, _ in self._from(at) if start >= at), None)

    def slots(self, at: int, minutes: int = 30, most: int = 6) -> list[int]:
        """Return the next call-back slots: starts of whole ``minutes`` within the hours, the first 15 minutes away."""
        found: list[int] = []
        step, first = minutes * _MINUTE, at + 15 * _MINUTE
        if not self.weekly:
            start = -(-first // step) * step
            return [start + number * step for number in range(most)]
        for start, end in self._from(first):
            slot = start if start >= first else start + -(-(first - start) // step) * step
            while slot + step <= end and len(found) < most:
                found.append(slot)
                slot += step
            if len(found) >= most:
                break
        return found

    def _from(self, at: int) -> Iterator[tuple[int, int]]:
        day = _local(at, self.zone).date()
        for ahead in range(_FARTHEST_DAYS):
            yield from ((s, e) for s, e in self._spans(day + timedelta(days=ahead)) if e > at)

    def _spans(self, day: date) -> list[tuple[int, int]]:
        if day.isoformat() in self.closed or (self.holidays is not None and day in _holidays(self.holidays, day.year)):
            return []
        zone = ZoneInfo(self.zone)
        return sorted((_instant(day, s, zone), _instant(day, e, zone)) for s, e in self.weekly.get(_name(day), ()))


def _name(day: date) -> str:
    return DAYS[day.weekday()]


def _local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at / MICROS, UTC).astimezone(ZoneInfo(zone))


def _instant(day: date, wall: str, zone: ZoneInfo) -> int:
    if wall == "24:00":
        day, wall = day + timedelta(days=1), "00:00"
    return int(datetime.combine(day, time.fromisoformat(wall), zone).timestamp()) * MICROS
