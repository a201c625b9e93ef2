"""What people did who were shown the variants of an experiment: counted by person, small groups kept back (CON-17).

A choice counts from the person's first showing on, whatever the channel; what a signal or a date has set is nobody's
answer to a text. Plain comparisons, no statistics: whoever decides looks at the numbers and at the texts.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from consent import store as choices
from consent.lifecycle import NEUTRAL, NO, YES
from consent.store import Happened
from core.database import Reader
from disclosures.experiments.documents import ExperimentDocument, Variant
from disclosures.experiments.service import ExperimentView
from disclosures.showings import store as showings

# figures about fewer people could be about somebody in particular
SMALL: Final = 5
# percent points by which a variant differs markedly from the version in force
MARKED: Final = 10
MOST_PEOPLE: Final = 10_000
_YES: Final = YES | {NEUTRAL}
_NOBODY_S: Final = frozenset({"signal", "system"})


class Count(NamedTuple):
    """So many people, and their share in percent; neither where the group is small."""

    number: int | None
    percent: float | None


class Figures(NamedTuple):
    """One variant: how often it was shown, to how many people, and how many of these did what."""

    variant: Variant
    showings: int
    people: Count  # percent of all who took part
    yes: Count  # percent of those shown the variant, as the next
    no: Count
    took_back: Count  # percent of those who said yes
    nudges: bool  # markedly more yes than for the version in force, and markedly more of them taken back


class Trial(NamedTuple):
    """The figures of an experiment; ``complete`` unless more people took part than are counted."""

    variants: tuple[Figures, ...]
    complete: bool


class Conduct(NamedTuple):
    """What one person did after the first showing."""

    yes: bool
    no: bool
    took_back: bool


def conduct_of(events: Iterable[Happened], shown_seq: int) -> Conduct:
    """Return what a person did; ``events`` are hers in order, ``shown_seq`` numbers her first showing."""
    yes: set[tuple[str, str]] = set()
    no = took_back = False
    for event in events:
        if event.seq <= shown_seq or event.actor in _NOBODY_S:
            continue
        place = (event.purpose, event.system)
        if event.state in _YES:
            yes.add(place)
        elif event.state in NO:
            took_back |= place in yes
            no |= place not in yes
    return Conduct(bool(yes), no, took_back)


def count(number: int, of: int) -> Count:
    """Return a figure as it may be shown: nothing of a small group, nor of a small part of one."""
    if of < SMALL or 0 < number < SMALL:
        return Count(None, None)
    return Count(number, round(100 * number / of, 1))


def _figures(variant: Variant, shown: int, people: Sequence[Conduct], everybody: int) -> Figures:
    yes, no, back = (sum(getattr(one, name) for one in people) for name in Conduct._fields)
    return Figures(
        variant,
        shown,
        count(len(people), everybody),
        count(yes, len(people)),
        count(no, len(people)),
        count(back, yes),
        nudges=False,
    )


def compared(found: Sequence[Figures], control: int | None) -> tuple[Figures, ...]:
    """Return the figures with a warning at each variant that seems to talk people into a yes."""
    against = next((one for one in found if one.variant.version == control), None)
    if against is None:
        return tuple(found)
    return tuple(
        one._replace(nudges=_more(one.yes, against.yes) and _more(one.took_back, against.took_back)) for one in found
    )


def _more(one: Count, other: Count) -> bool:
    return one.percent is not None and other.percent is not None and one.percent >= other.percent + MARKED


async def of_experiment(tx: Reader, tenant: str, view: ExperimentView) -> Trial:
    """Return the figures of an experiment, up to now."""
    shown = await showings.of_experiment(tx, tenant, view.row.id)
    people = await showings.people_of_experiment(tx, tenant, view.row.id, MOST_PEOPLE + 1)
    complete = len(people) <= MOST_PEOPLE
    conducts = await _conducts(tx, tenant, people[:MOST_PEOPLE], view.document)
    everybody = sum(map(len, conducts.values()))
    found = [
        _figures(one, shown.get(one.version, 0), conducts[one.version], everybody) for one in view.document.variants
    ]
    return Trial(compared(found, view.row.control), complete)


async def _conducts(
    tx: Reader, tenant: str, people: Sequence[tuple[int, bytes, int]], document: ExperimentDocument
) -> dict[int, list[Conduct]]:
    """Return what people did, by the version they were shown."""
    events: dict[bytes, list[Happened]] = {}
    for event in await choices.events_of_people(tx, tenant, [subject for _, subject, _ in people]):
        events.setdefault(event.subject, []).append(event)
    found: dict[int, list[Conduct]] = {one.version: [] for one in document.variants}
    for version, subject, seq in people:
        found[version].append(conduct_of(events.get(subject, ()), seq))
    return found
