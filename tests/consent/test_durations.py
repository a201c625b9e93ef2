"""Durations by the calendar, at the ends of months and of time."""

import pytest

from consent.durations import after, parse
from core.clock import LATEST, parse_rfc3339, rfc3339


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-01-31T10:00:00Z", "P1M", "2026-02-28T10:00:00.000000Z"),
        ("2024-02-29T00:00:00Z", "P1Y", "2025-02-28T00:00:00.000000Z"),
        ("2026-11-30T00:00:00Z", "P3M", "2027-02-28T00:00:00.000000Z"),
        ("2026-12-31T23:59:59Z", "PT1S", "2027-01-01T00:00:00.000000Z"),
        ("2026-01-01T00:00:00Z", "P1Y2M1W3DT4H5M6S", "2027-03-11T04:05:06.000000Z"),
        ("2026-01-01T00:00:00Z", "P9999Y", rfc3339(LATEST)),
        ("9999-12-31T00:00:00Z", "P30D", rfc3339(LATEST)),
    ],
)
def test_a_duration_is_added_by_the_calendar(start: str, duration: str, end: str) -> None:
    assert rfc3339(after(parse_rfc3339(start), parse(duration))) == end


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P0D", "P1DT", "1M", "P-1M", "P1.5M", "P1M\n", "p1m", "P1H", "P\uff11M"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse(text)
