"""Lengths of time as laws write them: hours, calendar days, business days, months, years (Reg 1182/71 for the EU).

Here they are only compared with each other; when a period ends on the calendar is for whoever runs the clock.
"""

import re
from dataclasses import dataclass
from typing import Final

_SHAPE = re.compile(r"([1-9][0-9]{0,3})(h|d|bd|mo|y)")
# calendar days in one unit: five business days make a week, twelve months a year of 365.25 days
_DAYS: Final = {"h": 1 / 24, "d": 1.0, "bd": 7 / 5, "mo": 365.25 / 12, "y": 365.25}


@dataclass(frozen=True, slots=True)
class Length:
    """A number of units, such as 15 ``bd``."""

    count: int
    unit: str

    @property
    def days(self) -> float:
        """Return about how many calendar days it takes, to tell which of two is shorter."""
        return self.count * _DAYS[self.unit]

    @property
    def minutes(self) -> int:
        """Return how many minutes it takes; exact for hours and days."""
        return round(self.days * 24 * 60)


def length(text: str) -> Length:
    """Read ``72h``, ``45d``, ``10bd``, ``1mo`` or ``3y``. Raises ``ValueError``."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no length such as 72h, 45d, 10bd, 1mo or 3y")
    return Length(int(found[1]), found[2])
