"""Pictures of numbers, drawn on the server; each goes with a table of the same numbers (look: pictures only where they
carry information). Shapes are SVG and take their colours from the style sheet by class: yes, no, plain, warn. Words
stay text of the page beside them: in a drawing they would shrink with it on a phone.
"""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

_WIDTH = 720
_BOX = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')


class Drawing(NamedTuple):
    """A picture: its shapes, its size in its own units, and what each class of shape stands for."""

    shapes: Markup
    width: int
    height: int
    legend: tuple[tuple[str, str], ...] = ()


class Bar(NamedTuple):
    """One line of a bar chart: what it is, its number, the number in words, and its class."""

    name: str
    number: float
    words: str
    kind: str = "plain"


class Bars(NamedTuple):
    """Numbers under each other: name, bar from zero, number in words; and what each class of bar stands for."""

    lines: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()

    def share(self, bar: Bar) -> float:
        """Return how long a bar is, in percent of the longest."""
        most = max([1.0, *(one.number for one in self.lines)])
        return round(100 * max(0.0, bar.number) / most, 1)


def days(pairs: Sequence[tuple[int, int]], legend: tuple[tuple[str, str], ...] = ()) -> Drawing:
    """Return a picture of days side by side: each a number above the line and one below it."""
    height = 160
    middle, reach = height / 2, height / 2 - 4
    most = max([1, *(max(pair) for pair in pairs)])
    step = _WIDTH / max(1, len(pairs))
    parts = [Markup('<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>').format(_WIDTH, middle, middle)]
    for place, (above, below) in enumerate(pairs):
        x, width = round(place * step, 1), round(max(2.0, step * 0.7), 1)
        for number, kind in ((above, "yes"), (below, "no")):
            if not number:
                continue
            tall = round(reach * number / most, 1)
            parts.append(_BOX.format(kind, x, round(middle - tall, 1) if kind == "yes" else middle, width, tall))
    return Drawing(Markup("").join(parts), _WIDTH, height, legend)
