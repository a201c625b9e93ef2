"""Whom a person can complain to: the authority of where she lives (GDPR Art. 77), or the one the controller named."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from explanations.requests.terms import Terms


@cache
def _known() -> Mapping[str, str]:
    document = tomllib.loads((files(__package__) / "authorities.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = document["authority"]
    return found


def of(terms: Terms, place: str | None) -> str:
    """Return the authority's name and page for a residence; an empty text where nobody knows it.

    The controller's own holds for everybody unless the settings say where the controller's people live: then whoever
    lives elsewhere gets the authority there.
    """
    country = (place or "").partition("-")[0]
    there = _known().get(place or "") or _known().get(country, "")
    at_home = terms.place is None or country == terms.place.partition("-")[0]
    return (terms.authority or there) if at_home or not country else (there or terms.authority)
