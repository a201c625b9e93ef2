"""Colours that a site gives the widget, and whether people can tell them apart (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from markupsafe import Markup

from core.errors import InvalidError

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
TEXT_RATIO: Final = 4.5
SHAPE_RATIO: Final = 3.0
# the widget's own, by the name of its custom property
DEFAULTS: Final = {"accent": "#0a5f73", "on-accent": "#ffffff", "surface": "#fbfaf7", "text": "#1b1d22"}
_PAIRS: Final = (
    ("on-accent", "accent", "words on buttons", TEXT_RATIO),
    ("text", "surface", "words on the panel", TEXT_RATIO),
    ("accent", "surface", "switches and edges on the panel", SHAPE_RATIO),
)


class Pair(NamedTuple):
    """Two colours that meet: on what, how far apart they are, and how far they have to be."""

    words: str
    ratio: float
    least: float

    @property
    def good(self) -> bool:
        """Tell whether they are far enough apart."""
        return self.ratio >= self.least


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def read(given: Mapping[str, str]) -> dict[str, str]:
    """Return all colours, the widget's own where none is given. Raises ``InvalidError``."""
    found = {name: given.get(name) or colour for name, colour in DEFAULTS.items()}
    for name, colour in found.items():
        if _HEX.fullmatch(colour) is None:
            raise InvalidError.field(f"?{name}", "write a colour such as #0a5f73")
    return found


def pairs(colours: Mapping[str, str]) -> list[Pair]:
    """Return every pair that meets in the widget."""
    # rounded down: 4.496 is not 4.5
    return [
        Pair(words, int(contrast(colours[one], colours[other]) * 100) / 100, least)
        for one, other, words, least in _PAIRS
    ]


_DRAWN = Markup(
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 220" font-family="system-ui, sans-serif" font-size="14">
<rect width="360" height="220" fill="#fff"/>
<rect x="10" y="10" width="340" height="150" rx="8" fill="{surface}" stroke="{accent}"/>
<text x="26" y="40" font-size="17" font-weight="600" fill="{text}">How we use AI</text>
<text x="26" y="75" fill="{text}">Answers in the chat</text>
<rect x="286" y="58" width="46" height="24" rx="12" fill="{accent}"/><circle cx="320" cy="70" r="8" fill="{on_accent}"/>
<rect x="26" y="104" width="150" height="36" rx="8" fill="{accent}"/>
<text x="101" y="127" text-anchor="middle" fill="{on_accent}">Talk to a person</text>
<rect x="10" y="176" width="130" height="34" rx="17" fill="{accent}"/>
<text x="75" y="198" text-anchor="middle" fill="{on_accent}">How we use AI</text></svg>
"""
)


def drawn(colours: Mapping[str, str]) -> str:
    """Return a drawing of the widget in these colours (SVG)."""
    return _DRAWN.format(**{name.replace("-", "_"): colour for name, colour in colours.items()})


def style(colours: Mapping[str, str]) -> str:
    """Return the rule a site's own style sheet needs; nothing where all are the widget's own."""
    own = [f"  --candor-{name}: {colour};" for name, colour in colours.items() if colour != DEFAULTS[name]]
    return "\n".join(["candor-widget {", *own, "}"]) if own else ""
