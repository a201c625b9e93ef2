"""What installed packages bring: entry points by group, looked up once for each place where Python looks.

Looking through the metadata of all packages takes some milliseconds, too long for each call of a help desk.
"""

import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points


def installed(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group, from our own package and others'."""
    return _installed(group, tuple(sys.path))


@cache
def _installed(group: str, _: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=group))
