"""What counted for a model that answers one word at a time: it is asked again with one input changed.

A language model's own account of its reasons is no evidence of them (Turpin 2023); a changed answer is. The unchanged
case is asked as often, which shows how much of it is chance. Counts are told, never figures: "with another X the
outcome changed in 9 of 10 re-runs".
"""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explanations.blackbox import Cells, Predict
from explanations.errors import NotSupportedError

RUNS = 10


class Altered(NamedTuple):
    """How often the outcome changed when an input (or those of a group) had other values."""

    name: str
    runs: int
    flips: int


async def ablate(
    row: Cells,
    reference: Sequence[Cells],
    players: Mapping[str, tuple[int, ...]],
    predict: Predict,
    seed: int,
    runs: int = RUNS,
) -> list[Altered]:
    """Return what changed the outcome more often than chance did, most often first.

    Other values are those of the reference group's rows. Raises ``NotSupportedError`` where the same case comes out
    differently more than once in ``runs``, and whatever ``predict`` raises.
    """
    draw = random.Random(seed)  # noqa: S311 -- sampling, not secrets: the seed is recorded for repetition
    [usual] = await predict([row])
    chance = sum(answer != usual for answer in await predict([row] * runs))
    if chance > runs // 10:
        raise NotSupportedError("It answers the same case differently from time to time.")
    found = []
    for name, places in players.items():
        asked = _changed(row, reference, places, draw)[:runs]
        flips = sum(answer != usual for answer in await predict(asked)) if asked else 0
        if flips > chance:
            found.append(Altered(name, len(asked), flips))
    return sorted(found, key=lambda one: (-one.flips / one.runs, one.name))


def _changed(row: Cells, reference: Sequence[Cells], places: tuple[int, ...], draw: random.Random) -> list[Cells]:
    """Return the row with other people's values at ``places``, in random order; never the row itself."""
    others = [other for other in reference if any(other[place] != row[place] for place in places)]
    draw.shuffle(others)
    return [tuple(other[place] if place in places else row[place] for place in range(len(row))) for other in others]
