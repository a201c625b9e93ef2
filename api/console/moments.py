"""Instants as staff read and write them: in the viewer's own zone, with UTC beside it (RFC 3339, RFC 9557)."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.clock import MICROS
from core.errors import InvalidError

_NAME = re.compile(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*")
_LONGEST_NAME: Final = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Zone = tzinfo


@cache
def _known(name: str) -> Zone:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def zone_of(name: str) -> Zone:
    """Return the zone of an IANA name; UTC for one that is not known here."""
    if not name or len(name) > _LONGEST_NAME or _NAME.fullmatch(name) is None:
        return UTC
    return _known(name)


def zone_name(zone: Zone) -> str:
    """Return what a zone is called."""
    return getattr(zone, "key", None) or "UTC"


def _in(at: int, zone: Zone) -> datetime:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone)


def moment(at: int, zone: Zone) -> str:
    """Return ``21 Nov 2026, 08:10``."""
    local = _in(at, zone)
    return f"{local.day} {local:%b %Y, %H:%M}"


def exact(at: int, zone: Zone) -> str:
    """Return ``21 Nov 2026, 08:10:02``."""
    local = _in(at, zone)
    return f"{local.day} {local:%b %Y, %H:%M:%S}"


def day(at: int, zone: Zone) -> str:
    """Return ``21 Nov 2026``."""
    local = _in(at, zone)
    return f"{local.day} {local:%b %Y}"


def field(at: int, zone: Zone) -> str:
    """Return an instant as a ``datetime-local`` field takes it."""
    return f"{_in(at, zone):%Y-%m-%dT%H:%M}"


def read(text: str, zone: Zone, name: str, *, end: bool = False) -> int | None:
    """Return the instant a person wrote: a day or a day and a time, in the viewer's zone; nothing for nothing.

    With ``end`` a bare day means its end. Raises ``InvalidError``.
    """
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidError.field(f"?{name}", "write a day such as 2026-11-21, or a day and a time") from error
    if local.tzinfo is None:
        local = local.replace(tzinfo=zone)
    if end:
        local += timedelta(days=1) if len(text) == len("2026-11-21") else timedelta(minutes=1)
    at = (local - _EPOCH) // timedelta(microseconds=1)
    if not 0 <= at < 4_102_444_800 * MICROS:
        raise InvalidError.field(f"?{name}", "too far from today")
    return at


def span(micros: int) -> str:
    """Return a length of time in words: the largest unit that fits, rounded down."""
    seconds = max(0, micros) // MICROS
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number:,} {word}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
