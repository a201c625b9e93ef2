"""Global Privacy Control: what ``Sec-GPC: 1`` sets, and what it leaves as the person chose (W3C GPC, CCPA 7025).

The signal opts out of the purposes that are declared to honour it, never in. A choice made while the signal was on
stands, for the person chose in its presence. When the signal goes away, nothing is switched on again.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from consent.asked import Asked, Step
from consent.lifecycle import ALL, NO
from consent.purposes.published import Published
from consent.store import Present

HEADER: Final = b"sec-gpc"
SUPPORT_PATH: Final = "/.well-known/gpc.json"


def is_on(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a request carries the signal: at least one ``Sec-GPC`` field of exactly ``1``."""
    return any(name == HEADER and value == b"1" for name, value in headers)


def due(
    purposes: Iterable[Published],
    rows: Mapping[tuple[str, str], Present],
    jurisdiction: str | None = None,
    chosen: frozenset[tuple[str, str]] = frozenset(),
) -> list[Step]:
    """Return the opt-outs the signal has yet to set; keys in ``chosen`` are set by the same request itself."""
    steps = []
    for published in purposes:
        place = (published.facts.key, ALL)
        if not published.gpc or published.facts.retired or place in chosen:
            continue
        row = rows.get(place)
        if row is None or (not row.gpc and row.state not in NO):
            asked = Asked(published.facts.key, "opted_out", jurisdiction=jurisdiction)
            steps.append(Step(asked, "signal", "gpc", published, row, explicit=False, version=published.facts.version))
    return steps


def honoured(purposes: Iterable[Published], rows: Mapping[tuple[str, str], Present]) -> list[str]:
    """Return the purposes that are off for a person whose browser sends the signal, by key."""
    found = []
    for published in purposes:
        row = rows.get((published.facts.key, ALL))
        if published.gpc and not published.facts.retired and (row is None or row.state in NO):
            found.append(published.facts.key)
    return found
